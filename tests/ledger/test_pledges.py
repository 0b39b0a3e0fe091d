"""Pledged savings (I6): no day from the pledge until its release is below it, whoever writes."""

from __future__ import annotations

import asyncio
from contextlib import AsyncExitStack, closing
from dataclasses import dataclass
from datetime import date, timedelta
from typing import TYPE_CHECKING, Any, Final

import asyncpg
import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from ledger.entries import EntryRef, reversal
from ledger.pledges import Free, Pledge, Savings
from ledger.postgres import journal, pledges
from ledger.postgres.verify import verify
from ledger.posting import decide
from ledger.refusals import DatedInFuture, FloorPassed, Refusal, SavingsPledged
from ledger.requests import Posted
from tests.support.database import asyncpg_url
from tests.support.forgery import honest
from tests.support.ledger import (
    DAY,
    NOW,
    TODAY,
    Desk,
    application,
    credit,
    debit,
    deposit,
    draft,
    empty_books,
    open_books,
    post_all,
    post_each,
    prove,
    request,
    withdrawal,
)

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Iterator

    from ledger.entries import Draft
    from ledger.positions import Position
    from ledger.requests import Outcome, Request


def days(n: int) -> date:
    """`n` days after the usual one."""
    return DAY + timedelta(days=n)


@pytest.fixture(scope="module")
def desk(module_database_url: str) -> Iterator[Desk]:
    """A connection for Hypothesis."""
    with closing(Desk(module_database_url)) as opened:
        yield opened


# -- What is free, by the pure rules ----------------------------------------------------

SAVED: Final = Savings(
    300, ((days(2), -100), (days(4), 50)), (Pledge(120, days(1), days(5)), Pledge(60, days(3)))
)
"""350 until the second day, then 250, then 300; 120 are pledged, then 180, then 60."""


@pytest.mark.parametrize(
    ("since", "least"),
    [
        (0, Free(70, days(3))),
        (3, Free(70, days(3))),
        (4, Free(120, days(4))),
        (5, Free(240, days(5))),
    ],
)
def test_the_least_that_is_free_is_that_of_the_tightest_day(since: int, least: Free) -> None:
    """Where less is saved, or a pledge begins; the day itself counts too."""
    assert SAVED.least_free(days(since)) == least


def test_what_is_moved_counts_on_its_day() -> None:
    """Between days that are known, and on one of them."""
    moved = SAVED.moved(days(3), -20).moved(days(4), -5).moved(days(9), 1)
    assert moved.saved == 276
    assert moved.later == ((days(2), -100), (days(3), -20), (days(4), 45), (days(9), 1))


def naive(saved: list[tuple[int, int]], held: list[Pledge], since: int) -> int:
    """What is free at least, day by day."""
    return min(
        sum(amount for day, amount in saved if day <= n)
        - sum(pledge.amount for pledge in held if pledge.holds(days(n)))
        for n in range(since, 15)
    )


@given(
    st.lists(st.tuples(st.integers(1, 12), st.integers(-50, 50))),
    st.lists(st.tuples(st.integers(1, 50), st.integers(-3, 12), st.none() | st.integers(0, 5))),
    st.integers(0, 12),
)
def test_what_is_free_is_what_the_days_one_by_one_say(
    moves: list[tuple[int, int]], held: list[tuple[int, int, int | None]], since: int
) -> None:
    """Whatever moves, and whenever pledges begin and end."""
    made = [
        Pledge(amount, days(start), None if length is None else days(start + length))
        for amount, start, length in held
    ]
    savings = Savings(0, (), tuple(made))
    for day, amount in moves:
        savings = savings.moved(days(day), amount)
    assert savings.least_free(days(since)).amount == naive(moves, made, since)


# -- Deciding ---------------------------------------------------------------------------


def held(position: Position, *made: Pledge) -> Position:
    """The position, where M-1 has pledged before anything is posted."""
    position.pledged[1, "M-1"] = Savings(0, (), made)
    return position


def one(position: Position, asked: Request) -> Outcome:
    """What becomes of a single request."""
    (outcome,) = decide(position, [asked], recorded_at=NOW).outcomes
    return outcome


