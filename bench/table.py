"""The results as a table: on the screen, and as a page of Markdown."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from rich.console import Console
from rich.table import Table

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence
    from pathlib import Path

    from bench.figures import Figure

HEADINGS: Final = ("Work", "Target", "Result", "Beside", "Ratio", "Remark")
WIDTH: Final = 200
"""Wide enough for a row on a line or two, also where the output is a file."""
INTRODUCTION: Final = """\
# Benchmarks

Written by `python -m bench --write`; `make bench` prints the same. All rows are of one run
on one machine, with PostgreSQL and its clients on the same cores, so what carries over to
another machine is the ratio to what stands beside a figure, not the figure. A sheet is one
entry of 31 lines: fifteen members' compulsory and voluntary savings and the cash. With four
connections or more, two processes drive them. Posting has everything on: the door's checks,
the seal, floors, deltas, idempotency keys, and a durable COMMIT before it counts. Targets
are those of the design.
"""


def show(environment: Sequence[tuple[str, str]], figures: Sequence[Figure]) -> None:
    """Print what the run depends on, then its figures."""
    console = Console(width=max(WIDTH, Console().width), soft_wrap=False)
    for name, what in environment:
        console.print(f"[bold]{name}:[/] {what}", highlight=False)
    table = Table(*HEADINGS)
    for figure in figures:
        table.add_row(*_cells(figure))
    console.print(table)


def write(
    path: Path, environment: Sequence[tuple[str, str]], figures: Sequence[Figure], took: str
) -> None:
    """Write the page of Markdown."""
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text("\n".join(_page(environment, figures, took)), encoding="utf-8")


def _page(
    environment: Sequence[tuple[str, str]], figures: Sequence[Figure], took: str
) -> Iterator[str]:
    yield INTRODUCTION
    for name, what in environment:
        yield f"- {name}: {what}"
    yield f"- This run: {took}"
    yield ""
    yield from markdown(HEADINGS, map(_cells, figures))
    yield ""


def markdown(headings: Sequence[str], rows: Iterable[Sequence[str]]) -> Iterator[str]:
    """The lines of a table."""
    yield _row(headings)
    yield _row(["---"] * len(headings))
    yield from map(_row, rows)


def _cells(figure: Figure) -> tuple[str, ...]:
    return (
        figure.work,
        figure.target,
        figure.result,
        figure.beside,
        figure.ratio,
        figure.remark,
    )


def _row(cells: Sequence[str]) -> str:
    return f"| {' | '.join(cells)} |"
