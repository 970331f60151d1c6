"""Decodes one picture or recording, as a program of its own: `python -m genjin.service.media_reader`.

The bytes come from strangers. A decoder that crashes, or wants all memory or all time, takes this process with it
and no other; and its libraries are in no memory but this one's. It tells what it found as one line of JSON.
"""

import json
import os
import sys
import warnings
from array import array
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path
from typing import Any

from genjin.domain.attachment import PEAKS
from genjin.service.media_types import FILMS, PICTURES, SOUNDS

MOST_MEMORY = 1_536 * 1024 * 1024
"""Bytes of address space, libraries included."""
MOST_SECONDS = 20
"""Of the processor's time."""
MOST_PIXELS = 64_000_000
THUMBNAIL = 480
"""Pixels of the longer side."""
HEARD_SECONDS = 2 * 3600
"""A longer recording has no waveform: hearing all of it takes too long."""
RATE = 8000
"""Samples a second that are listened to."""
_SLICE = RATE // 10
_EXIF_ORIENTATION = 0x0112


def main() -> None:
    """`picture FORMAT SOURCE THUMBNAIL` or `sound FORMAT SOURCE`. A failure is told by the exit code."""
    _limit()
    what, format_, source = sys.argv[1:4]
    found = read_picture(Path(source), format_, Path(sys.argv[4])) if what == "picture" else read_sound(source, format_)
    sys.stdout.write(json.dumps(found))


def read_picture(source: Path, format_: str, thumbnail: Path) -> dict[str, Any]:
    """Make a thumbnail, upright, without what a camera tells of the place. Raises what Pillow does."""
    from PIL import Image, ImageOps

    Image.MAX_IMAGE_PIXELS = MOST_PIXELS
    warnings.simplefilter("error", Image.DecompressionBombWarning)
    with Image.open(source, formats=[format_]) as image:
        orientation = image.getexif().get(_EXIF_ORIENTATION)
        image.thumbnail((THUMBNAIL, THUMBNAIL))
        small = image.convert("RGBA") if image.has_transparency_data else image.convert("RGB")
    small.getexif()[_EXIF_ORIENTATION] = orientation or 1
    small = ImageOps.exif_transpose(small)
    if small.mode == "RGBA":
        paper = Image.new("RGB", small.size, "white")
        paper.paste(small, mask=small.getchannel("A"))
        small = paper
    with thumbnail.open("xb") as file:
        small.save(file, "JPEG", quality=82, optimize=True)
        file.flush()
        os.fsync(file.fileno())
    return {"content_type": PICTURES[format_]}


def read_sound(source: str, format_: str) -> dict[str, Any]:
    """Tell the content type, the seconds and, of a recording, its waveform. Raises what PyAV does."""
    import av

    with av.open(source, format=format_) as container:
        film = [stream for stream in container.streams.video if "attached_pic" not in str(stream.disposition)]
        if film or not container.streams.audio:
            seconds = container.duration / av.time_base if container.duration else None
            return {"content_type": FILMS[format_], "seconds": _rounded(seconds), "is_film": True}
        told = container.duration / av.time_base if container.duration else 0.0
        if told > HEARD_SECONDS:
            return {"content_type": SOUNDS[format_], "seconds": _rounded(told)}
        slices, samples = _listen(container)
    if samples == 0:
        raise ValueError("there is nothing to hear")
    whole = samples <= HEARD_SECONDS * RATE
    seconds = samples / RATE if whole else told or None
    return {
        "content_type": SOUNDS[format_],
        "seconds": _rounded(seconds),
        "waveform": peaks(slices).hex() if whole else None,
    }


def peaks(slices: list[int]) -> bytes:
    """PEAKS values from 0 to 255 out of the loudest sample of each slice; the scale is the full one, not the own."""
    count = len(slices)
    spans = ((count * n // PEAKS, max(count * (n + 1) // PEAKS, count * n // PEAKS + 1)) for n in range(PEAKS))
    return bytes(min(255, max(slices[start:end]) * 255 // 32767) for start, end in spans)


def _listen(container: Any) -> tuple[list[int], int]:
    """The loudest sample of each tenth of a second, and how many samples there are, up to what is listened to."""
    import av

    resampler = av.AudioResampler(format="s16", layout="mono", rate=RATE)
    heard, samples, left = list[int](), 0, array("h")
    for frame in _until_it_breaks(container):
        for part in resampler.resample(frame):
            left.frombytes(bytes(part.planes[0])[: part.samples * 2])
        samples += len(left) - len(left) % _SLICE
        while len(left) >= _SLICE:
            heard.append(_loudest(left[:_SLICE]))
            del left[:_SLICE]
        if samples > HEARD_SECONDS * RATE:
            break
    for part in resampler.resample(None):
        left.frombytes(bytes(part.planes[0])[: part.samples * 2])
    if left:
        heard.append(_loudest(left))
    return heard, samples + len(left)


def _until_it_breaks(container: Any) -> Iterator[Any]:
    """The frames up to what cannot be decoded any more: a recording that was cut off is one as far as it goes."""
    import av

    with suppress(av.error.FFmpegError):
        yield from container.decode(audio=0)


def _loudest(some: "array[int]") -> int:
    return max(max(some), -min(some))


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
