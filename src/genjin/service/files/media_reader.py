"""Decodes one picture or recording, as a program of its own: `python -m genjin.service.files.media_reader`.

The bytes come from strangers. A decoder that crashes, or wants all memory or all time, takes this process with it
and no other; and its libraries are in no memory but this one's. It tells what it found as one line of JSON.
"""

import json
import os
import sys
import warnings
from array import array
from collections.abc import Iterator
from contextlib import nullcontext, suppress
from pathlib import Path
from typing import Any

from genjin.domain.attachment import MP3, NOT_PLAYED, PEAKS, THUMBNAIL
from genjin.service.files.media_types import FILMS, PICTURES, PLAYED, SOUNDS, UNPLAYED_SOUNDS
from genjin.store.blob_files import NO_ROOM

EXIT_NO_ROOM = 75
"""The exit code that tells of a full disk, which says nothing of what was to be decoded."""

MOST_MEMORY = 1_536 * 1024 * 1024
"""Bytes of address space, libraries included."""
MOST_SECONDS = 60
"""Of the processor's time."""
MOST_PIXELS = 64_000_000
THUMBNAIL_PIXELS = 480
"""Of the longer side."""
HEARD_SECONDS = 2 * 3600
"""A longer recording has no waveform: hearing all of it takes too long."""
CONVERTED_SECONDS = 1800
"""A longer one that no browser plays is not converted, nor heard: that takes longer still."""
MP3_BITS = 32_000
"""A second."""
RATE = 8000
"""Samples a second that are listened to."""
_SLICE = RATE // 10
_EXIF_ORIENTATION = 0x0112


def main() -> None:
    """`picture FORMAT SOURCE THUMBNAIL` or `sound FORMAT SOURCE MP3`. A failure is told by the exit code."""
    _limit()
    what, format_, source, variant = sys.argv[1:]
    read = read_picture if what == "picture" else read_sound
    try:
        found = read(Path(source), format_, Path(variant))
    except OSError as error:
        if error.errno in NO_ROOM:
            sys.exit(EXIT_NO_ROOM)
        raise
    sys.stdout.write(json.dumps(found))


def read_picture(source: Path, format_: str, thumbnail: Path) -> dict[str, Any]:
    """Make a thumbnail, upright, without what a camera tells of the place. Raises what Pillow does."""
    from PIL import Image, ImageOps

    Image.MAX_IMAGE_PIXELS = MOST_PIXELS
    warnings.simplefilter("error", Image.DecompressionBombWarning)
    with Image.open(source, formats=[format_]) as image:
        orientation = image.getexif().get(_EXIF_ORIENTATION)
        image.thumbnail((THUMBNAIL_PIXELS, THUMBNAIL_PIXELS))
        small = image.convert("RGBA") if image.has_transparency_data else image.convert("RGB")
    small.getexif()[_EXIF_ORIENTATION] = orientation or 1
    small = ImageOps.exif_transpose(small)
    if small.mode == "RGBA":
        paper = Image.new("RGB", small.size, "white")
        paper.paste(small, mask=small.getchannel("A"))
        small = paper
    with thumbnail.open("xb") as file:
        small.save(file, "JPEG", quality=82, optimize=True)
    _sync(thumbnail)
    return {"content_type": PICTURES[format_], "variant": THUMBNAIL}


