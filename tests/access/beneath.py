"""Working beneath the service: as the application's role of PostgreSQL, for somebody."""

from __future__ import annotations

from contextlib import asynccontextmanager
from typing import TYPE_CHECKING, Final

import asyncpg

from tests.access.world import PARENTS
from tests.support.importing import NOW
from tests.support.people import token_of

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

OF: Final = "(SELECT o.code FROM service.organisation o WHERE o.book_id = t.{})"
BOOKS: Final = {
    "ledger.book": ["t.organisation"],
    **{
        f"ledger.{name}": [OF.format("book_id")]
        for name in (
            "account",
            "closing",
            "delta",
            "entry",
            "line",
            "moneyless",
            "pledge",
            "turnover",
        )
    },
    "service.member": ["t.organisation"],
    "service.nomination": [
        "t.organisation",
        "(SELECT m.organisation FROM service.member m WHERE m.code = t.member)",
    ],
    "service.loan": ["t.lender", "t.organisation"],
    "service.instalment": ["(SELECT l.lender FROM service.loan l WHERE l.code = t.loan)"],
    "service.loan_change": ["(SELECT l.lender FROM service.loan l WHERE l.code = t.loan)"],
    "service.loan_application": ["t.lender", "t.organisation"],
    "service.loan_guarantee": [
        "(SELECT l.lender FROM service.loan l WHERE l.code = t.loan)",
        "(SELECT m.organisation FROM service.member m WHERE m.code = t.member)",
    ],
    "service.sheet": ["t.organisation"],
    "service.event": ["t.organisation", "t.counterparty"],
    "service.request": ["t.organisation", "t.decider"],
}
"""Whose a row is that may be read where the right to read is."""
NAMES: Final = {
    "service.organisation": "t.code",
    "service.membership": "t.organisation",
    "service.limits": "t.organisation",
}
"""Whose a row is that may be seen where the organisation may."""
SEEDS: Final = (
    "INSERT INTO service.limits VALUES ('CO-1', 30, 100), ('VO-1', 30, 100), ('CO-9', 30, 100)",
    "INSERT INTO service.bundle VALUES ('d', 'pilot', now(), 'clerk', 1)",
    (
        "INSERT INTO ledger.moneyless SELECT book_id, '2026-06-01', 1, 'own'"
        " FROM service.organisation WHERE code IN ('CO-1', 'VO-1', 'CO-9')"
    ),
    (
        "INSERT INTO ledger.pledge (book_id, no, party, subject, amount, from_on, recorded_at)"
        " SELECT book_id, 1, 'M-' || code || '-a', 'G-' || code, 1, '2026-07-10', now()"
        " FROM service.organisation WHERE code IN ('CO-1', 'VO-1', 'CO-9')"
    ),
    "INSERT INTO service.holiday VALUES ('2026-08-14', 'Independence Day')",
    *(
        f"SELECT ledger.close_period(book_id, '2026-05-31', 'clerk', 'Audited', '2026-07-01')"
        f" FROM service.organisation WHERE code = '{code}'"
        for code in ("CO-1", "VO-1", "CO-9")
    ),
)
"""What the federation has none of: a row of each for those in sight and those out of it."""


@asynccontextmanager
async def entered(owner: asyncpg.Connection, person: str) -> AsyncIterator[asyncpg.Connection]:
    """The same connection as the application's role, for a person; rolled back."""
    turn = owner.transaction()
    await turn.start()
    try:
        await owner.execute("SET LOCAL ROLE amanat_app")
        enter = "SELECT person FROM access.enter_by_session(sha256($1::bytea), $2, '', 'test')"
        assert await owner.fetchval(enter, token_of(person).encode(), NOW) == person
        yield owner
    finally:
        await turn.rollback()


async def count(connection: asyncpg.Connection, table: str, where: str = "true") -> int:
    """So many rows of a table."""
    return int(await connection.fetchval(f"SELECT count(*) FROM {table} t WHERE {where}"))


def in_scope(codes: list[str], scope: frozenset[str]) -> str:
    """A condition: that a row is of an organisation in scope."""
    inside = ", ".join(f"'{code}'" for code in sorted(scope)) or "NULL"
    return " OR ".join(f"{code} IN ({inside})" for code in codes)


def in_sight(anchor: str) -> frozenset[str]:
    """The organisations whose names an office shows: its own, those below, those above."""
    below = {code for code, parent in PARENTS.items() if parent == anchor}
    above, parent = set(), PARENTS[anchor]
    while parent is not None:
        above.add(parent)
        parent = PARENTS[parent]
    return frozenset({anchor} | below | above)


async def tried(owner: asyncpg.Connection, person: str, sql: str, *values: object) -> str:
    """What came of a statement that a person tried: its tag, or the state of its refusal."""
    try:
        async with entered(owner, person) as app:
            return str(await app.execute(sql, *values))
    except asyncpg.PostgresError as error:
        return str(error.sqlstate)


def above(code: str) -> list[str]:
    """The organisations above one."""
    parent = PARENTS[code]
    return [] if parent is None else [parent, *above(parent)]
