"""How far a run is: on a terminal a line that grows, elsewhere a line for each part."""

from __future__ import annotations

import sys
from contextlib import contextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import structlog
from rich.progress import BarColumn, MofNCompleteColumn, TextColumn, TimeElapsedColumn
from rich.progress import Progress as Bar

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from datetime import date

    from rich.console import Console


@dataclass(frozen=True, slots=True)
class Progress:
    """A run at the end of a part."""

    job: str
    on: date
    step: str
    done: int
    """How many parts of the step are done, by whomever."""
    parts: int
    rows: int
    """How many rows this run has made in all."""


def logged(log: Any) -> Callable[[Progress], None]:  # noqa: ANN401 - structlog's loggers are so
    """Say each part in a line of a log; a step that is one part is said with its job."""

    def tell(at: Progress) -> None:
        if at.parts == 1:
            return
        where = {"job": at.job, "on": str(at.on), "step": at.step}
        log.info("part done", **where, done=at.done, parts=at.parts, rows=at.rows)

    return tell


@contextmanager
def shown(console: Console) -> Iterator[Callable[[Progress], None]]:
    """Show a run that somebody waits for."""
    if not console.is_terminal:
        yield logged(structlog.wrap_logger(structlog.PrintLogger(sys.stderr)))
        return
    columns = (
        TextColumn("{task.description}"),
        BarColumn(),
        MofNCompleteColumn(),
        TextColumn("parts, {task.fields[rows]} rows"),
        TimeElapsedColumn(),
    )
    with Bar(*columns, console=console, transient=True) as bar:
        task = bar.add_task("", total=None, rows=0)

        def tell(at: Progress) -> None:
            said = f"{at.job} {at.on}: {at.step}"
            bar.update(task, description=said, completed=at.done, total=at.parts, rows=at.rows)

        yield tell
