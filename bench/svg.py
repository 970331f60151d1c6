"""Draws lines over two logarithmic axes as SVG: all that the plots of docs/performance.md need."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import cycle, islice
from math import ceil, floor, log10
from xml.sax.saxutils import escape

WIDTH, HEIGHT = 760, 420
LEFT, RIGHT, TOP, BOTTOM = 70, 210, 50, 100
"""Margins; the legend stands in the right one, the caption in the lower one."""
COLOURS = ("#1b6ca8", "#c8553d", "#3a7d44", "#7b4b94", "#8a6d1d", "#444444")
LINE = 16
MARKS = (1, 2, 5)
"""Where the upright axis has its marks, in each power of ten."""


@dataclass(frozen=True)
class Line:
    """Points (x, y) from left to right, both above 0; what is `beside` another has its colour and is dashed."""

    name: str
    points: Sequence[tuple[float, float]]
    beside: bool = False


def draw(title: str, x_name: str, y_name: str, some: Sequence[Line], caption: Sequence[str]) -> str:
    """The plot, with lines of text below it."""
    field = _Field(some)
    parts = [
        _text(LEFT, 26, title, size=16, weight="bold"),
        _text(LEFT, TOP - 8, y_name),
        _text((LEFT + WIDTH - RIGHT) / 2, HEIGHT - BOTTOM + 38, x_name, anchor="middle"),
        *field.axes(),
        *_lines(field, some),
        *(_text(LEFT, HEIGHT - 44 + LINE * place, each, size=11) for place, each in enumerate(caption)),
    ]
    height = HEIGHT + LINE * max(0, len(caption) - 3)
    head = f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDTH} {height}" font-family="sans-serif">'
    return "\n".join([head, f'<rect width="{WIDTH}" height="{height}" fill="white"/>', *parts, "</svg>\n"])


class _Field:
    """Where a point lies on the paper."""

    def __init__(self, some: Sequence[Line]) -> None:
        self.left, self.right = _powers([x for line in some for x, _ in line.points])
        self.low, self.high = _powers([y for line in some for _, y in line.points])

    def x(self, value: float) -> float:
        return LEFT + (log10(value) - self.left) / (self.right - self.left) * (WIDTH - LEFT - RIGHT)

    def y(self, value: float) -> float:
        return HEIGHT - BOTTOM - (log10(value) - self.low) / (self.high - self.low) * (HEIGHT - TOP - BOTTOM)

    def axes(self) -> Iterator[str]:
        for power in range(self.left, self.right + 1):
            x = self.x(10**power)
            yield f'<path d="M{x:.1f} {TOP}V{HEIGHT - BOTTOM}" stroke="#dddddd"/>'
            yield _text(x, HEIGHT - BOTTOM + LINE, f"{10**power:,}", anchor="middle")
        marks = [mark * 10**power for power in range(self.low, self.high) for mark in MARKS]
        for mark in (*marks, 10**self.high):
            y = self.y(mark)
            yield f'<path d="M{LEFT} {y:.1f}H{WIDTH - RIGHT}" stroke="#dddddd"/>'
            yield _text(LEFT - 8, y + 4, f"{mark:g}", anchor="end")


def _lines(field: _Field, some: Sequence[Line]) -> Iterator[str]:
    colours = islice(cycle(COLOURS), len(some))
    colour = COLOURS[0]
    for place, line in enumerate(some):
        if not line.beside:
            colour = next(colours)
        dashes = ' stroke-dasharray="5 4"' if line.beside else ""
        style = f'fill="none" stroke="{colour}" stroke-width="2"{dashes}'
        at = [(field.x(x), field.y(y)) for x, y in line.points]
        yield f'<polyline points="{" ".join(f"{x:.1f},{y:.1f}" for x, y in at)}" {style}/>'
        yield from (f'<circle cx="{x:.1f}" cy="{y:.1f}" r="3" fill="{colour}"/>' for x, y in at)
        left, y = WIDTH - RIGHT + 12, TOP + 8 + LINE * place
        yield f'<path d="M{left} {y}h24" {style}/>'
        yield _text(left + 30, y + 4, line.name)


def _powers(values: Sequence[float]) -> tuple[int, int]:
    """The powers of ten between which all values lie."""
    first = floor(log10(min(values)))
    return first, max(first + 1, ceil(log10(max(values))))


def _text(x: float, y: float, text: str, anchor: str = "start", size: int = 12, weight: str = "normal") -> str:
    where = f'x="{x:.1f}" y="{y:.1f}" text-anchor="{anchor}"'
    return f'<text {where} font-size="{size}" font-weight="{weight}" fill="#222222">{escape(text)}</text>'
