"""The archive that an export of everything is: a tar of lines and of files, written and read in one go.

A tar, because any tool opens it, one file is easily moved, and it streams in both directions: lines are collected into
members of a few megabytes, since a member's size stands before it, and files follow one by one with theirs. Nothing
in it depends on when, where or by whom it was made. Only plain members of known names are read, and no name of one ever
becomes a path.
"""

import gzip
import hashlib
import os
import re
import sys
import tarfile
from collections.abc import Callable, Iterable, Iterator
from contextlib import AbstractContextManager, ExitStack, contextmanager, nullcontext
from pathlib import Path
from tempfile import mkstemp
from typing import BinaryIO, NamedTuple, cast

from genjin.errors import ImportRefused, Invalid, Problem, StoreUnavailable
from genjin.store.folder import sync_folder

if sys.version_info >= (3, 14):
    from compression import zstd as zstd
else:
    from backports import zstd as zstd

FORMAT, NUMBER = "genjin everything", 1
"""What the first line names; the number grows when an older Genjin could not read it rightly any more."""
MISSING = "missing"
"""The key of a file's line whose bytes are not there."""
ENDINGS = (".tar", ".tar.gz", ".tar.zst")
CHUNK = 262_144
MAX_LINE = 64_000_000
"""Bytes; longer ones are refused."""
PART = 4_000_000
"""So many bytes of lines, about, become a member."""
LINES = re.compile(r"everything/\d{6,}\.ndjson", re.ASCII)
FILE = re.compile(r"files/([0-9a-f]{64})(?:\.([a-z0-9]{1,16}))?", re.ASCII)
_BLOCK = 512


@contextmanager
def written_to(path: Path | None) -> Iterator["Archive"]:
    """An archive that is written to a file, which is there when it is whole, for its owner alone; or, without a path,
    to standard output. Raises Invalid for a path of another ending, or that is taken; StoreUnavailable.
    """
    with ExitStack() as stack:
        if path is None:
            yield Archive(sys.stdout.buffer)
            sys.stdout.buffer.flush()
            return
        if not path.name.endswith(ENDINGS):
            raise Invalid({"FILE": [f"let its name end with one of {', '.join(ENDINGS)}"]})
        if path.exists():
            raise Invalid({"FILE": [f"{path} is there already"]})
        try:
            descriptor, name = mkstemp(".part", f"{path.name}.", path.parent)  # which nobody else may read
            part = Path(name)
            stack.callback(part.unlink, missing_ok=True)
            with os.fdopen(descriptor, "wb") as raw:
                with _compressed(raw, path.name) as stream:
                    yield Archive(stream)
                raw.flush()
                os.fsync(raw.fileno())
            part.replace(path)
            sync_folder(path.parent)
        except OSError as error:
            raise StoreUnavailable(f"cannot write {path}: {error}") from error


def _compressed(raw: BinaryIO, name: str) -> AbstractContextManager[BinaryIO]:
    if name.endswith(".gz"):
        return cast("AbstractContextManager[BinaryIO]", gzip.GzipFile("", "wb", 6, raw, mtime=0))
    if name.endswith(".zst"):
        return cast("AbstractContextManager[BinaryIO]", zstd.ZstdFile(raw, "wb", level=3))
    return nullcontext(raw)


