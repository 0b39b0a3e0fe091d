"""How figures grow with the members, drawn as an SVG: a panel for each measurement."""

from __future__ import annotations

from dataclasses import dataclass
from html import escape
from math import log10
from typing import TYPE_CHECKING, Final, NamedTuple

from bench.national.page import sizes_of, works_of
from bench.national.rows import shown

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from pathlib import Path

    from bench.national.results import Results
    from bench.national.rows import Row

COLUMNS: Final = 4
WIDE: Final = 300
HIGH: Final = 210
LEFT: Final = 34
RIGHT: Final = 46
TOP: Final = 62
BOTTOM: Final = 34
HEADING: Final = 56
HEADROOM: Final = 1.25
TITLE_CHARACTERS: Final = 38
THOUSAND: Final = 1000
MILLION: Final = 1_000_000
INK: Final = "#1b1b1b"
FAINT: Final = "#6b6b6b"
LINE: Final = "#1f5fa8"
TARGET: Final = "#a83232"
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
    "arrears and PAR of all nodes, as every night",
    "resources of the quarter at all nodes, one pass",
    "proof of the books, two processes",
    "bytes of everything, a line",
)


@dataclass(frozen=True, slots=True)
class Panel:
    """One measurement at every size; sizes that were not measured are left out."""

    row: Row
    points: Sequence[tuple[int, Row]]

    @property
    def highest(self) -> float:
        """The top of the scale, which begins at nothing."""
        values = [row.value for _, row in self.points]
        values += [row.high for _, row in self.points if row.high is not None]
        if self.row.target is not None:
            values.append(self.row.target.bound)
        return max(*values, 0.001) * HEADROOM


class Frame(NamedTuple):
    """Where a panel is, and what it spans."""

    x: float
    y: float
    sizes: Sequence[int]
    highest: float

    def across(self, members: int) -> float:
        """Where a size stands: on a scale of logarithms."""
        first, last = log10(self.sizes[0]), log10(self.sizes[-1])
        part = (log10(members) - first) / (last - first) if last > first else 0.5
        return self.x + LEFT + part * (WIDE - LEFT - RIGHT)

    def up(self, value: float) -> float:
        """Where a value stands; nothing stands below the floor."""
        part = min(max(value / self.highest, 0), 1)
        return self.y + HIGH - BOTTOM - part * (HIGH - TOP - BOTTOM)


def write(path: Path, results: Results) -> None:
    """Draw what was measured."""
    path.write_text("\n".join(_drawn(results)) + "\n", encoding="utf-8")


def _drawn(results: Results) -> Iterator[str]:
    sizes = sizes_of(results)
    panels = list(_panels(results, sizes))
    wide, high = COLUMNS * WIDE, HEADING + -(-len(panels) // COLUMNS) * HIGH
    yield (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {wide} {high}" width="{wide}"'
        f' height="{high}" font-family="system-ui, sans-serif" fill="{INK}" role="img"'
        ' aria-labelledby="title">'
    )
    yield '<title id="title">How the figures grow with the members</title>'
    yield f'<rect width="{wide}" height="{high}" fill="#ffffff"/>'
    yield _text(16, 24, "How the figures grow with the members", size=17, weight="bold")
    legend = "dot: result, a median where it is a time; tick above it: 95th percentile; dashed: "
    yield _text(16, 44, f"{legend}target; members on a scale of logarithms", fill=FAINT)
    for place, panel in enumerate(panels):
        x, y = place % COLUMNS * WIDE, HEADING + place // COLUMNS * HIGH
        yield from _panel(panel, Frame(x, y, sizes, panel.highest))
    yield "</svg>"


def _panels(results: Results, sizes: Sequence[int]) -> Iterator[Panel]:
    works = works_of(results)
    for work in PANELS:
        if work in works:
            found = ((members, results.row(members, work)) for members in sizes)
            yield Panel(works[work], [(m, row) for m, row in found if row is not None])


def _panel(panel: Panel, frame: Frame) -> Iterator[str]:
    first, last = frame.x + 16, frame.x + WIDE - 16
    for n, title in enumerate(_lines(panel.row.work)):
        yield _text(first, frame.y + 16 + 15 * n, title, size=12, weight="bold")
    yield _text(first, frame.y + 48, panel.row.unit, fill=FAINT)
    floor = frame.up(0)
    yield _stroke([(first, floor), (last, floor)], FAINT)
    for members in frame.sizes:
        yield _text(frame.across(members), floor + 15, _members(members), fill=FAINT, middle=True)
    if panel.row.target is not None:
        yield from _target(panel, frame, first, last)
    yield _stroke([(frame.across(m), frame.up(row.value)) for m, row in panel.points], LINE, 1.8)
    for members, row in panel.points:
        yield from _point(frame, frame.across(members), row)


def _target(panel: Panel, frame: Frame, first: float, last: float) -> Iterator[str]:
    target = panel.row.target
    if target is None:
        return
    level = frame.up(target.bound)
    yield _stroke([(first, level), (last, level)], TARGET, 1.2, dashes="5 4")
    sign = "≤" if target.at_most else "≥"
    label = f"target {sign} {shown(target.bound)}"
    yield _text(last, frame.y + 48, label, fill=TARGET, end=True)


def _point(frame: Frame, x: float, row: Row) -> Iterator[str]:
    y = frame.up(row.value)
    yield f'<circle cx="{x:.1f}" cy="{y:.1f}" r="3.5" fill="{LINE}"/>'
    if row.high is None:
        yield _text(x, y - 8, shown(row.value), middle=True)
    else:
        yield _text(x + 6, y - 4, shown(row.value))
        top = frame.up(row.high)
        yield _stroke([(x, y), (x, top)], LINE)
        yield _stroke([(x - 4, top), (x + 4, top)], LINE)


def _stroke(
    points: Sequence[tuple[float, float]], colour: str, width: float = 1, *, dashes: str = ""
) -> str:
    path = " ".join(f"{x:.1f},{y:.1f}" for x, y in points)
    dashed = f' stroke-dasharray="{dashes}"' if dashes else ""
    return (
        f'<polyline points="{path}" fill="none" stroke="{colour}" stroke-width="{width}"{dashed}/>'
    )


def _text(
    x: float,
    y: float,
    said: str,
    *,
    size: float = 11,
    weight: str = "normal",
    fill: str = INK,
    middle: bool = False,
    end: bool = False,
) -> str:
    anchor = "middle" if middle else "end" if end else "start"
    return (
        f'<text x="{x:.1f}" y="{y:.1f}" font-size="{size}" font-weight="{weight}" fill="{fill}"'
        f' text-anchor="{anchor}">{escape(said)}</text>'
    )


def _lines(title: str) -> list[str]:
    """A title on a line or two."""
    words, lines = title.split(), [""]
    for word in words:
        if lines[-1] and len(lines[-1]) + 1 + len(word) > TITLE_CHARACTERS:
            lines.append("")
        lines[-1] = f"{lines[-1]} {word}".strip()
    return lines


def _members(members: int) -> str:
    if members >= MILLION:
        return f"{members / MILLION:g} M"
    return f"{members / THOUSAND:g} k" if members >= THOUSAND else str(members)
