"""Small files of every sort, made on the spot: pictures, recordings, and what only pretends to be one."""

import io
import math
import tempfile
import zlib
from array import array
from functools import cache
from pathlib import Path

import av
from PIL import Image

ORIENTATION = 0x0112
CODECS = {
    "wav": "pcm_s16le",
    "mp3": "libmp3lame",
    "m4a": "aac",
    "ogg": "libopus",
    "flac": "flac",
    "webm": "libopus",
    "amr": "libopencore_amrnb",
    "aac": "aac",
    "3gp": "libopencore_amrnb",
    "adpcm.wav": "adpcm_ms",
}
FORMATS = {"m4a": "ipod", "aac": "adts", "3gp": "3gp"}
HTML = b"<!DOCTYPE html><html><script>alert(document.cookie)</script></html>"
SVG = b'<svg xmlns="http://www.w3.org/2000/svg"><script>alert(1)</script></svg>'
PDF = b"%PDF-1.7\n%\xe2\xe3\xcf\xd3\n1 0 obj\n<<>>\nendobj\n"


@cache
def picture(form: str = "PNG", width: int = 60, height: int = 40, orientation: int = 1, mode: str = "RGB") -> bytes:
    """A picture whose left half is red and whose right half is blue."""
    image = Image.new(mode, (width, height), "red")
    image.paste("blue", (width // 2, 0, width, height))
    exif = Image.Exif()
    exif[ORIENTATION] = orientation
    file = io.BytesIO()
    image.save(file, form, **({"exif": exif} if orientation != 1 else {}))
    return file.getvalue()


@cache
def recording(form: str = "wav", seconds: float = 3.0, rate: int = 8000) -> bytes:
    """A tone that is silent in its first half and loud in its second."""
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder, f"tone.{form}")
        with av.open(path, "w", format=FORMATS.get(form)) as container:
            stream = container.add_stream(CODECS[form], rate=rate)
            assert isinstance(stream, av.AudioStream)
            stream.layout = "mono"
            for start in range(0, int(seconds * rate), 1024):
                frame = av.AudioFrame(format="s16", layout="mono", samples=1024)
                frame.planes[0].update(_tone(start, seconds * rate / 2).tobytes())
                frame.sample_rate, frame.pts = rate, start
                container.mux(stream.encode(frame))
            container.mux(stream.encode(None))
        return path.read_bytes()


@cache
def film(seconds: int = 1) -> bytes:
    """A few grey frames as mp4."""
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder, "film.mp4")
        with av.open(path, "w") as container:
            stream = container.add_stream("mpeg4", rate=10)
            stream.width, stream.height, stream.pix_fmt = 64, 48, "yuv420p"
            for number in range(10 * seconds):
                frame = av.VideoFrame(64, 48, "yuv420p")
                frame.pts = number
                container.mux(stream.encode(frame))
            container.mux(stream.encode(None))
        return path.read_bytes()


@cache
def bomb(side: int = 20_000) -> bytes:
    """A PNG of a few hundred kilobytes that wants to be 400 million pixels."""

    def chunk(name: bytes, data: bytes) -> bytes:
        return len(data).to_bytes(4) + name + data + zlib.crc32(name + data).to_bytes(4)

    head = side.to_bytes(4) * 2 + bytes([8, 0, 0, 0, 0])
    rows = zlib.compress(bytes(side + 1) * side, 9)
    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", head) + chunk(b"IDAT", rows) + chunk(b"IEND", b"")


def _tone(start: int, loud_from: float) -> "array[int]":
    return array("h", (int(30_000 * math.sin(n * 0.4)) if n >= loud_from else 0 for n in range(start, start + 1024)))
