"""Posting for real: lock, read, decide, write, commit."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, timedelta
from typing import TYPE_CHECKING, Final

import asyncpg
import pytest

from ledger.entries import MOST_PAISA_ON_A_LINE, EntryRef, reversal
from ledger.positions import Move
from ledger.postgres import journal
from ledger.postgres.post import post
from ledger.refusals import (
    AlreadyReversed,
    BookUnknown,
    FloorPassed,
    KeyReused,
    LineMalformed,
    PeriodClosed,
    PostedAtRefused,
)
from ledger.requests import Posted
from tests.support.database import asyncpg_url
from tests.support.ledger import (
    DAY,
    NOW,
    TODAY,
    account,
    application,
    close_period,
    credit,
    debit,
    deposit,
    draft,
    fingerprint,
    open_books,
    post_all,
    post_each,
    prove,
    request,
    transfer,
    withdrawal,
)

if TYPE_CHECKING:
    from ledger.entries import Draft
    from ledger.positions import Position
    from ledger.requests import Request

SECOND: Final = timedelta(seconds=1)


async def test_a_batch_posts_what_it_may_and_refuses_the_rest(
    connection: asyncpg.Connection,
) -> None:
    """Posted, replayed and refused stand side by side; the refused leave no trace."""
    await open_books(connection, "CO-01", "CO-02")
    asked = [
        request(deposit(500), key="a"),
        request(withdrawal(501), key="b"),
        request(deposit(70, "M-2"), key="a"),
        request(deposit(70, "M-2"), key="a", digest=b"x" * 32),
        request(deposit(5, book=9)),
        request(*transfer(100, giver=1, taker=2), key="c"),
        request(withdrawal(400)),
    ]
    outcomes = await post_each(connection, *asked)
    assert [type(o) if not isinstance(o, Posted) else o for o in outcomes] == [
        Posted((EntryRef(1, 1),)),
        FloorPassed,
        Posted((EntryRef(1, 1),), replayed=True),
        KeyReused,
        BookUnknown,
        Posted((EntryRef(1, 2), EntryRef(2, 1))),
        Posted((EntryRef(1, 3),)),
    ]
    await prove(connection, [1, 2])
    before = await fingerprint(connection)
    assert [type(o) for o in await post_each(connection, *asked[1:5])] == [
        *[FloorPassed, Posted, KeyReused, BookUnknown]
    ]
    assert await fingerprint(connection) == before


async def test_nothing_is_posted_for_nothing(connection: asyncpg.Connection) -> None:
    """An empty batch, and a request without drafts."""
    assert await post_each(connection) == ()
    assert await post_each(connection, request()) == (Posted(()),)


async def test_nothing_is_kept_before_the_commit(connection: asyncpg.Connection) -> None:
    """A transaction that rolls back posted nothing."""
    await open_books(connection, "CO-01")
    before = await fingerprint(connection)
    await connection.execute("BEGIN; SET LOCAL ROLE amanat_system")
    await post(connection, [request(deposit(5))], recorded_at=NOW)
    await connection.execute("ROLLBACK")
    assert await fingerprint(connection) == before


async def test_a_batch_may_touch_many_books(connection: asyncpg.Connection) -> None:
    """Sixty books, in whatever order, some more than once, in one transaction."""
    books = await open_books(connection, *(f"CO-{n:02d}" for n in range(60)))
    drafts = [deposit(n + 1, f"M-{n % 7}", book=books[n * 37 % 60]) for n in range(180)]
    refs = await post_all(connection, *map(request, drafts))
    assert sorted(refs) == [(book, no) for book in books for no in (1, 2, 3)]
    await prove(connection, books)


async def test_accounts_are_opened_once_and_found_again(connection: asyncpg.Connection) -> None:
    """Within an entry, within a batch, and by a later one."""
    await open_books(connection, "CO-01")
    twice = draft(debit("1000", 3), credit("2000", 1, "M-1"), credit("2000", 2, "M-1"))
    await post_all(connection, request(twice), request(deposit(5), deposit(6, "M-2")))
    await post_all(connection, request(deposit(7, "M-2")))
    rows = await connection.fetch("SELECT no, party, opened_in FROM ledger.account ORDER BY no")
    assert [tuple(row) for row in rows] == [(1, "", 1), (2, "M-1", 1), (3, "M-2", 3)]
    await prove(connection, [1])


@pytest.mark.parametrize("on", [date(1979, 7, 1), date(1999, 6, 30), date(2024, 2, 29)])
async def test_an_unusual_fiscal_year_gets_its_partition(
    connection: asyncpg.Connection, on: date
) -> None:
    """Made on demand, by the application itself, in the posting's transaction."""
    await open_books(connection, "CO-01")
    await post_all(connection, request(deposit(5, on=on)), request(deposit(6, on=on)))
    year = on.year + (on.month >= 7)
    assert await connection.fetchval(f"SELECT count(*) FROM ledger.line_fy{year}") == 4
    await prove(connection, [1])


