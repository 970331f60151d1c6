"""The table that is printed, the targets, and the file that keeps both."""

import json
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from genjin.domain.clock import SystemClock

RESULTS = Path(__file__).parent / "results"
MB = 1_000_000


@dataclass(frozen=True)
class Row:
    """What one contestant did; medians over the rounds. `to_bare` is None for what answers something else."""

    title: str
    rate: float
    p50_ms: float
    p99_ms: float
    size: float
    cost_us: float
    to_bare: float | None


@dataclass(frozen=True)
class Target:
    """One line of the targets. `measured` is None when it was left out; more is better unless `at_most`."""

    title: str
    measured: float | None
    wanted: float | None
    unit: str = ""
    at_most: bool = False

    @property
    def met(self) -> bool | None:
        if self.measured is None or self.wanted is None:
            return None
        return self.measured <= self.wanted if self.at_most else self.measured >= self.wanted


@dataclass(frozen=True)
class Report:
    """One run of the bench."""

    machine: dict[str, str]
    how: dict[str, str]
    rows: Sequence[Row]
    targets: Sequence[Target]
    notes: Sequence[str]


def lines(report: Report) -> Iterator[str]:
    """The report as text."""
    for about in (report.machine, report.how):
        yield from (f"{name + ':':14}{value}" for name, value in about.items())
        yield ""
    yield f"{'':66}{'requests/s':>11}{'p50 ms':>9}{'p99 ms':>9}{'KB':>7}{'CPU us':>9}{'to bare':>9}"
    for row in report.rows:
        ratio = "" if row.to_bare is None else f"{row.to_bare:.3f}"
        times = f"{row.rate:>11,.0f}{row.p50_ms:>9.2f}{row.p99_ms:>9.2f}"
        yield f"{row.title:66}{times}{row.size / 1000:>7.1f}{row.cost_us:>9.1f}{ratio:>9}"
    yield ""
    yield from lines_of(report.targets)
    yield ""
    yield from report.notes


def lines_of(targets: Sequence[Target]) -> Iterator[str]:
    """What was measured beside what is wanted."""
    yield f"{'':66}{'measured':>12}{'target':>12}{'met':>9}"
    for target in targets:
        wanted = f"{'<= ' if target.at_most and target.wanted is not None else ''}{_figure(target.wanted)}"
        met = {True: "yes", False: "NO", None: "-"}[target.met]
        title = f"{target.title}, {target.unit}" if target.unit else target.title
        yield f"{title:66}{_figure(target.measured):>12}{wanted:>12}{met:>9}"


def keep(report: Report) -> Path:
    """Write the report as JSON beside earlier ones; where it is."""
    RESULTS.mkdir(exist_ok=True)
    path = RESULTS / f"{SystemClock().now()}.json"
    body: dict[str, Any] = {
        "machine": report.machine,
        "how": report.how,
        "rows": [vars(row) for row in report.rows],
        "targets": [vars(target) | {"met": target.met} for target in report.targets],
        "notes": list(report.notes),
    }
    path.write_text(json.dumps(body, indent=2, ensure_ascii=False) + "\n")
    return path


def _figure(value: float | None) -> str:
    if value is None:
        return "-"
    return f"{value:,.0f}" if value >= 100 else f"{value:.2f}"
