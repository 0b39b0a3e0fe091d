"""The table of all sizes: on the screen, and as a page of Markdown."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from rich.console import Console
from rich.table import Table

from bench.figures import NOTHING
from bench.table import WIDTH, markdown

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from pathlib import Path

    from bench.national.results import Results
    from bench.national.rows import Row

UNMEASURED: Final = "not measured"
INTRODUCTION: Final = """\
# National scale

Written by `python -m bench.national --write`; `make bench-national` prints the same and goes
on where it was cut off. Books of every size are those of `amanat demo generate`: 18 members a
CO, a federation of national shape above them. All is measured on one machine, PostgreSQL and
its clients on the same cores; `a / b` is median and 95th percentile, and a target is held
against the latter. A ratio is what carries over to another machine: the ceiling stands beside
it. Targets are those of the design.

![How the figures grow](growth.svg)
"""
DETAILS: Final = ("Work", "Members", "Result", "Beside", "Ratio", "Remark")


def sizes_of(results: Results) -> list[int]:
    """The sizes of which anything was measured."""
    return sorted(members for members, parts in results.parts.items() if members and parts)


def works_of(results: Results) -> dict[str, Row]:
    """Every work in the order of measuring, with one of its rows; one with a target, if any has."""
    works: dict[str, Row] = {}
    for members in sizes_of(results):
        for part in results.parts[members].values():
            for row in part.rows:
                if row.work not in works or works[row.work].target is None:
                    works[row.work] = row
    return works


def show(results: Results) -> None:
    """Print what the run depends on, how figures grow, and each with its ceiling."""
    console = Console(width=max(WIDTH, Console().width), soft_wrap=False)
    for name, what in _conditions(results):
        console.print(f"[bold]{name}:[/] {what}", highlight=False)
    for headings, rows in ((_headings(results), _growth(results)), (DETAILS, _details(results))):
        table = Table(*headings)
        for row in rows:
            table.add_row(*row)
        console.print(table)


def write(path: Path, results: Results) -> None:
    """Write the page of Markdown."""
    path.write_text("\n".join(_page(results)) + "\n", encoding="utf-8")


def _page(results: Results) -> Iterator[str]:
    yield INTRODUCTION
    for name, what in _conditions(results):
        yield f"- {name}: {what}"
    yield from ("", "## By size", "")
    yield from markdown(_headings(results), _growth(results))
    yield from ("", "## Each figure, and what stands beside it", "")
    yield from markdown(DETAILS, _details(results))


def _conditions(results: Results) -> Iterator[tuple[str, str]]:
    yield from results.environment
    plan = results.plan
    if plan is not None:
        kept = f"{plan.years} years with {plan.sheets} sheets a year, seed {plan.seed}"
        yield "Books", f"{kept}; the COs of each size: {', '.join(_cos(results))}"
    for members in sizes_of(results):
        parts = results.parts[members].values()
        seconds, last = sum(part.seconds for part in parts), max(part.at for part in parts)
        yield f"{members:,} members", f"measured in {seconds / 60:,.0f} min, until {last} UTC"


def _cos(results: Results) -> Iterator[str]:
    for members in sizes_of(results):
        if results.plan is not None:
            yield f"{results.plan.shape(members).cos:,}"


def _headings(results: Results) -> tuple[str, ...]:
    return ("Work", "Target", *(f"{members:,} members" for members in sizes_of(results)))


def _growth(results: Results) -> Iterator[Sequence[str]]:
    for work, first in works_of(results).items():
        found = [results.row(members, work) for members in sizes_of(results)]
        yield (work, first.asked, *(UNMEASURED if row is None else _cell(row) for row in found))


def _cell(row: Row) -> str:
    return row.said if row.ratio == NOTHING else f"{row.said}; {row.ratio}"


def _details(results: Results) -> Iterator[Sequence[str]]:
    for work in works_of(results):
        for members in sizes_of(results):
            row = results.row(members, work)
            if row is not None:
                yield (work, f"{members:,}", row.said, row.beside, row.ratio, row.remark)
    for part in results.parts.get(0, {}).values():
        for row in part.rows:
            yield (row.work, "any", row.said, row.beside, row.ratio, row.remark)
