"""Reads a multipart body with one file in it as it comes: the fields into memory, the file to where it is written."""

import re
from collections.abc import AsyncIterator, Callable
from dataclasses import dataclass
from typing import Protocol, TypeVar
from urllib.parse import unquote_to_bytes

from python_multipart import MultipartParser
from python_multipart.exceptions import FormParserError
from python_multipart.multipart import parse_options_header
from starlette.concurrency import run_in_threadpool

from genjin.errors import Invalid
from genjin.wire.params import Params, parse_pairs

T = TypeVar("T")

CHUNK = 262_144
"""Bytes that are written at a time."""
MOST_FIELDS = 256
_EXTENDED = re.compile(rb"filename\*\s*=\s*([\w-]+)'[\w-]*'([^;\s]+)", re.IGNORECASE)
_QUOTED = re.compile(rb'"(?:\\.|[^"\\])*"')
_ESCAPED = {"%22": '"', "%0D": "\r", "%0A": "\n"}
"""What browsers write for these characters within a name."""


class Sink(Protocol):
    """Takes the bytes of the file."""

    size: int

    def write(self, data: bytes) -> None: ...


@dataclass(frozen=True)
class Limits:
    """In bytes."""

    file: int
    fields: int


@dataclass
class Part:
    """One part, while it is read. `file_name` is None for a field."""

    name: str = ""
    file_name: str | None = None
    value: bytes = b""


async def read_file(
    body: AsyncIterator[bytes],
    content_type: str,
    sink: Sink,
    limits: Limits,
    admit: Callable[[Params], T],
) -> tuple[T, Params, str]:
    """Write the body's one file to `sink`. Returns what `admit` said, the fields, and the file's name.

    `admit` is asked with the fields that stand before the file, and nothing of the file is kept before it has
    answered; it may refuse by raising. Raises Invalid for what is no such body, or too large.
    """
    reader = _Reader(_boundary(content_type), limits)
    admitted: list[T] = []
    async for chunk in body:
        waiting = reader.feed(chunk)
        if reader.file_name is not None and not admitted:
            admitted.append(await run_in_threadpool(admit, parse_pairs(reader.before_file)))
        if waiting and sink.size + len(waiting) > limits.file:
            raise Invalid({"file": [f"不能超过{limits.file}字节"]})
        if len(waiting) >= CHUNK:
            await run_in_threadpool(sink.write, reader.taken())
    reader.end()
    params = parse_pairs(reader.fields)
    if reader.file_name is None:
        await run_in_threadpool(admit, params)  # who may not upload at all is told that first
        raise Invalid({"file": ["不能为空"]})
    await run_in_threadpool(sink.write, reader.taken())
    return admitted[0], params, reader.file_name


class _Reader:
    """The callbacks of the parser. What came of the file and was not taken yet waits here."""

    def __init__(self, boundary: bytes, limits: Limits) -> None:
        self.fields: list[tuple[str, str]] = []
        self.before_file: list[tuple[str, str]] = []
        self.file_name: str | None = None
        self._part, self._header, self._value = Part(), b"", b""
        self._waiting = bytearray()
        self._field_bytes, self._limits, self._ended = 0, limits, False
        try:
            self._parser = MultipartParser(
                boundary,
                {
                    "on_part_begin": self._begin,
                    "on_header_field": self._on_header,
                    "on_header_value": self._on_value,
                    "on_header_end": self._end_header,
                    "on_headers_finished": self._decide,
                    "on_part_data": self._on_data,
                    "on_part_end": self._end_part,
                    "on_end": self._on_end,
                },
            )
        except FormParserError as error:  # the boundary is too long
            raise _unreadable() from error

    def feed(self, chunk: bytes) -> bytearray:
        """Read on. Returns what waits of the file."""
        try:
            self._parser.write(chunk)
        except FormParserError as error:
            raise _unreadable() from error
        return self._waiting

    def taken(self) -> bytes:
        """What waits of the file; it waits no longer."""
        data, self._waiting = bytes(self._waiting), bytearray()
        return data

    def end(self) -> None:
        """Raises Invalid when the body ended too early: a file that is cut off is not kept."""
        if not self._ended:
            raise _unreadable()

    def _begin(self) -> None:
        self._part = Part()
        if len(self.fields) >= MOST_FIELDS:
            raise Invalid({"params": ["参数过多"]})

    def _on_header(self, data: bytes, start: int, end: int) -> None:
        self._header += data[start:end]

    def _on_value(self, data: bytes, start: int, end: int) -> None:
        self._value += data[start:end]

    def _end_header(self) -> None:
        if self._header.lower() == b"content-disposition":
            _, options = parse_options_header(self._value)
            self._part.name = _decoded(options.get(b"name", b""))
            if extended := _EXTENDED.search(_QUOTED.sub(b"", self._value)):
                self._part.file_name = _decoded(unquote_to_bytes(extended[2]), extended[1].decode())
            elif b"filename" in options:
                self._part.file_name = _decoded(options[b"filename"])
        self._header = self._value = b""

    def _decide(self) -> None:
        part = self._part
        if part.file_name is None and part.name in ("file", "file[]"):
            part.file_name = ""
        if part.file_name is None:
            return
        if self.file_name is not None:
            raise Invalid({"file": ["一次只能上传一个文件"]})
        self.file_name, self.before_file = part.file_name, list(self.fields)

    def _on_data(self, data: bytes, start: int, end: int) -> None:
        if self._part.file_name is not None:
            self._waiting += data[start:end]
            return
        self._field_bytes += end - start
        if self._field_bytes > self._limits.fields:
            raise Invalid({"body": [f"不能超过{self._limits.fields}字节"]})
        self._part.value += data[start:end]

    def _end_part(self) -> None:
        if self._part.file_name is None:
            try:
                self.fields.append((self._part.name, self._part.value.decode()))
            except UnicodeDecodeError as error:
                raise Invalid({self._part.name[:100] or "body": ["不是有效的UTF-8"]}) from error

    def _on_end(self) -> None:
        self._ended = True


def _boundary(content_type: str) -> bytes:
    kind, options = parse_options_header(content_type)
    if kind != b"multipart/form-data" or not options.get(b"boundary"):
        raise Invalid({"file": ["请以multipart/form-data上传"]})
    return options[b"boundary"]


def _decoded(name: bytes, charset: str = "utf-8") -> str:
    """A name as UTF-8, or as what older programs of China send."""
    for each in (charset, "utf-8", "gb18030"):
        try:
            text = name.decode(each)
        except (UnicodeDecodeError, LookupError):
            continue
        for escape, character in _ESCAPED.items():
            text = text.replace(escape, character)
        return text
    return name.decode("latin-1")


def _unreadable() -> Invalid:
    return Invalid({"body": ["不是有效的multipart"]})
