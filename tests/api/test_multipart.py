"""The reader of multipart bodies: however a body is cut into pieces on its way, the same comes out."""

import asyncio
from collections.abc import AsyncIterator
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from genjin.api.multipart import CHUNK, Limits, read_file
from genjin.errors import Invalid
from genjin.wire.params import Params
from tests.api.uploading import multipart

LIMITS = Limits(file=1_000_000, fields=10_000)
WORDS = st.text(st.characters(exclude_categories=["Cs", "Cc"], exclude_characters='"\\%[]'), min_size=1, max_size=20)
FIELDS = st.lists(st.tuples(WORDS, WORDS), max_size=4)
CUTS = st.lists(st.integers(0), max_size=8)


class Sink:
    """Keeps what is written."""

    def __init__(self) -> None:
        self.data, self.size, self.largest = b"", 0, 0

    def write(self, data: bytes) -> None:
        self.data += data
        self.size += len(data)
        self.largest = max(self.largest, len(data))


def read(body: bytes, kind: str, cuts: list[int], limits: Limits = LIMITS) -> tuple[Sink, Params, Params, str]:
    """The sink, what was known before the file, all fields, the file's name."""

    async def pieces() -> AsyncIterator[bytes]:
        places = [0, *sorted({cut % (len(body) + 1) for cut in cuts}), len(body)]
        for start, end in pairwise(places):
            yield body[start:end]

    sink = Sink()
    admitted, fields, name = asyncio.run(read_file(pieces(), kind, sink, limits, lambda params: params))
    return sink, admitted, fields, name


@given(st.binary(max_size=500), WORDS, FIELDS, CUTS)
def test_a_body_is_read_alike_however_it_is_cut(
    data: bytes, name: str, fields: list[tuple[str, str]], cuts: list[int]
) -> None:
    data = data.replace(b"--edge", b"")
    parts = [(f'name="{key}"', value.encode()) for key, value in fields]
    body, headers = multipart(*parts, (f'name="upload"; filename="{name}"', data), ('name="after"', b"1"))
    sink, before, everything, told = read(body, headers["Content-Type"], cuts)
    assert (sink.data, sink.size, told) == (data, len(data), name)
    assert before == dict(fields)
    assert everything == before | {"after": "1"}


@given(st.binary(max_size=300), CUTS)
def test_whatever_comes_is_read_or_refused(noise: bytes, cuts: list[int]) -> None:
    try:
        read(noise, "multipart/form-data; boundary=edge", cuts)
    except Invalid as refused:
        assert refused.errors


def test_a_large_file_is_written_in_pieces() -> None:
    pieces = 40
    body, headers = multipart(('name="file"; filename="x"', bytes(900_000)))
    sink, *_ = read(body, headers["Content-Type"], [n * len(body) // pieces for n in range(pieces)])
    assert sink.size == 900_000
    assert sink.largest <= CHUNK + len(body) // pieces + 1


def test_what_is_too_large_is_refused_before_it_is_written() -> None:
    body, headers = multipart(('name="file"; filename="x"', bytes(1_000_001)))
    with pytest.raises(Invalid) as refused:
        read(body, headers["Content-Type"], [n * 1000 for n in range(1000)])
    assert refused.value.errors == {"file": ["不能超过1000000字节"]}
    body, headers = multipart(('name="note"', bytes(10_001)), ('name="file"; filename="x"', b"x"))
    with pytest.raises(Invalid) as refused:
        read(body, headers["Content-Type"], [])
    assert refused.value.errors == {"body": ["不能超过10000字节"]}


@pytest.mark.parametrize(
    "kind", ["", "text/plain", "multipart/form-data", "multipart/form-data; boundary=" + "x" * 300]
)
def test_a_body_of_another_type_is_refused(kind: str) -> None:
    with pytest.raises(Invalid):
        read(b"--edge--", kind, [])
