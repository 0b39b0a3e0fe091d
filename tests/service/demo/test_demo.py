"""A demo stands in the books as if the service had posted it."""

from __future__ import annotations

import asyncio
from datetime import date
from typing import TYPE_CHECKING

import pytest

from jobs.catalogue import JOBS
from jobs.proving import proof
from jobs.running import run
from service import federation
from service.books import read_books, write_books
from service.demo import writing
from service.demo.shape import Shape
from service.demo.trouble import BooksNotEmpty
from service.loans import contracts
from service.loans.allocation import Split, allocate
from service.loans.plan import Move, schedule
from tests.api.helpers import OFFICERS, good, serve
from tests.jobs.asking import rows
from tests.service.demo.conftest import SMALL, make
from tests.support.database import clone_of, execute, fetch
from tests.support.importing import NOW, engine_of
from tests.support.people import appoint

if TYPE_CHECKING:
    from collections.abc import Iterator

    from service.loans.contracts import Loan

HEADS = "SELECT organisation, last_no, head_hash FROM ledger.book ORDER BY id"
LAST_DAY = date(2026, 6, 30)
_FOREIGN_KEYS = """
    SELECT conrelid::regclass::text, confrelid::regclass::text,
        (SELECT attname FROM pg_attribute WHERE attrelid = conrelid AND attnum = conkey[1])::text,
        (SELECT attname FROM pg_attribute WHERE attrelid = confrelid AND attnum = confkey[1])::text
    FROM pg_constraint
    WHERE contype = 'f' AND cardinality(conkey) = 1
        AND connamespace::regnamespace::text IN ('ledger', 'service')
"""
_PAYMENTS = """
    SELECT coalesce(nullif(l.subject, ''), a.party), l.entry_no, l.value_date, l.kind::text,
        sum(l.credit - l.debit) FILTER (WHERE a.code = '4100'),
        sum(l.credit - l.debit) FILTER (WHERE a.code <> '4100')
    FROM ledger.line l JOIN ledger.account a ON a.book_id = l.book_id AND a.no = l.account_no
    WHERE a.code IN ('1300', '1310') OR a.code = '4100'
    GROUP BY l.book_id, 1, 2, 3, 4 ORDER BY 1, 2
"""


@pytest.fixture
def own_url(demo_url: str) -> Iterator[str]:
    """A copy of the demo, for one test."""
    with clone_of(demo_url) as url:
        yield url


async def test_every_invariant_holds(demo_url: str) -> None:
    """Seals, chains, totals, floors, halves, turnover, roll-up, and the trail."""
    async with engine_of(demo_url) as engine:
        found = await proof(engine, actor="auditor", clock=lambda: NOW)
    assert found.findings == ()
    assert await rows(demo_url, "SELECT FROM ledger.delta") == []


def test_there_is_something_of_everything(demo_url: str) -> None:
    """Reversals, transfers, write-offs, moves, open loans, loans between organisations."""
    counts = """
        SELECT (SELECT count(*) FROM ledger.entry WHERE kind = 'reversal'),
            (SELECT count(*) FROM ledger.entry WHERE counterpart_no IS NOT NULL),
            (SELECT count(*) FROM ledger.account WHERE code = '5100'),
            (SELECT count(*) FROM service.membership WHERE to_on < 'infinity'),
            (SELECT count(*) FROM service.loan WHERE product = 'OPEN-12'),
            (SELECT count(*) FROM service.loan WHERE organisation IS NOT NULL)
    """
    ((*found,),) = fetch(demo_url, counts)
    assert all(found), found


def test_no_reference_points_nowhere(demo_url: str) -> None:
    """Foreign keys were not looked at while writing."""
    for table, other, column, key in fetch(demo_url, _FOREIGN_KEYS):
        lost = f"SELECT {column} FROM {table} EXCEPT SELECT {key} FROM {other}"
        assert [row for row in fetch(demo_url, lost) if row[0] is not None] == [], (table, column)


def test_nothing_lies_in_the_future(demo_url: str) -> None:
    """The last meeting and the last posting are of the last month."""
    last = "SELECT max(value_date), max(posted_at)::date FROM ledger.entry"
    assert fetch(demo_url, last) == [(date(2026, 6, 27), date(2026, 6, 27))]


async def test_the_closure_is_what_the_federation_makes_of_the_memberships(own_url: str) -> None:
    """Also of those that moved."""
    under = "SELECT * FROM ledger.under ORDER BY 1, 2, 3"
    before = await rows(own_url, under)
    codes = [str(row[0]) for row in await rows(own_url, "SELECT code FROM service.organisation")]
    async with (
        engine_of(own_url) as engine,
        write_books(engine, actor="clerk", now=NOW) as books,
    ):
        await federation.place_new(books, codes)
    assert await rows(own_url, under) == before


async def test_every_schedule_is_what_its_product_gives(demo_url: str) -> None:
    """Principal, charge and day of every instalment."""
    async with engine_of(demo_url) as engine, read_books(engine, actor="clerk", now=NOW) as books:
        loans = await contracts.loans(books)
    assert loans
    for loan in loans.values():
        assert loan.schedule == schedule(loan.contract, ()), loan.code


