"""Which moments are settled: nothing that is still running can be posted before them."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from ledger.refusals import MomentUnsettled

if TYPE_CHECKING:
    from datetime import datetime

    import asyncpg

_BEFORE: Final = """
    coalesce(nullif(current_setting('amanat.settled_before', true), '')::timestamptz,
        ledger.settled_before())
"""
_SETTLED: Final = f"SELECT $1::timestamptz < {_BEFORE}"
_NEWEST: Final = f"SELECT {_BEFORE} - interval '1 microsecond'"


async def newest_settled(connection: asyncpg.Connection) -> datetime:
    """The last moment that is settled, for a reader who is to see the same throughout."""
    moment: datetime = await connection.fetchval(_NEWEST)
    return moment


async def refuse_unsettled(connection: asyncpg.Connection, known_by: datetime | None) -> None:
    """Raise `MomentUnsettled` unless everything posted by the moment is to be seen already.

    A reader with a snapshot says in `amanat.settled_before` what was settled before it: whoever
    posts what the snapshot does not have draws a later moment, however long it has run.
    """
    if known_by is None:
        return
    if not await connection.fetchval(_SETTLED, known_by):
        raise MomentUnsettled(
            f"What is known by {known_by} is not settled. Ask for an earlier moment."
        )