async def test_a_misspelt_year_does_not_fail_its_batch(connection: asyncpg.Connection) -> None:
    """Refused by itself; the others stand."""
    await open_books(connection, "CO-01")
    refused, posted = await post_each(
        connection, request(deposit(5, on=date(206, 1, 5))), request(deposit(5))
    )
    assert isinstance(refused, PeriodClosed)
    assert isinstance(posted, Posted)


async def test_amounts_that_no_line_holds_are_refused_cleanly(
    connection: asyncpg.Connection,
) -> None:
    """Near 2^63; the largest that a line holds is posted, and read back to the paisa."""
    await open_books(connection, "CO-01")

    def asks(amount: int) -> Request:
        return replace(request(deposit(1)), draft=lambda _: [deposit(amount)])

    outcomes = await post_each(
        connection,
        *(
            asks(amount)
            for amount in (2**63 - 1, 2**63, 2**64, MOST_PAISA_ON_A_LINE + 1, MOST_PAISA_ON_A_LINE)
        ),
    )
    assert [type(o) for o in outcomes] == [LineMalformed] * 4 + [Posted]
    entry = (await journal.entries(connection, [EntryRef(1, 1)]))[EntryRef(1, 1)]
    assert entry.lines == deposit(MOST_PAISA_ON_A_LINE).lines


async def test_a_turnover_never_wraps_round(connection: asyncpg.Connection) -> None:
    """More than an account can hold fails, and posts nothing."""
    await open_books(connection, "CO-01")
    most = MOST_PAISA_ON_A_LINE
    there_and_back = [debit("1000", most), credit("1000", most)] * 9_300
    before = await fingerprint(connection)
    with pytest.raises(asyncpg.NumericValueOutOfRangeError):
        await post_each(connection, request(draft(*there_and_back)))
    assert await fingerprint(connection) == before


async def test_a_replay_is_answered_on_another_connection(
    connection: asyncpg.Connection, database_url: str
) -> None:
    """I5: the key is in the book, not in the process."""
    await open_books(connection, "CO-01", "CO-02")
    await post_all(connection, request(deposit(500)))
    asked = request(*transfer(5, giver=1, taker=2), key="k")
    (first,) = await post_each(connection, asked)
    assert isinstance(first, Posted)
    other = await asyncpg.connect(asyncpg_url(database_url))
    try:
        (again,) = await post_each(other, asked, at=NOW + SECOND)
        (reused,) = await post_each(other, replace(asked, digest=b"x" * 32))
    finally:
        await other.close()
    assert again == replace(first, replayed=True)
    assert isinstance(reused, KeyReused)


async def test_text_in_any_script_is_sealed_and_kept(connection: asyncpg.Connection) -> None:
    """The seal is over bytes, and PostgreSQL counts the same ones."""
    odd = "بچت\u200cکی رقم '\";|#\\ 🧵\n\t3:x;"
    (book,) = await open_books(connection, odd)
    lines = (
        debit("1000", 5, odd, fund=odd, subject=odd),
        credit("4900", 5, odd, fund=odd, subject=odd),
    )
    one = replace(draft(*lines, book=book), narrative=odd, actor=odd, reference=odd)
    (ref,) = await post_all(connection, request(one, key=odd))
    entry = (await journal.entries(connection, [ref]))[ref]
    assert (entry.lines, entry.narrative, entry.actor, entry.reference) == (lines, odd, odd, odd)
    await prove(connection, [book])


async def test_names_made_of_the_marks_of_an_array_are_found_again(
    connection: asyncpg.Connection,
) -> None:
    """Quotes, commas, braces and backslashes separate nothing, and `NULL` is a name."""
    (book,) = await open_books(connection, "CO-01")
    names = ['"', '","', '\\",\\"', "\\", "{}", ",", " NULL ", "NULL"]
    lines = [credit("4900", 5, name, subject=name[::-1]) for name in names]
    for _ in range(2):
        odd = draft(debit("1000", 5 * len(names)), *lines, book=book)
        (ref,) = await post_all(connection, request(odd))
        entry = (await journal.entries(connection, [ref]))[ref]
        assert entry.lines == odd.lines
    assert len(await connection.fetch("SELECT FROM ledger.account")) == 1 + len(names)
    await prove(connection, [book])


async def test_floors_look_at_later_days_in_the_database(connection: asyncpg.Connection) -> None:
    """I6: what was posted long ago for a later day still counts."""
    await open_books(connection, "CO-01")
    await post_all(
        connection,
        request(deposit(500)),
        request(withdrawal(500, on=DAY + timedelta(days=5))),
        request(deposit(500, on=DAY + timedelta(days=9))),
    )
    for days, amount, kind in ((0, 1, FloorPassed), (4, 1, FloorPassed), (9, 501, FloorPassed)):
        asked = request(withdrawal(amount, on=DAY + timedelta(days=days)))
        assert isinstance((await post_each(connection, asked))[0], kind)
    await post_all(connection, request(withdrawal(500, on=DAY + timedelta(days=9))))
    await prove(connection, [1])