@pytest.mark.parametrize(
    ("amount", "on", "allowed"),
    [
        (200, 0, True),
        (201, 0, False),
        (201, 5, False),
        (200, 9, True),
        (500, 10, True),
        (201, -2, False),
    ],
    ids=["all that is free", "too much", "too much later", "the last day", "released", "before"],
)
def test_a_withdrawal_leaves_what_is_pledged(amount: int, on: int, *, allowed: bool) -> None:
    """From the day of the pledge until before that of its release; back-dating is no way around."""
    position = held(empty_books(1), Pledge(300, days(0), days(10)))
    assert isinstance(one(position, request(deposit(500, on=days(-3)))), Posted)
    outcome = one(position, request(withdrawal(amount, on=days(on))))
    assert isinstance(outcome, Posted if allowed else SavingsPledged)


def test_all_her_savings_count_together() -> None:
    """Compulsory and voluntary, of every fund; another's do not."""
    position = held(empty_books(1), Pledge(300, DAY))
    more = draft(debit("1000", 200, fund="cif"), credit("2010", 200, "M-1", fund="cif"))
    for asked in (deposit(200), more, deposit(900, "M-2")):
        assert isinstance(one(position, request(asked)), Posted)
    moved = draft(debit("2000", 50, "M-1"), credit("2010", 50, "M-1"))
    assert isinstance(one(position, request(moved)), Posted)
    assert isinstance(one(position, request(withdrawal(101))), SavingsPledged)
    assert isinstance(one(position, request(withdrawal(100))), Posted)
    assert isinstance(one(position, request(withdrawal(900, "M-2"))), Posted)


def test_the_refusal_says_what_is_free() -> None:
    """In rupees, and on which day what is pledged would be missing."""
    position = held(empty_books(1), Pledge(300_00, days(3)))
    one(position, request(deposit(500_00)))
    assert str(one(position, request(withdrawal(250_00)))) == (
        "Rs 200.00 of what M-1 has saved are free from 2026-02-10 on; this would leave Rs 50.00"
        " less than is pledged on 2026-02-13. Withdraw less, or have the pledge released first."
    )


def test_a_floor_is_told_before_a_pledge() -> None:
    """Who has too little saved at all hears that."""
    position = held(empty_books(1), Pledge(300, DAY))
    one(position, request(deposit(500)))
    assert isinstance(one(position, request(withdrawal(501))), FloorPassed)


def test_drafts_of_one_request_count_together() -> None:
    """What one takes the other may have brought; in a refused one nothing stays."""
    position = held(empty_books(1), Pledge(300, DAY))
    one(position, request(deposit(300)))
    assert isinstance(one(position, request(deposit(50), withdrawal(51))), SavingsPledged)
    assert isinstance(one(position, request(deposit(50), withdrawal(50))), Posted)
    assert isinstance(one(position, request(withdrawal(1))), SavingsPledged)


# -- In the database --------------------------------------------------------------------


async def pledge(
    connection: asyncpg.Connection, amount: int, *, on: date = DAY, party: str = "M-1"
) -> int:
    """Pledge savings of a party in book 1 as the application, and commit."""
    async with application(connection):
        return await pledges.pledge(
            connection,
            book=1,
            party=party,
            subject="L-1",
            amount=amount,
            from_on=on,
            recorded_at=NOW,
        )


async def release(connection: asyncpg.Connection, no: int, *, on: date = TODAY) -> None:
    """Release a pledge of book 1 as the application, and commit."""
    async with application(connection):
        await pledges.release(connection, book=1, no=no, on=on, recorded_at=NOW)


async def attempted(connection: asyncpg.Connection, asked: Draft) -> Outcome:
    """What becomes of a draft posted alone."""
    return (await post_each(connection, request(asked)))[0]


async def test_a_pledge_stays_under_every_withdrawal(connection: asyncpg.Connection) -> None:
    """On its day, later, and dated before it; until the day of its release."""
    await open_books(connection, "CO-01")
    await post_all(connection, request(deposit(500, on=days(-5))))
    no = await pledge(connection, 300, on=days(2))
    for on in (days(-4), days(2), TODAY):
        assert isinstance(await attempted(connection, withdrawal(201, on=on)), SavingsPledged)
    await release(connection, no, on=days(6))
    for on in (days(-4), days(5)):
        assert isinstance(await attempted(connection, withdrawal(201, on=on)), SavingsPledged)
    assert isinstance(await attempted(connection, withdrawal(500, on=days(6))), Posted)
    await prove(connection, [1])
    assert (await verify(connection)).findings == ()


