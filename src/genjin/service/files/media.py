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
from genjin.errors import DiskFull
from genjin.service.files.media_reader import EXIT_NO_ROOM
from genjin.service.files.media_types import HEAD, other_type, picture_format, sound_format

log = structlog.get_logger("genjin.files")

PATIENCE = 90
"""Seconds that a decoder may take."""
_READERS = threading.BoundedSemaphore(2)
"""Each may want a processor and a gigabyte for itself."""
_NOT_TOLD = ("GENJIN_", "AWS_")
"""What a decoder need not know of our environment."""


@dataclass(frozen=True, slots=True)
class Media:
    """What a file is. `variant` is which one was made of it, THUMBNAIL or MP3; empty for none."""

    kind: FileKind
    content_type: str
    seconds: int | None = None
    waveform: bytes | None = None
    variant: str = ""


def examine(path: Path, name: str, variant: Path) -> Media:
    """Look into a file. `name` only helps to tell types apart that nobody opens; a variant is made at `variant`.

    What cannot be decoded to its end - a picture that is cut off, too large, or none - is a plain file.
    Raises DiskFull.
    """
    with path.open("rb") as file:
        head = file.read(HEAD)
    kind, format_ = FileKind.PICTURE, picture_format(head)
    if format_ is None:
        kind, format_ = FileKind.RECORDING, sound_format(head)
    found = _read(kind, format_, str(path), str(variant)) if format_ else None
    if found is None:
        variant.unlink(missing_ok=True)
        return Media(FileKind.FILE, other_type(head, name))
    return Media(
        kind=FileKind.FILE if found.get("is_film") else kind,
        content_type=found["content_type"],
        seconds=found.get("seconds"),
        waveform=bytes.fromhex(found["waveform"]) if "waveform" in found else None,
        variant=found.get("variant", ""),
    )


def _read(kind: FileKind, form: str, source: str, variant: str) -> dict[str, Any] | None:
    """What the reader tells; None when it fails. Raises DiskFull."""
    what = "picture" if kind is FileKind.PICTURE else "sound"
    command = [sys.executable, "-P", "-m", "genjin.service.files.media_reader", what, form, source, variant]
    environment = {name: value for name, value in os.environ.items() if not name.startswith(_NOT_TOLD)}
    with _READERS:
        try:
            done = subprocess.run(
                command,
                env=environment,
                stdin=subprocess.DEVNULL,
                capture_output=True,
                timeout=PATIENCE,
                check=True,
                process_group=0,  # Ctrl-C is for us: a decoder that it ended would be taken for one that failed
            )
            found: dict[str, Any] = json.loads(done.stdout)
        except subprocess.CalledProcessError as error:
            if error.returncode == EXIT_NO_ROOM:
                raise DiskFull("files") from error
            told = error.stderr.decode(errors="replace").strip().splitlines()
            log.info("undecodable", what=what, form=form, why=told[-1] if told else error.returncode)
            return None
        except (subprocess.TimeoutExpired, ValueError) as error:
            log.warning("undecodable", what=what, form=form, why=type(error).__name__)
            return None
    return found
