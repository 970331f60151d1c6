"""What it costs to compress an answer, and what it saves: both codings, at the levels that are cheap."""

import gzip
from collections.abc import Callable, Iterator
from statistics import median
from time import perf_counter_ns

from genjin.api.compression import zstd

WAYS: dict[str, Callable[[bytes], bytes]] = {
    "gzip, level 1": lambda body: gzip.compress(body, 1),
    "zstd, level 1": lambda body: zstd.compress(body, 1),
    "zstd, level 2": lambda body: zstd.compress(body, 2),
    "zstd, level 3": lambda body: zstd.compress(body, 3),
}


def weigh(body: bytes, times: int) -> Iterator[str]:
    """Lines of a table: bytes that are left, and microseconds that it takes, of `times` in turns."""
    took: dict[str, list[int]] = {title: [] for title in WAYS}
    for _ in range(times):
        for title, way in WAYS.items():
            begun = perf_counter_ns()
            way(body)
            took[title].append(perf_counter_ns() - begun)
    yield f"{f'compressing a page of {len(body):,} bytes':46} bytes  to plain  median us  lowest tenth"
    for title, way in WAYS.items():
        size, some = len(way(body)), sorted(took[title])
        tenth = some[len(some) // 10]
        yield f"  {title:42}{size:8,}{size / len(body):10.3f}{median(some) / 1000:11.1f}{tenth / 1000:14.1f}"
