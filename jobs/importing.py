"""Loading a bundle, with a bar for whoever watches and lines for whoever logs."""

from __future__ import annotations

from contextlib import contextmanager
from typing import TYPE_CHECKING, Final

from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn

from jobs.folding import fold_all
from service.books import write_books
from service.imports.loading import load

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from datetime import datetime

    from rich.console import Console
    from sqlalchemy.ext.asyncio import AsyncEngine

    from service.imports.loading import Loaded
    from service.imports.rows import Bundle

_LOCK: Final = "SELECT pg_advisory_xact_lock(hashtext('jobs.importing'))"
_LINES: Final = 10
"""How many lines a log gets of one import."""


async def load_bundle(
    engine: AsyncEngine,
    bundle: Bundle,
    *,
    actor: str,
    clock: Callable[[], datetime],
    console: Console,
) -> Loaded:
    """Load a bundle whole, or raise `BundleRefused` and keep nothing.

    Imports wait for each other, so that the same bundle twice at once is loaded once.
    """
    async with write_books(engine, actor=actor, now=clock(), clock=clock) as books:
        await books.fetch(_LOCK)
        with _progress(bundle.name, console) as tell:
            loaded = await load(books, bundle, progress=tell)
    await fold_all(engine, clock=clock)
    return loaded


def said(bundle: Bundle, loaded: Loaded) -> str:
    """What a load did, in a sentence."""
    if loaded.again:
        return f"{bundle.name} is loaded already; nothing was changed."
    return f"{bundle.name} is loaded: {loaded.entries} entries posted."


@contextmanager
def _progress(name: str, console: Console) -> Iterator[Callable[[int, int], None]]:
    if not console.is_terminal:
        yield _in_lines(name, console)
        return
    columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn())
    with Progress(*columns, TimeElapsedColumn(), console=console, transient=True) as progress:
        task = progress.add_task(name, total=None)
        yield lambda done, of: progress.update(task, completed=done, total=of)


def _in_lines(name: str, console: Console) -> Callable[[int, int], None]:
    told = 0

    def tell(done: int, of: int) -> None:
        nonlocal told
        if of and done * _LINES // of > told:
            told = done * _LINES // of
            console.print(f"{name}: {done} of {of} sheets and events", highlight=False)

    return tell
