"""Statements and trial balances of books at random: the first touch, and once more.

The first touch is measured with nothing in memory, neither PostgreSQL's nor the kernel's.
An officer reads as the service lets her: found by her session, beneath row-level security.
"""

from __future__ import annotations

import hashlib
import time
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import partial
from random import Random
from typing import TYPE_CHECKING, Final, NamedTuple

import uvloop

from bench import server
from bench.national.readings import reading
from bench.national.rows import Row, timed
from bench.national.site import execute
from ledger.postgres.balances import trial_balance
from ledger.postgres.statements import statement
from service import bookkeeping
from service.books import SessionProof, Visit, make_engine, read_books_for
from service.demo.shape import co_code
from service.statements import registry
from service.statements.statement import Asked

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable, Sequence

    import asyncpg
    from sqlalchemy.ext.asyncio import AsyncEngine

    from bench.national.site import Site

    _Read = Callable[[asyncpg.Connection, "Account"], Awaitable[object]]

STATEMENT_MS: Final = 20
TRIAL_BALANCE_MS: Final = 50
MOST_LINES: Final = 1000
WARMED: Final = 5
"""Others are read before, for what a connection learns but once."""
TOKEN: Final = "officer of the bench"  # noqa: S105 - of a session that the bench makes for itself
_ACCOUNTS: Final = """
    SELECT DISTINCT ON (a.book_id) a.book_id, a.no, a.party
    FROM ledger.account AS a
    WHERE a.book_id = ANY ($1) AND a.code = '2000' AND a.fund = 'own'
    ORDER BY a.book_id, md5(a.no::text || a.party)
"""
_OFFICER: Final = f"""
    DELETE FROM access.session WHERE person = 'bench';
    DELETE FROM access.appointment WHERE person = 'bench';
    DELETE FROM access.person WHERE code = 'bench';
    INSERT INTO access.person (code, kind, name) VALUES ('bench', 'person', 'Bench');
    INSERT INTO access.appointment (id, person, role, organisation, below, from_on)
    VALUES (gen_random_uuid(), 'bench', 'field_officer', 'RSPN', true, '2000-01-01');
    INSERT INTO access.session (id, token_hash, csrf, person, source, agent, started_at, used_at,
        expires_at)
    VALUES (gen_random_uuid(), sha256('{TOKEN}'), 'bench', 'bench', '', '', now(), now(),
        now() + interval '1 day')
"""


class Account(NamedTuple):
    """A savings account of a member of a CO."""

    book: int
    no: int
    member: str


@dataclass(frozen=True, slots=True)
class _Officer:
    """Somebody who may read all books below the top, and asks for one at a time."""

    engine: AsyncEngine
    site: Site

    async def statement(self, account: Account) -> None:
        """Read an account."""
        async with read_books_for(self.engine, self._proof, self._visit) as books:
            code = co_code(account.book - self.site.shape.co_book)
            await bookkeeping.statement(books, code, account.no, limit=MOST_LINES)

    async def passbook(self, account: Account) -> None:
        """Read a member's passbook since the books began."""
        async with read_books_for(self.engine, self._proof, self._visit) as books:
            first, today = self.site.shape.months[0], datetime.now(UTC).date()
            asked = Asked(first_on=first, last_on=today)
            made = await registry.passbook(books, account.member, asked)
            if made.content.rows is None:
                return
            async for _ in made.content.rows:
                pass

    @property
    def _proof(self) -> SessionProof:
        return SessionProof(hashlib.sha256(TOKEN.encode()).digest())

    @property
    def _visit(self) -> Visit:
        return Visit(datetime.now(UTC), "bench", "GET statement")


def measure(site: Site) -> list[Row]:
    """Statements, trial balances and passbooks of books at random."""
    execute(site.place, _OFFICER)
    accounts = uvloop.run(accounts_of(site))
    others, accounts = accounts[:WARMED], accounts[WARMED:]
    today = datetime.now(UTC).date()
    reads: tuple[tuple[str, float, _Read], ...] = (
        (
            "member statement over all years",
            STATEMENT_MS,
            lambda link, one: statement(link, one.book, one.no, limit=MOST_LINES),
        ),
        (
            "trial balance of a book",
            TRIAL_BALANCE_MS,
            lambda link, one: trial_balance(link, today, books=[one.book]),
        ),
    )
    rows: list[Row] = []
    for work, target_ms, read in reads:
        site.server.go_cold()
        cold, warm = uvloop.run(_cold_and_warm(site, read, accounts, others))
        rows += _rows(work, cold, warm, target_ms)
    return [*rows, *uvloop.run(_by_officer(site, accounts))]


def _rows(work: str, cold: Sequence[float], warm: Sequence[float], target_ms: float) -> list[Row]:
    first = f"{len(cold)} at random, with nothing in memory before: the disk decides"
    return [
        timed(f"{work}, warm", warm, target_ms, f"{len(warm)} at random, read once before"),
        timed(f"{work}, first touch", cold, target_ms, first),
    ]


async def accounts_of(site: Site) -> list[Account]:
    """Savings accounts of members of COs at random."""
    books = site.some_cos(site.pace.samples + WARMED, "statements")
    async with server.connected(site.place) as connection:
        found = await connection.fetch(_ACCOUNTS, books)
    accounts = [Account(*row) for row in found]
    Random("accounts").shuffle(accounts)  # noqa: S311 - no secret
    return accounts


async def _cold_and_warm(
    site: Site, read: _Read, accounts: Sequence[Account], others: Sequence[Account]
) -> tuple[list[float], list[float]]:
    async with reading(site.place) as connection:
        one = partial(read, connection)
        await _each(one, others)
        return await _each(one, accounts), await _each(one, accounts)


async def _by_officer(site: Site, accounts: Sequence[Account]) -> list[Row]:
    engine = make_engine(site.url, connections=1)
    officer = _Officer(engine, site)
    remark = "with its transaction, session, right to read, and row-level security"
    try:
        rows = []
        for work, read in (
            ("member statement as an officer over all reads it, warm", officer.statement),
            ("passbook as an officer over all reads it, warm", officer.passbook),
        ):
            await _each(read, accounts)
            rows.append(timed(work, await _each(read, accounts), remark=remark))
        return rows
    finally:
        await engine.dispose()


async def _each(
    read: Callable[[Account], Awaitable[object]], asked: Sequence[Account]
) -> list[float]:
    taken = []
    for one in asked:
        begun = time.perf_counter()
        await read(one)
        taken.append(time.perf_counter() - begun)
    return taken