async def test_no_more_is_pledged_than_is_free_on_any_later_day(
    connection: asyncpg.Connection,
) -> None:
    """Also by several pledges, and where a later withdrawal is posted already."""
    await open_books(connection, "CO-01")
    await post_all(
        connection,
        request(deposit(500)),
        request(withdrawal(100, on=days(5))),
        request(deposit(100, on=days(8))),
    )
    with pytest.raises(SavingsPledged, match=r"Rs 4\.00"):
        await pledge(connection, 401)
    with pytest.raises(SavingsPledged, match=r"Rs 0\.00"):
        await pledge(connection, 1, on=days(-1))
    await pledge(connection, 400)
    with pytest.raises(SavingsPledged):
        await pledge(connection, 1)
    assert await pledge(connection, 100, on=days(8)) == 2
    with pytest.raises(SavingsPledged):
        await pledge(connection, 1, on=days(9))
    for day in (TODAY + timedelta(days=1), date.max):
        with pytest.raises(DatedInFuture):
            await pledge(connection, 1, on=day)
    with pytest.raises(DatedInFuture):
        await release(connection, 1, on=TODAY + timedelta(days=1))


async def test_a_saving_that_is_pledged_is_not_reversed_but_replaced(
    connection: asyncpg.Connection,
) -> None:
    """A reversal and what replaces it are one correction, held to pledges after both."""
    await open_books(connection, "CO-01")
    await post_all(connection, request(deposit(500, on=days(-1))))
    await pledge(connection, 300)
    wrong = (await journal.entries(connection, [EntryRef(1, 1)]))[EntryRef(1, 1)]
    undo = reversal(wrong, value_date=TODAY, actor="treasurer", narrative="Wrong")
    for then in ([], [deposit(299)], [deposit(300, on=days(1)), withdrawal(1, on=days(2))]):
        (refused,) = await post_each(connection, request(undo, then=then))
        assert isinstance(refused, SavingsPledged)
    await post_all(connection, request(undo, then=[deposit(300)]))
    assert isinstance(await attempted(connection, withdrawal(1, on=TODAY)), SavingsPledged)
    assert (await verify(connection)).findings == ()


# -- By whoever writes ------------------------------------------------------------------


@pytest.mark.parametrize("on", [-4, 0, 3])
async def test_who_writes_past_python_is_refused(connection: asyncpg.Connection, on: int) -> None:
    """An honest withdrawal, made while nothing was pledged, handed in after; also back-dated."""
    await open_books(connection, "CO-01")
    await post_all(connection, request(deposit(500, on=days(-5))))
    async with application(connection):
        forged = await honest(connection, withdrawal(201, on=days(on)))
    await pledge(connection, 300)
    with pytest.raises(asyncpg.PostgresError, match="I6: the savings of M-1") as refused:
        async with application(connection):
            await forged.hand_in(connection)
    assert refused.value.sqlstate == "AM006"
    assert (await verify(connection)).findings == ()


DOORS: Final = {
    "more than is free": ("pledge_savings(1, 'M-1', 'L', 501, '2026-02-10', $1)", "AM006"),
    "more than is free before": ("pledge_savings(1, 'M-1', 'L', 1, '2026-02-09', $1)", "AM006"),
    "of nobody": ("pledge_savings(1, 'M-9', 'L', 1, '2026-02-10', $1)", "AM006"),
    "nothing": ("pledge_savings(1, 'M-1', 'L', 0, '2026-02-10', $1)", "23514"),
    "less than nothing": ("pledge_savings(1, 'M-1', 'L', -1, '2026-02-10', $1)", "23514"),
    "for nothing": ("pledge_savings(1, 'M-1', '', 1, '2026-02-10', $1)", "23514"),
    "never": ("pledge_savings(1, 'M-1', 'L', 1, NULL, $1)", "23502"),
    "recorded never": ("pledge_savings(1, 'M-1', 'L', 1, '2026-02-10', NULL, $1)", "42"),
    "tomorrow": ("pledge_savings(1, 'M-1', 'L', 1, '2026-03-02', $1)", "AM007"),
    "in no book": ("pledge_savings(9, 'M-1', 'L', 1, '2026-02-10', $1)", "AM006|23503"),
    "released twice": ("release_pledge(1, 1, '2026-02-20', $1)", "AM004"),
    "released of no such": ("release_pledge(1, 9, '2026-02-20', $1)", "AM004"),
    "released before it began": ("release_pledge(1, 2, '2026-02-09', $1)", "23514"),
    "released tomorrow": ("release_pledge(1, 2, '2026-03-02', $1)", "AM007"),
}


