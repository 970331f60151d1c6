"""Tables of figures, each with the entries behind it. static/js/charts.js draws what they say."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, NamedTuple

from genjin.wire.v1.report import FEED

ENTRIES = "/entries"


class Column(NamedTuple):
    """`series` is how a chart shows it, `bar` or `line`, empty for not at all; `color` is a name of base.css."""

    label: str
    series: str = ""
    color: str = ""


class Cell(NamedTuple):
    """A figure, None for none; a share is between 0 and 1. `link` leads to the entries behind it."""

    value: float | None
    link: str = ""
    is_share: bool = False

    @property
    def text(self) -> str:
        """The figure as it is read."""
        if self.value is None:
            return "–"
        if self.is_share:
            return f"{self.value:.0%}"
        return f"{self.value:,.1f}".removesuffix(".0")


class Row(NamedTuple):
    """What it is about, and its figures."""

    label: str
    cells: Sequence[Cell]


@dataclass(frozen=True)
class Table:
    """`name` is that of its files, `chart` how it is drawn: bars, heatmap or funnel; empty for not at all. `of` is what
    its rows are. `height` is that of the chart in pixels; 0 for what it needs.
    """

    name: str
    title: str
    of: str
    columns: Sequence[Column]
    rows: Sequence[Row]
    total: Row | None = None
    chart: str = "bars"
    note: str = ""
    height: int = 0


def cell(figure: Mapping[str, Any]) -> Cell:
    """A Figure or Rate of a report. What there is none of leads nowhere."""
    value, path = figure["value"], figure.get("activities", "")
    return Cell(value, entries_path(path) if value and path else "", is_share=not path)


def entries_path(path: str) -> str:
    """The page of the entries that a path of a feed leads to."""
    return ENTRIES + path.removeprefix(FEED)