async def test_a_correction_is_posted_whole(connection: asyncpg.Connection) -> None:
    """Its reversal alone would pass a floor; the books never see it alone."""
    await open_books(connection, "CO-01")
    await post_all(connection, request(deposit(500)), request(withdrawal(300, on=TODAY)))
    wrong = (await journal.entries(connection, [EntryRef(1, 1)]))[EntryRef(1, 1)]
    undo = reversal(wrong, value_date=TODAY, actor="treasurer", narrative="Wrong")
    (refused,) = await post_each(connection, request(undo, key="k"))
    assert isinstance(refused, FloorPassed)
    correction = request(undo, then=[deposit(300)], key="k")
    refs = await post_all(connection, correction)
    assert refs == [(1, 3), (1, 4)]
    assert (await post_each(connection, correction)) == (Posted(tuple(refs), replayed=True),)
    (again,) = await post_each(connection, request(undo))
    assert isinstance(again, AlreadyReversed)
    await prove(connection, [1])


async def test_a_draft_is_told_what_it_asked_for(connection: asyncpg.Connection) -> None:
    """Moves of an account and nets of a subject, from the database and from its own batch."""
    await open_books(connection, "CO-01")
    charge = draft(debit("1000", 70), credit("4100", 70, "M-1", subject="L-1"))
    place = (1, account("4100", "M-1"))
    await post_all(connection, request(charge), request(charge))
    wrong = (await journal.entries(connection, [EntryRef(1, 1)]))[EntryRef(1, 1)]
    undo = reversal(wrong, value_date=TODAY, actor="treasurer", narrative="Wrong")
    await post_all(connection, request(undo))
    told: list[object] = []

    def asks(position: Position) -> list[Draft]:
        told.append(
            (
                sorted(position.moves(*place)),
                position.subject_net(1, "L-1", "4100"),
                position.balance(*place),
                position.lowest_from(*place, DAY),
            )
        )
        return [charge]

    asked = request(charge)
    reads = replace(
        asked.reads, moves=frozenset([place]), subjects=frozenset([(1, "L-1"), (1, "L-2")])
    )
    asked = replace(asked, reads=reads, draft=asks)
    await post_all(connection, asked, asked)
    normal, undone = Move(DAY, False, 0, 140), Move(TODAY, True, 70, 0)  # noqa: FBT003 - a row
    assert told == [
        ([normal, undone], -70, 70, 70),
        ([Move(DAY, False, 0, 70), normal, undone], -140, 140, 140),  # noqa: FBT003 - a row
    ]


async def test_an_import_gives_moments_within_one_transaction(
    connection: asyncpg.Connection,
) -> None:
    """In as many batches as it likes; afterwards the book is like any other."""
    await open_books(connection, "CO-01", "CO-02")
    past = [NOW - timedelta(days=9) + n * SECOND for n in range(6)]
    async with application(connection):
        for n in range(0, 6, 2):
            outcomes = await post(
                connection,
                [request(deposit(5), posted_at=at) for at in past[n : n + 2]],
                recorded_at=NOW,
            )
            assert all(isinstance(outcome, Posted) for outcome in outcomes)
    entries = await journal.page(connection, 1)
    assert [entry.posted_at for entry in entries] == past
    assert {entry.recorded_at for entry in entries} == {NOW}
    (late,) = await post_each(connection, request(deposit(1), posted_at=past[5] + SECOND))
    assert isinstance(late, PostedAtRefused)
    await post_all(connection, request(deposit(1)))
    await prove(connection, [1])


async def test_a_closed_period_is_refused_and_recorded(connection: asyncpg.Connection) -> None:
    """I7: who closed it, when, why, and behind which entry."""
    await open_books(connection, "CO-01")
    await close_period(connection, 1, date(2026, 1, 31))
    (refused,) = await post_each(connection, request(deposit(5, on=date(2026, 1, 31))))
    assert isinstance(refused, PeriodClosed)
    await post_all(connection, request(deposit(5, on=date(2026, 2, 1))))
    rows = await connection.fetch("SELECT * FROM ledger.closing")
    assert [tuple(row) for row in rows] == [(1, date(2026, 1, 31), "auditor", "year end", NOW, 0)]


async def test_halves_share_a_moment_where_one_book_has_more_to_post(
    connection: asyncpg.Connection,
) -> None:
    """PostgreSQL asks for it (I8)."""
    await open_books(connection, "CO-01", "CO-02")
    gives, takes = transfer(9, giver=1, taker=2, first=1)
    await post_all(connection, request(deposit(9), gives, takes, deposit(1, book=2)))
    await prove(connection, [1, 2])