async def test_the_doors_check_for_themselves(connection: asyncpg.Connection) -> None:
    """Whoever goes there directly."""
    await open_books(connection, "CO-01")
    await post_all(connection, request(deposit(500)))
    await release(connection, await pledge(connection, 10), on=days(1))
    await pledge(connection, 1, on=days(2))
    for name, (call, state) in DOORS.items():
        with pytest.raises(asyncpg.PostgresError) as refused:
            async with application(connection):
                await connection.execute(f"SELECT ledger.{call}", NOW)
        assert str(refused.value.sqlstate).startswith(tuple(state.split("|"))), name


async def test_a_pledge_is_never_changed_but_released_once(connection: asyncpg.Connection) -> None:
    """Not even by the owner."""
    await open_books(connection, "CO-01")
    await post_all(connection, request(deposit(500)))
    await release(connection, await pledge(connection, 10), on=days(1))
    await pledge(connection, 10)
    for sql in (
        "UPDATE ledger.pledge SET to_on = NULL, released_at = NULL WHERE no = 1",
        "UPDATE ledger.pledge SET to_on = '2026-02-28' WHERE no = 1",
        "UPDATE ledger.pledge SET amount = 1 WHERE no = 2",
        "DELETE FROM ledger.pledge WHERE no = 2",
        "TRUNCATE ledger.pledge CASCADE",
    ):
        with pytest.raises(asyncpg.PostgresError, match=r"I4|never changed") as refused:
            await connection.execute(sql)
        assert refused.value.sqlstate == "AM004", sql
    for sql in ("UPDATE ledger.pledge SET amount = 1", "DELETE FROM ledger.pledge"):
        with pytest.raises(asyncpg.InsufficientPrivilegeError):
            async with application(connection):
                await connection.execute(sql)


@pytest.mark.parametrize(
    ("tampering", "what"),
    [
        ("UPDATE ledger.pledge SET amount = 401", "saved 400 paisa at the end of 2026-02-15"),
        (
            "UPDATE ledger.pledge SET from_on = '2026-02-09'",
            "saved 0 paisa at the end of 2026-02-09",
        ),
        ("UPDATE ledger.pledge SET to_on = NULL, released_at = NULL, amount = 350", "2026-02-20"),
    ],
)
async def test_the_proof_finds_what_is_changed_behind_the_doors(
    connection: asyncpg.Connection, tampering: str, what: str
) -> None:
    """It names the book, the party and the first such day."""
    await open_books(connection, "CO-01")
    await post_all(connection, request(deposit(500)), request(withdrawal(100, on=days(5))))
    await release(connection, await pledge(connection, 300), on=days(10))
    await post_all(connection, request(withdrawal(100, on=days(10))))
    assert (await verify(connection)).findings == ()
    await connection.execute(f"SET session_replication_role = replica; {tampering}")
    (finding,) = (await verify(connection)).findings
    assert (finding.book, finding.entry, finding.account) == (1, None, None)
    assert finding.what.startswith("I6: M-1 has saved")
    assert what in finding.what


# -- At once ----------------------------------------------------------------------------


@pytest.fixture
async def two(database_url: str) -> AsyncIterator[list[asyncpg.Connection]]:
    """Two connections to one database."""
    async with AsyncExitStack() as stack:
        opened = []
        for _ in range(2):
            connection = await asyncpg.connect(asyncpg_url(database_url))
            stack.push_async_callback(connection.close)
            opened.append(connection)
        yield opened


async def test_of_a_pledge_and_a_withdrawal_at_once_one_wins(two: list[asyncpg.Connection]) -> None:
    """Both lock the head of the book: whoever comes second sees what the first did."""
    await open_books(two[0], "CO-01")
    won = set()
    for n in range(20):
        party = f"M-{n}"
        await post_all(two[0], request(deposit(100, party)))
        works = [
            pledge(two[n % 2], 60, party=party),
            attempted(two[1 - n % 2], withdrawal(60, party)),
        ]
        order = works if n % 3 else works[::-1]
        outcomes = await asyncio.gather(*order, return_exceptions=True)
        kept = [outcome for outcome in outcomes if isinstance(outcome, Posted | int)]
        lost = [outcome for outcome in outcomes if isinstance(outcome, SavingsPledged)]
        assert (len(kept), len(lost)) == (1, 1), outcomes
        won.add(type(kept[0]))
    assert (await verify(two[0])).findings == ()


