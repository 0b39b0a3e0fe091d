"""The table of all sizes: on the screen, and as a page of Markdown."""

from __future__ import annotations

from itertools import pairwise
from typing import TYPE_CHECKING, Final

from rich.console import Console
from rich.table import Table

from bench.figures import NOTHING
from bench.national.results import MEMBERS
from bench.national.rows import shown
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
it. Targets are those of the design; of 1 to 10 million members it also asks that roll-ups and
statements stay the same, within 20 %.

![How the figures grow](growth.svg)
"""
STEADY: Final = ("roll-up of", "member statement over")
STEADY_PERCENT: Final = 20
"""By how much these may differ between 1 and 10 million members."""
STEPS: Final = ("Work", "Members", "Medians", "Change")
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
    for title, headings, rows in _tables(results):
        table = Table(*headings, title=title, title_justify="left")
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
    for title, headings, rows in _tables(results):
        yield from ("", f"## {title}", "")
        yield from markdown(headings, rows)


def _tables(results: Results) -> Iterator[tuple[str, Sequence[str], Iterator[Sequence[str]]]]:
    by_size = ("Work", "Target", *(f"{members:,} members" for members in sizes_of(results)))
    works = works_of(results).values()
    asked = [row for row in works if row.target is not None]
    others = [row for row in works if row.target is None]
    yield "What the design asks, by size", by_size, _by_size(results, asked)
    yield "What must not grow", STEPS, _steps(results)
    yield "Everything else, by size", by_size, _by_size(results, others)
    yield "Each figure, and what stands beside it", DETAILS, _details(results)


def _conditions(results: Results) -> Iterator[tuple[str, str]]:
    yield from results.environment
    plan = results.plan
    if plan is not None:
        kept = f"{plan.years} years with {plan.sheets} sheets a year, seed {plan.seed}"
        yield "Books", f"{kept}; the COs of each size: {', '.join(_cos(results))}"
    for members in sizes_of(results):
        parts = results.parts[members].values()
        seconds, last = sum(part.seconds for part in parts), max(part.at for part in parts)
        loads = ", ".join(
            f"{name} {part.load:.1f}"
            for name, part in results.parts[members].items()
            if part.load is not None
        )
        yield (
            f"{members:,} members",
            f"in {seconds / 60:,.0f} min, until {last}; load average after each: {loads}",
        )


def _cos(results: Results) -> Iterator[str]:
    for members in sizes_of(results):
        if results.plan is not None:
            yield f"{results.plan.shape(members).cos:,}"


def _by_size(results: Results, works: Sequence[Row]) -> Iterator[Sequence[str]]:
    for work in works:
        found = [results.row(members, work.work) for members in sizes_of(results)]
        yield (
            work.work, work.asked, *(UNMEASURED if row is None else _cell(row) for row in found)
        )  # fmt: skip


def _steps(results: Results) -> Iterator[Sequence[str]]:
    """From each size to the next, the medians of what a reader waits for."""
    sizes = sizes_of(results)
    for work in works_of(results):
        if not work.startswith(STEADY):
            continue
        for smaller, larger in pairwise(sizes):
            before, after = results.row(smaller, work), results.row(larger, work)
            if before is not None and after is not None:
                change = 100 * (after.value / before.value - 1)
                step = f"{smaller:,} to {larger:,}"
                values = f"{shown(before.value)} to {shown(after.value)} {after.unit}"
                yield work, step, values, f"{change:+.0f} %{_judged(larger, change)}"


def _judged(larger: int, change: float) -> str:
    return " (missed)" if larger == MEMBERS and abs(change) > STEADY_PERCENT else ""


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