async def test_every_repayment_splits_as_the_rules_say(demo_url: str) -> None:
    """From all that was posted before it."""
    async with engine_of(demo_url) as engine, read_books(engine, actor="clerk", now=NOW) as books:
        loans = await contracts.loans(books)
    replays: dict[str, Replay] = {}
    for code, _, on, kind, charge, principal in await rows(demo_url, _PAYMENTS):
        replay = replays.setdefault(str(code), Replay(loans[str(code)]))
        assert isinstance(on, date)
        replay.take(on, str(kind), int(charge or 0), int(principal or 0))  # type: ignore[call-overload] # as read
    assert replays.keys() == loans.keys()


class Replay:
    """What was posted of a loan so far."""

    def __init__(self, loan: Loan) -> None:
        self.loan = loan
        self.moves: list[Move] = []

    def take(self, on: date, kind: str, charge: int, principal: int) -> None:
        """A payment is split as expected; what takes all and has no charge may be a write-off."""
        outstanding = sum(move.principal_change for move in self.moves)
        pays_out = principal < 0 if kind == "normal" else principal > 0
        if kind == "normal" and not pays_out and (charge or principal != outstanding):
            assert self._split(on, charge + principal) == Split(charge, principal, 0)
        paid_out, repaid = (-principal, 0) if pays_out else (0, principal)
        move = Move(value_date=on, disbursed=paid_out, principal_repaid=repaid, charge_paid=charge)
        self.moves.append(move)

    def _split(self, on: date, amount: int) -> Split:
        contract, schedule = self.loan.contract, self.loan.schedule
        return allocate(contract, schedule, self.moves, paid_on=on, amount=amount)


async def test_the_nightly_arrears_run_on_it(own_url: str) -> None:
    """And a part of the portfolio is at risk, as in life."""
    async with engine_of(own_url) as engine:
        await run(engine, JOBS["arrears"], LAST_DAY, asked_by="clerk", clock=lambda: NOW)
    risk = """
        SELECT over_30::float / outstanding FROM service.portfolio_at_risk WHERE node = 'RSPN'
    """
    ((share,),) = await rows(own_url, risk)
    assert 0.01 < float(str(share)) < 0.10


@pytest.mark.parametrize("code", ["CO-000001", "VO-00001", "LSO-0001"])
async def test_the_service_shows_a_trial_balance_that_balances(own_url: str, code: str) -> None:
    """Of one book, and of all below it."""
    await asyncio.to_thread(appoint, own_url, OFFICERS)
    asked = {"first_on": "2024-07-01", "last_on": "2026-06-30", "consolidated": "true"}
    if code.startswith("CO"):
        del asked["consolidated"]
    async with serve(own_url) as client:
        path = f"/v1/organisations/{code}/statements/trial-balance"
        found = good(await client.get(path, params=asked))["items"]
    assert found
    paisa = {p: sum(round(float(row[p]) * 100) for row in found) for p in ("debit", "credit")}
    assert paisa["debit"] == paisa["credit"] > 0


async def test_a_meeting_can_be_held_after_it(own_url: str) -> None:
    """The next book and the next place get numbers that are free."""
    async with (
        engine_of(own_url) as engine,
        write_books(engine, actor="clerk", now=NOW) as books,
    ):
        found = await books.fetch("SELECT id FROM ledger.open_books(ARRAY ['CO-NEW'])")
    assert found[0][0] == SMALL.books + 1


async def test_another_seed_makes_other_books(database_url: str, demo_url: str) -> None:
    """Of the same shape."""
    shape = Shape(60, 2, 8, 12, SMALL.last_month)
    await make(database_url, shape)
    ours, others = await rows(demo_url, HEADS), await rows(database_url, HEADS)
    assert [row[0] for row in ours] == [row[0] for row in others]
    assert sum(a == b for a, b in zip(ours, others, strict=True)) <= SMALL.co_book
    assert all(a != b for a, b in zip(ours[-60:], others[-60:], strict=True))


async def test_books_with_anything_in_them_are_left_alone(database_url: str) -> None:
    """Even with a single book."""
    await asyncio.to_thread(execute, database_url, "SELECT ledger.open_books(ARRAY ['CO-01'])")
    with pytest.raises(BooksNotEmpty, match="There are books in this database"):
        await make(database_url, SMALL)
    assert await rows(database_url, "SELECT to_regnamespace('demo') IS NULL") == [(True,)]


def test_nothing_is_left_of_what_was_under_way(demo_url: str) -> None:
    """The schema is the migrations' again."""
    assert fetch(demo_url, "SELECT to_regnamespace('demo') IS NULL") == [(True,)]
    assert fetch(demo_url, "SELECT imported_by FROM service.bundle") == [("demo generate",)]


def test_blocks_are_fair_and_bounded() -> None:
    """Four at least where there are units enough, and none beyond memory."""
    small, large = (
        writing.planned(Shape(cos, 2, 1, 12, SMALL.last_month)) for cos in (5_550, 555_000)
    )
    assert (small.blocks, large.units_of_a_block) == (4, writing.MOST_UNITS_OF_A_BLOCK)
    assert [unit for block in range(small.blocks) for unit in small.units_in(block)] == list(
        range(small.shape.units)
    )
