"""Balances, roll-up and turnover against a plain model: every line of every draft, added up."""

from __future__ import annotations

from collections import defaultdict
from contextlib import closing
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from random import Random
from typing import TYPE_CHECKING, Any, Final, NamedTuple

import pytest

from ledger.entries import Draft, EntryRef, Kind, Line, reversal
from ledger.postgres import balances, journal
from ledger.postgres.balances import AccountBalance, AccountsAsked, Balance, NodeBalance
from ledger.postgres.settled import refuse_unsettled
from ledger.refusals import MomentUnsettled
from ledger.requests import Posted
from tests.support.ledger import (
    FUND,
    NOW,
    Desk,
    account,
    application,
    credit,
    debit,
    deposit,
    draft,
    open_books,
    post_all,
    post_each,
    request,
    transfer,
    withdrawal,
)

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    import asyncpg

FIRST: Final = date(2025, 5, 1)
LAST: Final = date(2026, 2, 20)
FOR_EVER: Final = date(9999, 1, 1)
BOOKS: Final = ["CO-01", "CO-02", "CO-03", "VO-01", "VO-02", "LSO-01"]
CO1, CO2, CO3, VO1, VO2, LSO = range(1, 7)
DAYS: Final = [FIRST, date(2025, 6, 30), date(2025, 8, 14), date(2025, 12, 1), LAST]
CODES: Final = ["1000", "1200", "2000", "2100", "4000", "4200"]


class Turnover(NamedTuple):
    """What a node's books moved on a code in a quarter, outside each other."""

    node: int
    quarter: date
    code: str
    reversal: bool
    debit: int
    credit: int


async def turned(
    link: asyncpg.Connection,
    on: date,
    codes: list[str],
    *,
    first_on: date | None = None,
    known_by: datetime | None = None,
    nodes: list[int] | None = None,
) -> list[Turnover]:
    """The rows of `balances.TURNOVER`."""
    rows = await link.fetch(balances.TURNOVER, nodes, on, known_by, codes, first_on)
    return [Turnover(*row) for row in rows]


class Under(NamedTuple):
    """A book is under a node during [from_on, to_on)."""

    book: int
    node: int
    from_on: date
    to_on: date


MOVED: Final = date(2025, 9, 1)
FEDERATION: Final = [
    *(Under(book, book, FIRST, FOR_EVER) for book in range(1, 7)),
    Under(CO1, VO1, FIRST, FOR_EVER),
    Under(CO2, VO1, FIRST, MOVED),
    Under(CO2, VO2, MOVED, FOR_EVER),
    Under(CO3, VO2, date(2025, 7, 1), date(2026, 1, 1)),
    *(Under(book, LSO, FIRST, FOR_EVER) for book in (CO1, CO2, VO1)),
    Under(VO2, LSO, date(2025, 10, 1), FOR_EVER),
    Under(CO3, LSO, date(2025, 10, 1), date(2026, 1, 1)),
]


class Known(NamedTuple):
    """A line as the model keeps it."""

    book: int
    on: date
    posted_at: datetime
    kind: Kind
    line: Line


