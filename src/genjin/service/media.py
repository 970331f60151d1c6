"""Examines what was uploaded: its true type, how long it sounds, its waveform and its thumbnail."""

import json
import os
import subprocess
import sys
import threading
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import structlog

from genjin.domain.attachment import FileKind
from genjin.service.media_types import HEAD, other_type, picture_format, sound_format

log = structlog.get_logger("genjin.files")

PATIENCE = 25
"""Seconds that a decoder may take, waiting included."""
_READERS = threading.BoundedSemaphore(2)
"""Each may want a processor and a gigabyte for itself."""
_NOT_TOLD = ("GENJIN_", "AWS_")
"""What a decoder need not know of our environment."""


@dataclass(frozen=True, slots=True)
class Media:
    """What a file is. `has_thumbnail` tells whether one lies where it was asked for."""

    kind: FileKind
    content_type: str
    seconds: int | None = None
    waveform: bytes | None = None
    has_thumbnail: bool = False


def examine(path: Path, name: str, thumbnail: Path) -> Media:
    """Look into a file. `name` only helps to tell types apart that nobody opens; a thumbnail goes to `thumbnail`.

    What cannot be decoded to its end - a picture that is cut off, too large, or none - is a plain file.
    """
    with path.open("rb") as file:
        head = file.read(HEAD)
    if format_ := picture_format(head):
        found = _read("picture", format_, str(path), str(thumbnail))
        if found is not None:
            return Media(FileKind.PICTURE, found["content_type"], has_thumbnail=True)
        thumbnail.unlink(missing_ok=True)
    elif format_ := sound_format(head):
        found = _read("sound", format_, str(path))
        if found is not None:
            kind = FileKind.FILE if found.get("is_film") else FileKind.RECORDING
            waveform = bytes.fromhex(found["waveform"]) if found.get("waveform") else None
            return Media(kind, found["content_type"], found["seconds"], waveform)
    return Media(FileKind.FILE, other_type(head, name))


def _read(*arguments: str) -> dict[str, Any] | None:
    """What the reader tells; None when it fails."""
    command = [sys.executable, "-P", "-m", "genjin.service.media_reader", *arguments]
    environment = {name: value for name, value in os.environ.items() if not name.startswith(_NOT_TOLD)}
    with _READERS:
        try:
            done = subprocess.run(
                command, env=environment, stdin=subprocess.DEVNULL, capture_output=True, timeout=PATIENCE, check=True
            )
            found: dict[str, Any] = json.loads(done.stdout)
        except subprocess.CalledProcessError as error:
            told = error.stderr.decode(errors="replace").strip().splitlines()
            log.info("undecodable", what=arguments[0], form=arguments[1], why=told[-1] if told else error.returncode)
            return None
        except (subprocess.TimeoutExpired, ValueError) as error:
            log.warning("undecodable", what=arguments[0], form=arguments[1], why=type(error).__name__)
            return None
    return found