class Archive:
    """Takes lines and files, in the order in which they are to be read. `ends_with` writes what has to be last."""

    def __init__(self, stream: BinaryIO) -> None:
        self._stream, self._part, self._size, self._parts = stream, list[bytes](), 0, 0
        self._hash = hashlib.sha256()

    def add_line(self, line: bytes) -> None:
        """A line without its end."""
        line += b"\n"
        self._hash.update(line)
        self._part.append(line)
        self._size += len(line)
        if self._size >= PART:
            self.close_part()

    def add_file(self, digest: str, variant: str, size: int, chunks: Iterable[bytes]) -> None:
        """A file of just so many bytes, which stands behind the lines so far. Raises StoreUnavailable for others."""
        self.close_part()
        self._add(f"files/{digest}" + (f".{variant}" if variant else ""), size, chunks)

    @property
    def sha256(self) -> str:
        """The digest of all lines so far, with their ends."""
        return self._hash.hexdigest()

    def close_part(self) -> None:
        """Make a member of the lines that are not in one."""
        if self._part:
            self._add(f"everything/{self._parts:06}.ndjson", self._size, self._part)
            self._part, self._size, self._parts = [], 0, self._parts + 1

    def close(self) -> None:
        """Write the end of the archive."""
        self.close_part()
        self._stream.write(bytes(2 * _BLOCK))

    def _add(self, name: str, size: int, chunks: Iterable[bytes]) -> None:
        info = tarfile.TarInfo(name)
        info.size = size
        self._stream.write(info.tobuf(tarfile.GNU_FORMAT))
        written = 0
        for chunk in chunks:
            self._stream.write(chunk)
            written += len(chunk)
        if written != size:
            raise StoreUnavailable(f"{name} has {written} bytes, not {size} any more: try again")
        self._stream.write(bytes(-size % _BLOCK))


class Member(NamedTuple):
    """One member; `chunks` are its bytes, which are skipped where nobody reads them."""

    name: str
    size: int
    chunks: Iterator[bytes]


def members(path: Path) -> Iterator[Member]:
    """The members of an archive, in order, compressed or not. Raises ImportRefused for what is none, or breaks off."""

    def refuse(why: str) -> ImportRefused:
        return ImportRefused([Problem(str(path), 1, "", why)])

    try:
        with path.open("rb") as raw, _expanded(raw) as stream:
            while True:
                header = stream.read(_BLOCK)
                if not header:
                    raise refuse("it breaks off: the end of the archive is missing")
                if header == bytes(_BLOCK):
                    return
                try:
                    info = tarfile.TarInfo.frombuf(header, "utf-8", "surrogateescape")
                except tarfile.HeaderError as error:
                    raise refuse(f"it is no tar archive, or a damaged one: {error}") from error
                if info.type != tarfile.REGTYPE or info.size < 0:
                    raise refuse(f"{info.name!r} is no plain member")
                left = _Left(stream, info.size, refuse)
                yield Member(info.name, info.size, iter(left))
                left.skip()
                stream.read(-info.size % _BLOCK)
    except (OSError, EOFError, zstd.ZstdError) as error:
        raise refuse(f"it cannot be read: {error}") from error


class _Left:
    """What is left of the member at hand."""

    def __init__(self, stream: BinaryIO, size: int, refuse: Callable[[str], ImportRefused]) -> None:
        self._stream, self._left, self._refuse = stream, size, refuse

    def __iter__(self) -> Iterator[bytes]:
        while self._left:
            chunk = self._stream.read(min(CHUNK, self._left))
            if not chunk:
                raise self._refuse("it breaks off within a member")
            self._left -= len(chunk)
            yield chunk

    def skip(self) -> None:
        for _ in self:
            pass


def _expanded(raw: BinaryIO) -> BinaryIO:
    begins = raw.read(4)
    raw.seek(0)
    if begins.startswith(b"\x1f\x8b"):
        return cast("BinaryIO", gzip.GzipFile(fileobj=raw))
    if begins == b"\x28\xb5\x2f\xfd":
        return cast("BinaryIO", zstd.ZstdFile(raw))
    return raw


def lines_of(chunks: Iterable[bytes]) -> Iterator[bytes]:
    """The lines of a member, without their ends; a longer one than MAX_LINE is given up to there, to be refused."""
    rest = b""
    for chunk in chunks:
        first, *others = chunk.split(b"\n")
        rest += first
        for line in others:
            yield rest
            rest = line
        if len(rest) > MAX_LINE:
            break
    if rest:
        yield rest
