"""The machine under the figures: which core runs what, what it is, and how fast its disk confirms a write."""

import os
import platform
import sqlite3
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from importlib.metadata import version
from pathlib import Path
from time import perf_counter

BLOCK = 4096
BLOCKS = 1024
LIBRARIES = (
    "genjin uvicorn uvloop httptools starlette fastapi pydantic sqlalchemy orjson psycopg"
    " django django-activity-stream gunicorn"
).split()


@dataclass(frozen=True)
class Cores:
    """One core for the server that is measured, another for what measures it; None where there is only one."""

    server: int | None
    load: int | None

    def __str__(self) -> str:
        if self.server is None:
            return "not pinned: server and load generator share what cores there are, so the figures are lower"
        return f"servers pinned to core {self.server}, load generator and PostgreSQL to core {self.load}"


def choose_cores() -> Cores:
    """Two cores of those that this process may use."""
    if not hasattr(os, "sched_setaffinity"):
        return Cores(None, None)
    usable = sorted(os.sched_getaffinity(0))
    return Cores(usable[0], usable[1]) if len(usable) > 1 else Cores(None, None)


@contextmanager
def on_core(core: int | None) -> Iterator[None]:
    """What is started inside runs on this core only."""
    if core is None:
        yield
        return
    before = os.sched_getaffinity(0)
    os.sched_setaffinity(0, {core})
    try:
        yield
    finally:
        os.sched_setaffinity(0, before)


@dataclass(frozen=True)
class Memory:
    """What processes hold, in bytes: `rss` counts shared pages in full, `pss` in proportion."""

    rss: int
    pss: int


def memory_of(pid: int) -> Memory | None:
    """What a process and its descendants hold; None where /proc does not tell."""
    try:
        sums = [_rollup(each) for each in (pid, *_descendants(pid))]
    except OSError:
        return None
    return Memory(sum(rss for rss, _ in sums), sum(pss for _, pss in sums))


def processor_seconds(pid: int) -> float:
    """What a process and its descendants have had of the cores so far; 0 where /proc does not tell."""
    try:
        return sum(_ticks(each) for each in (pid, *_descendants(pid))) / os.sysconf("SC_CLK_TCK")
    except OSError:
        return 0.0


def parent_of(pid: int) -> int:
    """The process that started this one."""
    return int(Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[1])


def syncs_a_second(folder: Path, seconds: float) -> float:
    """How often this disk confirms a written block: 4 KB over an existing file, then fdatasync, again and again."""
    path = folder / "fdatasync"
    descriptor = os.open(path, os.O_RDWR | os.O_CREAT, 0o600)
    sync = os.fdatasync if hasattr(os, "fdatasync") else os.fsync
    try:
        os.write(descriptor, os.urandom(BLOCK) * BLOCKS)
        os.fsync(descriptor)
        block, done, begun = os.urandom(BLOCK), 0, perf_counter()
        while perf_counter() - begun < seconds:
            os.pwrite(descriptor, block, done % BLOCKS * BLOCK)
            sync(descriptor)
            done += 1
        return done / (perf_counter() - begun)
    finally:
        os.close(descriptor)
        path.unlink()


def describe(folder: Path) -> dict[str, str]:
    """What the figures depend on."""
    return {
        "python": f"{platform.python_implementation()} {platform.python_version()}",
        "sqlite": sqlite3.sqlite_version,
        "system": f"{platform.system()} {platform.release()}",
        "processor": _processor(),
        "cores": str(os.cpu_count()),
        "memory": _line("/proc/meminfo", "MemTotal"),
        "file system": _file_system(folder),
        "libraries": ", ".join(f"{name} {version(name)}" for name in LIBRARIES if _installed(name)),
    }


def _rollup(pid: int) -> tuple[int, int]:
    found = {"Rss": 0, "Pss": 0}
    for line in Path(f"/proc/{pid}/smaps_rollup").read_text().splitlines():
        name, _, rest = line.partition(":")
        if name in found:
            found[name] = int(rest.split()[0]) * 1024
    return found["Rss"], found["Pss"]


def _ticks(pid: int) -> int:
    after_name = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    return int(after_name[11]) + int(after_name[12])


def _descendants(pid: int) -> list[int]:
    found: list[int] = []
    for task in Path(f"/proc/{pid}/task").iterdir():
        children = task / "children"
        for child in children.read_text().split() if children.exists() else ():
            found += [int(child), *_descendants(int(child))]
    return found


def _processor() -> str:
    return _line("/proc/cpuinfo", "model name") or platform.processor() or platform.machine()


def _line(file: str, name: str) -> str:
    try:
        lines = Path(file).read_text().splitlines()
    except OSError:
        return ""
    return next((line.partition(":")[2].strip() for line in lines if line.startswith(name)), "")


def _file_system(folder: Path) -> str:
    """The type of the file system that holds the folder; a memory disk would make writes look free."""
    try:
        mounts = [line.split()[1:3] for line in Path("/proc/mounts").read_text().splitlines()]
    except OSError:
        return sys.platform
    above = {str(folder), *map(str, folder.parents)}
    return max((point, kind) for point, kind in mounts if point in above)[1]


def _installed(name: str) -> bool:
    try:
        version(name)
    except ImportError:
        return False
    return True
