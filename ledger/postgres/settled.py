"""Which moments are settled: nothing that is still running can be posted before them."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from ledger.refusals import MomentUnsettled

if TYPE_CHECKING:
    from datetime import datetime

    import asyncpg

_SETTLED: Final = """
    SELECT $1::timestamptz < least(ledger.settled_before(),
        nullif(current_setting('amanat.settled_before', true), '')::timestamptz)
"""


async def refuse_unsettled(connection: asyncpg.Connection, known_by: datetime | None) -> None:
    """Raise `MomentUnsettled` unless everything posted by the moment is to be seen already.

    A reader with a snapshot says in `amanat.settled_before` what was settled before it.
    """
    if known_by is None:
        return
    if not await connection.fetchval(_SETTLED, known_by):
        raise MomentUnsettled(
            f"What is known by {known_by} is not settled. Ask for an earlier moment."
        )
