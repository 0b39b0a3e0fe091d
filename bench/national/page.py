"""The table of all sizes, a row for each measurement: on the screen, and as a page of Markdown."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from rich.console import Console
from rich.table import Table

from bench.figures import NOTHING
from bench.national.rows import short
from bench.table import WIDTH, markdown

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from pathlib import Path

    from bench.national.results import Results
    from bench.national.rows import Row

INTRODUCTION: Final = """\
# National scale

Written by `python -m bench.national --write`; `make bench-national` prints the same and goes
on where it was cut off. Books of every size are those of `amanat demo generate`: 18 members a
CO, a federation of national shape above them. All is measured on one machine, PostgreSQL and
its clients on the same cores; `a / b` is median and 95th percentile, and a target is held
against the latter. A ratio is what carries over to another machine: the ceiling stands in the
notes. Targets are those of the design. It also asks that roll-ups and statements stay the same
from 1 to 10 million members, within 20 %: as a machine's speed swings by more between one size
and the next, both are read in turn for that.

![How the figures grow](growth.svg)
"""


def sizes_of(results: Results) -> list[int]:
    """The sizes of which anything was measured."""
    return sorted(members for members, parts in results.parts.items() if members and parts)


def works_of(results: Results) -> dict[str, Row]:
    """Every work in the order of measuring, with its row of the largest size that has a target.

    Of the largest size of all, where none has.
    """
    works: dict[str, Row] = {}
    for members in sizes_of(results):
        for part in results.parts[members].values():
            for row in part.rows:
                if row.target is not None or row.work not in works or not works[row.work].target:
                    works[row.work] = row
    return works


def show(results: Results) -> None:
    """Print what the run depends on, how figures grow, and what stands beside them."""
    console = Console(width=max(WIDTH, Console().width), soft_wrap=False)
    for condition in _conditions(results):
        console.print(condition, highlight=False, markup=False)
    for title, works in _parts(results):
        table = Table(*_headings(results), title=title, title_justify="left")
        for row in works:
            table.add_row(*_cells(results, row))
        console.print(table)
    for note in _notes(results):
        console.print(note, highlight=False, markup=False)


def write(path: Path, results: Results) -> None:
    """Write the page of Markdown."""
    path.write_text("\n".join(_page(results)) + "\n", encoding="utf-8")


def _page(results: Results) -> Iterator[str]:
    yield INTRODUCTION
    yield from (f"- {condition}" for condition in _conditions(results))
    for title, works in _parts(results):
        yield from ("", f"## {title}", "")
        yield from markdown(_headings(results), (_cells(results, row) for row in works))
    yield from ("", "## Notes", "")
    yield from (f"- {note}" for note in _notes(results))


def _parts(results: Results) -> Iterator[tuple[str, list[Row]]]:
    works = works_of(results).values()
    parts = (
        ("What the design asks", [row for row in works if row.target is not None]),
        ("Everything else", [row for row in works if row.target is None]),
    )
    yield from (part for part in parts if part[1])


def _headings(results: Results) -> Sequence[str]:
    return ("Work", "Target", *(short(members) for members in sizes_of(results)))


def _cells(results: Results, work: Row) -> Sequence[str]:
    found = [results.row(members, work.work) for members in sizes_of(results)]
    cells = (NOTHING if row is None else row.number for row in found)
    return (work.work, work.asked or work.unit, *cells)


def _conditions(results: Results) -> Iterator[str]:
    for name, what in results.environment:
        yield f"{name}: {what}"
    if results.plan is not None:
        kept = f"{results.plan.years} years with {results.plan.sheets} sheets a year"
        cos = ", ".join(f"{results.plan.shape(size).cos:,}" for size in sizes_of(results))
        yield f"Books: {kept}; the COs of each size: {cos}"
    for members in sizes_of(results):
        parts = results.parts[members]
        minutes = sum(part.seconds for part in parts.values()) / 60
        last = max(part.at for part in parts.values())
        loads = (f"{name} {part.load:.1f}" for name, part in parts.items() if part.load is not None)
        said = f"in {minutes:,.0f} min, until {last}; load average after each: {', '.join(loads)}"
        yield f"{members:,} members: {said}"


def _notes(results: Results) -> Iterator[str]:
    """What stands beside a figure, of the largest size that has it; and what has no size."""
    for work in works_of(results):
        found = [(size, results.row(size, work)) for size in reversed(sizes_of(results))]
        size, row = next((size, row) for size, row in found if row is not None)
        if said := row.note:
            yield f"{work}, {short(size)}: {said}"
    for part in results.parts.get(0, {}).values():
        yield from (f"{row.work}: {row.number} {row.unit}; {row.note}" for row in part.rows)
