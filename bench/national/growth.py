"""How figures grow with the members, drawn as an SVG: a panel for each measurement."""

from __future__ import annotations

from dataclasses import dataclass
from html import escape
from math import log10
from textwrap import wrap
from typing import TYPE_CHECKING, Final

from bench.national.page import sizes_of, works_of
from bench.national.rows import short, shown

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from pathlib import Path

    from bench.national.results import Results
    from bench.national.rows import Row

COLUMNS, WIDE, HIGH, HEADING = 4, 300, 210, 56
LEFT, RIGHT, TOP, BOTTOM = 34, 46, 62, 34
HEADROOM: Final = 1.25
TITLE_CHARACTERS: Final = 38
INK, FAINT, LINE, TARGET = "#1b1b1b", "#6b6b6b", "#1f5fa8", "#a83232"
LEGEND: Final = (
    "dot: result, a median where it is a time; tick above it: 95th percentile; dashed: target;"
    " members on a scale of logarithms"
)
PANELS: Final = (
    "generation of the books, before the roll-up",
    "posting in batches of 64 sheets, 4 connections",
    "posting one sheet a transaction, 8 connections",
    "posting in batches is slower beside folding and readers by",
    "roll-up of the top node, nothing waiting",
    "roll-up of the top node, about 1,000 deltas waiting",
    "roll-up of an LSO, about 1,000 deltas waiting",
    "roll-up of a CO, about 1,000 deltas waiting",
    "member statement over all years, warm",
    "member statement over all years, first touch",
    "trial balance of a book, warm",
    "trial balance of a book, first touch",
    "arrears, dues, PAR of a million loans, as every night",
    "resources of the quarter at all nodes",
    "proof of the books, two processes",
    "bytes of everything, a line",
)


@dataclass(frozen=True, slots=True)
class Panel:
    """One measurement at every size that has it, and where it is drawn."""

    row: Row
    points: Sequence[tuple[int, Row]]
    sizes: Sequence[int]
    x: float
    y: float

    def across(self, members: int) -> float:
        """Where a size stands: on a scale of logarithms."""
        first, last = log10(self.sizes[0]), log10(self.sizes[-1])
        part = (log10(members) - first) / (last - first) if last > first else 0.5
        return self.x + LEFT + part * (WIDE - LEFT - RIGHT)

    def up(self, value: float) -> float:
        """Where a value stands; nothing stands below the floor."""
        values = [row.value if row.high is None else row.high for _, row in self.points]
        bound = 0.001 if self.row.target is None else self.row.target.bound
        part = max(value / (max(*values, bound) * HEADROOM), 0)
        return self.y + HIGH - BOTTOM - part * (HIGH - TOP - BOTTOM)

    def drawn(self) -> Iterator[str]:
        """Its title, floor, target and points."""
        first, last, floor = self.x + 16, self.x + WIDE - 16, self.up(0)
        for n, title in enumerate(wrap(self.row.work, TITLE_CHARACTERS)):
            yield _text(first, self.y + 16 + 15 * n, title, "font-size='12' font-weight='bold'")
        yield _text(first, self.y + 48, self.row.unit, f"fill='{FAINT}'")
        yield _stroke([(first, floor), (last, floor)], FAINT)
        for members in self.sizes:
            middle = f"fill='{FAINT}' text-anchor='middle'"
            yield _text(self.across(members), floor + 15, short(members), middle)
        if self.row.target is not None:
            level = self.up(self.row.target.bound)
            yield _stroke([(first, level), (last, level)], TARGET, "stroke-dasharray='5 4'")
            end = f"fill='{TARGET}' text-anchor='end'"
            yield _text(last, self.y + 48, f"target {self.row.asked}", end)
        line = [(self.across(members), self.up(row.value)) for members, row in self.points]
        yield _stroke(line, LINE, "stroke-width='1.8'")
        for (x, y), (_, row) in zip(line, self.points, strict=True):
            yield f"<circle cx='{x:.1f}' cy='{y:.1f}' r='3.5' fill='{LINE}'/>"
            if row.high is None:
                yield _text(x, y - 8, shown(row.value), "text-anchor='middle'")
            else:
                yield _text(x + 6, y - 5, shown(row.value))
                top = self.up(row.high)
                yield _stroke([(x, y), (x, top), (x - 4, top), (x + 4, top)], LINE)


def write(path: Path, results: Results) -> None:
    """Draw what was measured."""
    path.write_text("\n".join(_drawn(results)) + "\n", encoding="utf-8")


def _drawn(results: Results) -> Iterator[str]:
    works = works_of(results)
    drawn = [work for work in PANELS if work in works]
    wide, high = COLUMNS * WIDE, HEADING + -(-len(drawn) // COLUMNS) * HIGH
    yield (
        f"<svg xmlns='http://www.w3.org/2000/svg' viewBox='0 0 {wide} {high}' width='{wide}'"
        f" height='{high}' font-family='system-ui, sans-serif' font-size='11' fill='{INK}'"
        " role='img' aria-labelledby='title'>"
    )
    yield "<title id='title'>How the figures grow with the members</title>"
    yield f"<rect width='{wide}' height='{high}' fill='#ffffff'/>"
    heading = "How the figures grow with the members"
    yield _text(16, 24, heading, "font-size='17' font-weight='bold'")
    yield _text(16, 44, LEGEND, f"fill='{FAINT}'")
    sizes = sizes_of(results)
    for place, work in enumerate(drawn):
        found = ((members, results.row(members, work)) for members in sizes)
        points = [(members, row) for members, row in found if row is not None]
        x, y = place % COLUMNS * WIDE, HEADING + place // COLUMNS * HIGH
        yield from Panel(works[work], points, sizes, x, y).drawn()
    yield "</svg>"


def _stroke(points: Sequence[tuple[float, float]], colour: str, more: str = "") -> str:
    path = " ".join(f"{x:.1f},{y:.1f}" for x, y in points)
    return f"<polyline points='{path}' fill='none' stroke='{colour}' {more}/>"


def _text(x: float, y: float, said: str, more: str = "") -> str:
    return f"<text x='{x:.1f}' y='{y:.1f}' {more}>{escape(said)}</text>"