def read_sound(source: Path, format_: str, mp3: Path) -> dict[str, Any]:
    """Tell the content type, the seconds and, of a recording, its waveform; convert one that no browser plays.

    Raises what PyAV does.
    """
    import av

    with av.open(str(source), format=format_) as container:
        seconds = container.duration / av.time_base if container.duration else None
        film = [stream for stream in container.streams.video if "attached_pic" not in str(stream.disposition)]
        if film or not container.streams.audio:
            return {"content_type": FILMS[format_], "seconds": _rounded(seconds), "is_film": True}
        is_played = container.streams.audio[0].codec_context.codec.canonical_name in PLAYED
        found = {"content_type": SOUNDS[format_] if is_played else UNPLAYED_SOUNDS.get(format_, SOUNDS[format_])}
        is_converted = found["content_type"] in NOT_PLAYED
        most = CONVERTED_SECONDS if is_converted else HEARD_SECONDS
        if seconds is not None and seconds > most:
            return found | {"seconds": _rounded(seconds)}
        with Mp3(mp3) if is_converted else nullcontext() as writer:
            slices, samples = _listen(container, most, writer)
    if samples == 0:
        raise ValueError("there is nothing to hear")
    if samples > most * RATE:
        mp3.unlink(missing_ok=True)
        return found | {"seconds": _rounded(seconds)}
    if is_converted:
        _sync(mp3)
        found["variant"] = MP3
    return found | {"seconds": _rounded(samples / RATE), "waveform": peaks(slices).hex()}


def peaks(slices: list[int]) -> bytes:
    """PEAKS values from 0 to 255 out of the loudest sample of each slice; the scale is the full one, not the own."""
    count = len(slices)
    spans = ((count * n // PEAKS, max(count * (n + 1) // PEAKS, count * n // PEAKS + 1)) for n in range(PEAKS))
    return bytes(min(255, max(slices[start:end]) * 255 // 32767) for start, end in spans)


class Mp3:
    """Writes what is heard into an mp3 file."""

    def __init__(self, path: Path) -> None:
        import av

        self._container = av.open(str(path), "w", format="mp3")
        self._stream = self._container.add_stream("libmp3lame", rate=RATE)
        self._stream.bit_rate, self._stream.layout = MP3_BITS, "mono"

    def __enter__(self) -> "Mp3":
        return self

    def __exit__(self, *_: object) -> None:
        self._container.mux(self._stream.encode(None))
        self._container.close()

    def write(self, part: Any) -> None:
        """Add a frame of RATE samples a second."""
        self._container.mux(self._stream.encode(part))


def _listen(container: Any, most: int, writer: Mp3 | None) -> tuple[list[int], int]:
    """The loudest sample of each tenth of a second, and how many samples there are, up to what is listened to."""
    heard, samples, left = list[int](), 0, array("h")
    for part in _resampled(container):
        if writer is not None:
            writer.write(part)
        left.frombytes(bytes(part.planes[0])[: part.samples * 2])
        samples += part.samples
        while len(left) >= _SLICE:
            heard.append(_loudest(left[:_SLICE]))
            del left[:_SLICE]
        if samples > most * RATE:
            break
    if left:
        heard.append(_loudest(left))
    return heard, samples


def _resampled(container: Any) -> Iterator[Any]:
    """The frames as mono of RATE samples a second."""
    import av

    resampler = av.AudioResampler(format="s16", layout="mono", rate=RATE)
    for frame in _until_it_breaks(container):
        yield from resampler.resample(frame)
    yield from resampler.resample(None)


def _until_it_breaks(container: Any) -> Iterator[Any]:
    """The frames up to what cannot be decoded any more: a recording that was cut off is one as far as it goes."""
    import av

    with suppress(av.error.FFmpegError):
        yield from container.decode(audio=0)


def _loudest(some: "array[int]") -> int:
    return max(max(some), -min(some))


def _sync(path: Path) -> None:
    with path.open("rb") as file:
        os.fsync(file.fileno())


def _rounded(seconds: float | None) -> int | None:
    return None if seconds is None else max(1, round(seconds))


def _limit() -> None:
    try:
        import resource
    except ImportError:
        return  # Windows has no such limits
    resource.setrlimit(resource.RLIMIT_AS, (MOST_MEMORY, MOST_MEMORY))
    resource.setrlimit(resource.RLIMIT_CPU, (MOST_SECONDS, MOST_SECONDS))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))


if __name__ == "__main__":
    main()