# -- Any sequence -----------------------------------------------------------------------

ACTS: Final = st.tuples(
    st.sampled_from(["save", "save", "withdraw", "pledge", "release", "swap"]),
    st.integers(0, 12),
    st.integers(1, 60),
)


@settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(st.lists(ACTS, max_size=14))
@example([("save", 0, 60), ("pledge", 3, 50), ("withdraw", 0, 20), ("release", 5, 1)])
@example([("save", 0, 60), ("withdraw", 6, 40), ("pledge", 2, 30), ("save", 7, 9)])
def test_no_day_is_below_its_pledges_whatever_is_done(
    desk: Desk, acts: list[tuple[str, int, int]]
) -> None:
    """Deposits, withdrawals, pledges and releases, dated anyhow: done if and only if allowed."""
    history = History()
    desk.run(_played(desk.connection, history, acts))


@dataclass
class History:
    """What was done so far, to be looked at day by day."""

    moves: list[tuple[int, str, int]]
    held: dict[int, Pledge]

    def __init__(self) -> None:
        self.moves, self.held = [], {}

    def fits(self) -> bool:
        """Whether every day has no account below zero, and its pledges saved."""
        for n in range(-1, 15):
            saved = {
                code: sum(a for day, of, a in self.moves if of == code and day <= n)
                for code in ("2000", "2010")
            }
            pledged = sum(p.amount for p in self.held.values() if p.holds(days(n)))
            if min(saved.values()) < 0 or sum(saved.values()) < pledged:
                return False
        return True


async def _played(
    connection: asyncpg.Connection, history: History, acts: list[tuple[str, int, int]]
) -> None:
    number = await connection.fetchval("SELECT count(*) FROM ledger.book")
    (book,) = await open_books(connection, f"CO-{number + 1}")
    for what, day, amount in acts:
        await _act(connection, book, history, what, day, amount)
    found = await verify(connection, [book])
    assert [f for f in found.findings if f.what.startswith("I6")] == []
    assert history.fits()


async def _act(
    connection: asyncpg.Connection, book: int, history: History, what: str, day: int, amount: int
) -> None:
    before = (list(history.moves), dict(history.held))
    work: Any
    if what == "pledge":
        no = len(history.held) + 1
        history.held[no] = Pledge(amount, days(day))
        work = _pledged(connection, book, amount, days(day))
    elif what == "release":
        no = amount % (len(history.held) or 1) + 1
        one = history.held.get(no)
        if one is None or one.to_on is not None or days(day) < one.from_on:
            return
        history.held[no] = one._replace(to_on=days(day))
        work = _released(connection, book, no, days(day))
    else:
        code = "2000" if amount % 2 else "2010"
        other = {"save": "1000", "withdraw": "1000", "swap": "2010" if code == "2000" else "2000"}
        sign = 1 if what == "save" else -1
        history.moves.append((day, code, sign * amount))
        party = "M-1" if what == "swap" else ""
        if what == "swap":
            history.moves.append((day, other[what], amount))
        lines = [(debit, credit), (credit, debit)][what != "save"]
        entry = draft(
            lines[0](other[what], amount, party),
            lines[1](code, amount, "M-1"),
            book=book,
            on=days(day),
        )
        work = _posted(connection, entry)
    allowed = history.fits()
    done = await work
    # Cash has a floor of its own, which these deposits and withdrawals keep to with the savings.
    assert done is allowed, (what, day, amount, history)
    if not done:
        history.moves, history.held = before


async def _posted(connection: asyncpg.Connection, entry: Draft) -> bool:
    return isinstance(await attempted(connection, entry), Posted)


async def _pledged(connection: asyncpg.Connection, book: int, amount: int, on: date) -> bool:
    try:
        async with application(connection):
            await pledges.pledge(
                connection,
                book=book,
                party="M-1",
                subject="L-1",
                amount=amount,
                from_on=on,
                recorded_at=NOW,
            )
    except Refusal:
        return False
    return True


async def _released(connection: asyncpg.Connection, book: int, no: int, on: date) -> bool:
    async with application(connection):
        await pledges.release(connection, book=book, no=no, on=on, recorded_at=NOW)
    return True
