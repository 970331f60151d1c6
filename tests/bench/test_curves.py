"""The plots: that they are drawn from real servers, and that a point lies where it should; no figure is looked at."""

import re
import subprocess
import sys
from itertools import pairwise
from pathlib import Path
from xml.etree import ElementTree

import pytest

from bench.servers import ROOT
from bench.svg import Line, draw

SVG = "{http://www.w3.org/2000/svg}"


def texts_of(svg: str) -> list[str]:
    return [each.text or "" for each in ElementTree.fromstring(svg).iter(f"{SVG}text")]


def lines_of(svg: str) -> list[list[tuple[float, float]]]:
    """The points of each line, in pixels from the upper left corner."""
    found = ElementTree.fromstring(svg).iter(f"{SVG}polyline")
    pairs = [[pair.split(",") for pair in line.attrib["points"].split()] for line in found]
    return [[(float(x), float(y)) for x, y in line] for line in pairs]


def test_a_quick_run_draws_a_plot_of_each_kind(tmp_path: Path) -> None:
    command = [sys.executable, "-m", "bench.curves", str(tmp_path / "plots"), "--quick"]
    ran = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, timeout=280)
    assert ran.returncode == 0, ran.stderr
    plots = {path.name: path.read_text() for path in (tmp_path / "plots").iterdir()}
    assert sorted(plots) == ["database-size.svg", "history-length-postgresql.svg", "history-length-sqlite.svg"]
    for name, plot in plots.items():
        lines = lines_of(plot)
        assert [len(line) for line in lines] == [2, 2, 2, 2], name
        assert f"python -m bench.curves {tmp_path}/plots --quick" in texts_of(plot)
        assert re.search(r"\d{4}-\d\d-\d\d, .* cores, ", "\n".join(texts_of(plot)))
    assert "page 1, half" in texts_of(plots["history-length-sqlite.svg"])
    assert "PostgreSQL, 99 in 100" in texts_of(plots["database-size.svg"])


def test_points_lie_in_order_and_as_high_as_their_values() -> None:
    rising = Line("rising", [(100, 0.2), (1_000, 2.0), (10_000, 20.0)])
    flat = Line("flat", [(100, 2.0), (10_000, 2.0)], beside=True)
    first, second = lines_of(draw("Title", "x", "y", [rising, flat], []))
    assert first[1][0] - first[0][0] == pytest.approx(first[2][0] - first[1][0], abs=0.2)
    assert all(left[0] < right[0] and left[1] > right[1] for left, right in pairwise(first))
    assert first[0][1] - first[1][1] == pytest.approx(first[1][1] - first[2][1], abs=0.2)
    assert second[0][1] == second[1][1] == first[1][1]


def test_what_is_written_on_a_plot_is_escaped() -> None:
    svg = draw("A < B & C", "x", "y", [Line("<line>", [(10, 1.0)])], ["a > b"])
    assert {"A < B & C", "<line>", "a > b", "10", "100"} <= set(texts_of(svg))
