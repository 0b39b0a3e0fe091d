"""Folding: what is posted is taken into the roll-up, little and often.

Figures are exact without it, for a reader adds what waits; folding keeps that little. Each
fold is one transaction, so it may be killed at any moment, and two at once wait for each other.
"""

from __future__ import annotations

import asyncio
from contextlib import suppress
from typing import TYPE_CHECKING, Final

import structlog

from jobs.days import summed_until
from jobs.leadership import TROUBLE
from ledger.calendar import business_date
from ledger.postgres import rollup
from service.books import write_books

if TYPE_CHECKING:
    from collections.abc import Callable
    from datetime import datetime

    from sqlalchemy.ext.asyncio import AsyncEngine

DELTAS_AT_A_TIME: Final = 10_000
VACUUM_AFTER: Final = 50_000
"""Deltas come and go; what is left of as many is swept up, or readers would wade through it."""
ACTOR: Final = "fold"

_log = structlog.get_logger()


async def fold_all(engine: AsyncEngine, *, clock: Callable[[], datetime]) -> int:
    """Fold until nothing waits, and sum up months that have gone by; how many deltas there were."""
    folded = 0
    while some := await _fold(engine, clock):
        folded += some
    async with write_books(engine, actor=ACTOR, now=clock()) as books:
        await rollup.sum_up(books.ledger, summed_until(business_date(books.now)))
    if folded >= VACUUM_AFTER:
        await _sweep(engine)
    return folded


async def keep_folding(
    engine: AsyncEngine,
    *,
    clock: Callable[[], datetime],
    leads: Callable[[], bool],
    ended: asyncio.Event,
    busy_s: float,
    idle_s: float,
) -> None:
    """Fold until the end, while this process leads; sooner again while something is posted."""
    since_sweep = 0
    while not ended.is_set():
        folded = 0
        if leads():
            try:
                folded = await _fold(engine, clock)
                since_sweep += folded
                if since_sweep >= VACUUM_AFTER:
                    await _sweep(engine)
                    since_sweep = 0
            except TROUBLE as trouble:
                _log.warning("folding failed, to be tried again", why=str(trouble))
        with suppress(TimeoutError):
            await asyncio.wait_for(ended.wait(), busy_s if folded else idle_s)


async def _fold(engine: AsyncEngine, clock: Callable[[], datetime]) -> int:
    async with write_books(engine, actor=ACTOR, now=clock()) as books:
        return await rollup.fold(books.ledger, DELTAS_AT_A_TIME)


async def _sweep(engine: AsyncEngine) -> None:
    """PostgreSQL does it too, but once a minute at most; whoever may not is only warned."""
    async with engine.connect() as connection:
        await connection.exec_driver_sql("VACUUM ledger.delta")