@dataclass
class Model:
    """All lines, in a list."""

    lines: list[Known] = field(default_factory=list)

    def known(self, on: date, known_by: datetime | None) -> list[Known]:
        """The lines up to a day that the books knew of by a moment."""
        return [
            one
            for one in self.lines
            if one.on <= on and (known_by is None or one.posted_at <= known_by)
        ]

    def trial_balance(self, on: date, known_by: datetime | None) -> list[Balance]:
        """Every fund and code of every book."""
        nets: defaultdict[tuple[int, str, str], int] = defaultdict(int)
        for book, _, _, _, line in self.known(on, known_by):
            nets[book, line.account.fund, line.account.code] += line.debit - line.credit
        return [Balance(*place, net) for place, net in sorted(nets.items())]

    def rollup(self, on: date, known_by: datetime | None) -> list[NodeBalance]:
        """Every fund and code of every node, from the books under it on the day."""
        nets: defaultdict[tuple[int, str, str], list[int]] = defaultdict(lambda: [0, 0])
        for book, _, _, _, line in self.known(on, known_by):
            for node in under(book, on):
                sums = nets[node, line.account.fund, line.account.code]
                sums[0] += line.debit - line.credit
                if node in under(line.faces, on):
                    sums[1] += line.debit - line.credit
        return [NodeBalance(*place, *sums) for place, sums in sorted(nets.items())]

    def turnover(
        self, on: date, codes: list[str], first_on: date | None, known_by: datetime | None
    ) -> list[Turnover]:
        """What every node's books moved by quarter, where they were on the day of the line."""
        sums: defaultdict[tuple[int, date, str, bool], list[int]] = defaultdict(lambda: [0, 0])
        for book, day, _, kind, line in self.known(on, known_by):
            if kind is Kind.CLOSE or line.account.code not in codes or day < (first_on or FIRST):
                continue
            quarter = date(day.year, (day.month - 1) // 3 * 3 + 1, 1)
            for node in set(under(book, day)) - set(under(line.faces, day)):
                moved = sums[node, quarter, line.account.code, kind is Kind.REVERSAL]
                moved[0] += line.debit
                moved[1] += line.credit
        return [Turnover(*place, *moved) for place, moved in sorted(sums.items())]


def under(book: int | None, day: date) -> list[int]:
    """The nodes that a book was under on a day."""
    return [o.node for o in FEDERATION if o.book == book and o.from_on <= day < o.to_on]


def moved(found: Sequence[tuple[Any, ...]]) -> list[tuple[object, ...]]:
    """Rows without those whose amounts are all zero."""
    return [tuple(one) for one in found if any(one[4 if isinstance(one, Turnover) else 3 :])]


async def write_history(connection: asyncpg.Connection) -> Model:
    """Two hundred random requests in as many moments: most posted, some refused."""
    assert await open_books(connection, *BOOKS) == list(range(1, 7))
    async with application(connection):
        columns = [list(column) for column in zip(*FEDERATION, strict=True)]
        await connection.execute(
            "SELECT ledger.place_books($1, $2, $3, $4, $5)", list(range(1, 7)), *columns
        )
    random = Random(7)  # noqa: S311 - a fixed history, not a secret
    model, posted = Model(), list[EntryRef]()
    for step in range(200):
        drafts = await _draft(connection, random, posted)
        (outcome,) = await post_each(
            connection, request(*drafts), at=NOW + step * timedelta(seconds=1)
        )
        if isinstance(outcome, Posted):
            posted += outcome.refs
            found = await journal.entries(connection, outcome.refs)
            model.lines += [
                Known(one.ref.book, one.value_date, one.posted_at, one.kind, line)
                for one in found.values()
                for line in one.lines
            ]
    assert {one.kind for one in model.lines} == set(Kind)
    assert any(one.line.faces for one in model.lines)
    return model


async def _draft(
    connection: asyncpg.Connection, random: Random, posted: list[EntryRef]
) -> tuple[Draft, ...]:
    on = FIRST + timedelta(days=random.randrange((LAST - FIRST).days + 1))
    book, other = random.sample(range(1, 7), 2)
    amount, party = random.randint(1, 500), f"M-{random.randint(1, 3)}"
    choice = random.randrange(6)
    if choice == 1:
        return (withdrawal(amount // 4 + 1, party, book=book, on=on),)
    if choice == 2:
        return transfer(amount // 4 + 1, giver=book, taker=other, on=on)
    if choice == 3:
        lines = debit("1000", amount, fund="flood"), credit("4200", amount, fund="flood")
        return (draft(*lines, book=book, on=on),)
    if choice == 4 and posted:
        wrong = (await journal.entries(connection, [ref := random.choice(posted)]))[ref]
        undo = reversal(wrong, value_date=LAST, actor="treasurer", narrative="Wrong")
        return (undo,)
    if choice == 5:
        lines = debit("4000", amount), credit("3000", amount)
        return (draft(*lines, book=book, on=on, kind=Kind.CLOSE),)
    return (deposit(amount, party, book=book, on=on),)


class Played(NamedTuple):
    """A database and the model of what it holds."""

    desk: Desk
    model: Model


@pytest.fixture(scope="module")
def played(module_database_url: str) -> Iterator[Played]:
    """The module's database with a random history, and its model."""
    with closing(Desk(module_database_url)) as desk:
        yield Played(desk, desk.run(write_history(desk.connection)))


MOMENTS: Final = [None, *(NOW + timedelta(seconds=n) for n in (-1, 0, 57, 120, 500))]


@pytest.mark.parametrize("known_by", MOMENTS, ids=str)
@pytest.mark.parametrize("on", DAYS, ids=str)
def test_every_figure_is_that_of_the_plain_model(
    played: Played, on: date, known_by: datetime | None
) -> None:
    """Trial balance, roll-up with eliminations, and turnover: any day, as known by any moment."""
    desk, model = played

    async def read() -> None:
        link = desk.connection
        found = await balances.trial_balance(link, on, known_by=known_by)
        assert moved(found) == moved(model.trial_balance(on, known_by))
        nodes = await balances.rollup(link, on, known_by=known_by)
        assert moved(nodes) == moved(model.rollup(on, known_by))
        for codes, first_on in ((CODES, None), (["1200", "2000"], date(2025, 7, 1))):
            turnover = await turned(link, on, codes, first_on=first_on, known_by=known_by)
            assert moved(turnover) == moved(model.turnover(on, codes, first_on, known_by))

    desk.run(read())


def test_only_the_books_and_nodes_asked_for_are_read(played: Played) -> None:
    """And none, where none is asked for."""
    desk, model = played

    async def read() -> None:
        link = desk.connection
        found = await balances.trial_balance(link, LAST, books=[CO2, VO1])
        assert found == [b for b in model.trial_balance(LAST, None) if b.book in (CO2, VO1)]
        nodes = await balances.rollup(link, LAST, nodes=[LSO])
        assert nodes == [b for b in model.rollup(LAST, None) if b.node == LSO]
        moved = await turned(link, LAST, CODES, nodes=[VO2])
        assert moved == [t for t in model.turnover(LAST, CODES, None, None) if t.node == VO2]
        assert await balances.trial_balance(link, LAST, books=[]) == []
        assert await balances.rollup(link, LAST, nodes=[]) == []
        assert await turned(link, LAST, []) == []

    desk.run(read())


@pytest.mark.parametrize("known_by", MOMENTS[:4], ids=str)
def test_every_account_of_a_book_is_listed(played: Played, known_by: datetime | None) -> None:
    """By code, fund and party, with its number."""
    desk, model = played
    nets: defaultdict[tuple[str, str, str], int] = defaultdict(int)
    for one in model.known(DAYS[3], known_by):
        if one.book == CO1:
            code, fund, party = one.line.account
            nets[code, fund, party] += one.line.debit - one.line.credit
    found = desk.run(balances.account_balances(desk.connection, CO1, DAYS[3], known_by=known_by))
    assert [(one.code, one.fund, one.party, one.net) for one in found] == [
        (*place, net) for place, net in sorted(nets.items())
    ]
    assert len({one.no for one in found}) == len(found)


def test_accounts_come_in_pages_and_by_code_and_fund(played: Played) -> None:
    """Together they are all; those that hold nothing may be left out."""
    desk, _ = played
    every = desk.run(balances.account_balances(desk.connection, CO1, LAST))
    after, found = None, []
    while page := _accounts(desk, after=after, limit=2):
        assert len(page) <= 2
        found += page
        after = page[-1].no
    assert found == every
    assert len(every) > 4
    codes, fund = (every[0].code, every[-1].code), every[-1].fund
    assert _accounts(desk, codes=codes, fund=fund) == [
        one for one in every if one.code in codes and one.fund == fund
    ]
    assert _accounts(desk, held=True) == [one for one in every if one.net]


def _accounts(desk: Desk, **asked: Any) -> list[AccountBalance]:  # noqa: ANN401 - as `AccountsAsked` has it
    of = AccountsAsked(**asked)
    return desk.run(balances.account_balances(desk.connection, CO1, LAST, asked=of))


def test_what_books_hold_of_each_other_is_eliminated(played: Played) -> None:
    """At a node that both are under: what is left faces only books outside it."""
    desk, _ = played
    found = desk.run(balances.rollup(desk.connection, LAST, nodes=[LSO, CO1]))
    assert any(one.eliminated for one in found if one.node == LSO)
    assert sum(one.eliminated for one in found) == 0
    assert not any(one.eliminated for one in found if one.node == CO1)


async def test_an_account_shows_its_balance_and_its_number(
    connection: asyncpg.Connection,
) -> None:
    """Also after it has come to nothing."""
    await open_books(connection, "CO-01")
    await post_all(connection, request(deposit(5)), request(withdrawal(5, on=LAST)))
    assert await balances.account_balances(connection, 1, LAST) == [
        AccountBalance(1, *account("1000")[:2], "", 0),
        AccountBalance(2, "2000", FUND, "M-1", 0),
    ]
    assert await balances.account_balances(connection, 1, FIRST) == []


@pytest.mark.parametrize("reader", ["trial_balance", "account_balances", "rollup"])
async def test_a_moment_that_is_not_settled_is_refused(
    connection: asyncpg.Connection, reader: str
) -> None:
    """What is known by a moment to come, or by a posting that still runs, may change."""
    ahead = datetime.now(UTC) + timedelta(minutes=1)
    arguments = {"account_balances": (1, LAST)}.get(reader, (LAST,))
    with pytest.raises(MomentUnsettled):
        await getattr(balances, reader)(connection, *arguments, known_by=ahead)


async def test_a_running_posting_holds_moments_back(connection: asyncpg.Connection) -> None:
    """`known_by` lies before the oldest transaction that may still write."""
    await open_books(connection, "CO-01")
    await connection.execute("BEGIN; SET LOCAL ROLE amanat_system")
    began = await connection.fetchval("SELECT now()")
    await connection.fetchval("SELECT pg_current_xact_id()")
    with pytest.raises(MomentUnsettled):
        await refuse_unsettled(connection, began)
    await refuse_unsettled(connection, began - timedelta(microseconds=1))
    await refuse_unsettled(connection, None)
    await connection.execute("ROLLBACK")
    await refuse_unsettled(connection, began)
