"""Small pictures and a recording for the made-up team, made on the spot: nothing of anybody else lies in the tree."""

import io
import math
import wave
from array import array
from random import Random

from PIL import Image, ImageDraw

_SIZE = (960, 640)
_RATE = 8000
"""Samples a second, as of a telephone."""


def meeting_room() -> bytes:
    """A room with a long table and a screen on the wall, as JPEG."""
    image = Image.new("RGB", _SIZE, "#e9e4da")
    draw = ImageDraw.Draw(image)
    draw.rectangle((0, 430, 960, 640), fill="#b9a88f")
    draw.rectangle((300, 90, 660, 300), fill="#20262e", outline="#0d1014", width=8)
    draw.rectangle((318, 108, 642, 282), fill="#3f7cac")
    draw.polygon(((180, 600), (780, 600), (640, 400), (320, 400)), fill="#7a4f2e")
    for x in (150, 215, 690, 755):
        draw.rounded_rectangle((x, 430, x + 60, 540), 12, fill="#2f3e46")
    return _jpeg(image)


def whiteboard() -> bytes:
    """A whiteboard with a bar chart, an arrow and some lines of writing, as JPEG."""
    image = Image.new("RGB", _SIZE, "#c9ced6")
    draw = ImageDraw.Draw(image)
    draw.rounded_rectangle((80, 60, 880, 580), 10, fill="#fdfdfb", outline="#8d99a6", width=10)
    for number, height in enumerate((90, 140, 120, 210, 260)):
        draw.rectangle((150 + number * 70, 500 - height, 190 + number * 70, 500), fill="#d1495b")
    draw.line(((140, 500), (520, 500)), fill="#22303c", width=6)
    for number, length in enumerate((220, 180, 250, 140)):
        draw.line(((580, 180 + number * 55), (580 + length, 180 + number * 55)), fill="#2b6cb0", width=7)
    draw.line(((580, 470), (780, 420), (760, 450), (780, 420), (748, 412)), fill="#2f855a", width=7)
    return _jpeg(image)


def conversation(rng: Random, seconds: int) -> bytes:
    """Two voices that hum in turn, with pauses, as WAV of a telephone's quality."""
    samples, voices, speaker = array("h"), (128.0, 205.0), 0
    while len(samples) < seconds * _RATE:
        samples.extend(_hum(voices[speaker], int(rng.uniform(0.7, 2.2) * _RATE), rng.uniform(0.5, 1.0)))
        samples.extend(array("h", bytes(2 * int(rng.uniform(0.15, 0.5) * _RATE))))
        speaker = 1 - speaker
    file = io.BytesIO()
    with wave.open(file, "wb") as sound:
        sound.setnchannels(1)
        sound.setsampwidth(2)
        sound.setframerate(_RATE)
        sound.writeframes(samples[: seconds * _RATE].tobytes())
    return file.getvalue()


def _hum(pitch: float, length: int, loudness: float) -> "array[int]":
    """A few syllables: a tone with an overtone that swells four times a second."""
    step, swell = 2 * math.pi * pitch / _RATE, 4 * math.pi / _RATE
    return array(
        "h",
        (
            int(9000 * loudness * abs(math.sin(n * swell)) * (math.sin(n * step) + 0.5 * math.sin(2 * n * step)))
            for n in range(length)
        ),
    )


def _jpeg(image: Image.Image) -> bytes:
    file = io.BytesIO()
    image.save(file, "JPEG", quality=80)
    return file.getvalue()
