"""The proof finds whatever is changed behind the doors, and says where."""

from __future__ import annotations

from datetime import date
from typing import TYPE_CHECKING, Final

import pytest

from ledger.entries import EntryRef, reversal
from ledger.postgres import journal, verify
from tests.support.ledger import (
    TODAY,
    close_period,
    deposit,
    open_books,
    post_all,
    request,
    transfer,
    withdrawal,
)

if TYPE_CHECKING:
    import asyncpg


async def write_history(connection: asyncpg.Connection) -> None:
    """Book 1: a deposit, a withdrawal, a transfer to book 2, a deposit and its reversal."""
    await open_books(connection, "CO-01", "CO-02", "CO-03")
    await post_all(
        connection,
        *[request(deposit(500)), request(withdrawal(100, on=TODAY))],
        *[request(*transfer(50, giver=1, taker=2)), request(deposit(70, "M-2"))],
    )
    wrong = (await journal.entries(connection, [EntryRef(1, 4)]))[EntryRef(1, 4)]
    undo = reversal(wrong, value_date=TODAY, actor="treasurer", narrative="Wrong")
    await post_all(connection, request(undo))
    await close_period(connection, 1, date(2025, 12, 31))


async def test_honest_books_are_proven(
    connection: asyncpg.Connection, monkeypatch: pytest.MonkeyPatch
) -> None:
    """All of them, stretch by stretch, and counted."""
    await write_history(connection)
    monkeypatch.setattr(verify, "BOOKS_AT_A_TIME", 2)
    assert await verify.verify(connection) == verify.Proof(3, 6, 12, ())


FOLDED: Final = """
    SELECT ledger.place_books('{1,2}', '{1,1,2}', '{1,2,2}', '{-infinity,-infinity,-infinity}',
        '{infinity,infinity,infinity}'), ledger.fold(1000), ledger.sum_up('2030-01-01')"""
"""Book 1 is under book 2, all is folded and summed up."""


@pytest.mark.parametrize(
    ("tampering", "where", "what"),
    [
        # tampering                                                     book, entry, account  what
        ("UPDATE ledger.entry SET narrative = 'x' WHERE no = 2", (1, 2, None), "I3: the hash"),
        ("UPDATE ledger.entry SET hash = sha256('') WHERE no = 2", (1, 3, None), "I3: it does not"),
        ("DELETE FROM ledger.entry WHERE no = 2", (1, 3, None), "I3: the numbers"),
        ("DELETE FROM ledger.entry WHERE no = 2", (1, 2, None), "I3: lines belong to no entry"),
        ("DELETE FROM ledger.entry WHERE no = 5", (1, None, None), "I3: the head"),
        ("DELETE FROM ledger.line WHERE entry_no = 2", (1, 2, None), "I3: the entry has no lines"),
        ("UPDATE ledger.line SET debit = 1 WHERE debit = 100", (1, 2, None), "I1: fund general"),
        ("UPDATE ledger.line SET kind = 'close' WHERE entry_no = 2", (1, 2, None), "I3: a line is"),
        (
            "UPDATE ledger.line SET account_no = 9 WHERE entry_no = 2 AND n = 1",
            (1, 2, None),
            "I2: a line names",
        ),
        ("UPDATE ledger.account SET debit = 1 WHERE no = 2", (1, None, 2), "I2: the total"),
        ("UPDATE ledger.account SET last_on = '1999-01-01' WHERE no = 2", (1, None, 2), "I2"),
        ("UPDATE ledger.account SET party = 'M-9' WHERE no = 2", (1, 1, None), "I3: the hash"),
        ("UPDATE ledger.delta SET debit = 1 WHERE debit = 100", (1, None, None), "I2: what it"),
        ("DELETE FROM ledger.delta WHERE entry_no = 2", (1, None, None), "I2: what it turned"),
        (f"{FOLDED}; UPDATE ledger.turnover SET debit = 1", (1, None, None), "I2: what it turned"),
        (f"{FOLDED}; DELETE FROM ledger.turnover", (1, None, None), "I2: what it turned over on"),
        (
            "INSERT INTO ledger.subject VALUES (1, 'L-1', '4100', 0, 1)",
            (1, None, None),
            "I2: the total of L-1 on 4100",
        ),
        (
            "INSERT INTO ledger.moneyless VALUES (1, current_date, 1, 'own')",
            (1, 1, None),
            "I2: whether it moved money",
        ),
        (f"{FOLDED}; UPDATE ledger.rollup SET debit = 1", (2, None, None), "I2: its roll-up"),
        (f"{FOLDED}; DELETE FROM ledger.rollup WHERE span = 2", (2, None, None), "I2: its roll"),
        (f"{FOLDED}; DELETE FROM ledger.under", (2, None, None), "I2: its roll-up is not"),
        ("UPDATE ledger.line SET value_date = '2026-02-01' WHERE entry_no = 2", (1, None, 2), "I6"),
        ("UPDATE ledger.entry SET posted_at = '2026-01-01' WHERE no = 2", (1, 2, None), "I7"),
        ("UPDATE ledger.entry SET posted_at = '2026-01-01' WHERE no = 2", (1, 2, None), "I3: mom"),
        ("DELETE FROM ledger.closing", (1, None, None), "I7: the book is closed to a day"),
        (
            "INSERT INTO ledger.closing VALUES (1, '2026-02-20', 'a', 'b', '2026-02-25', 0)",
            (1, 1, None),
            "I7: it is dated in the period closed",
        ),
        ("UPDATE ledger.entry SET reverses = 1 WHERE no = 5", (1, 5, None), "I4: it does not"),
        ("DELETE FROM ledger.entry WHERE book_id = 2", (1, 3, None), "I8: the other half"),
        (
            "UPDATE ledger.line SET debit = debit / 2, credit = credit / 2 WHERE book_id = 2",
            (2, 1, None),
            "I8: the other half",
        ),
        ("UPDATE ledger.book SET organisation = 'CO-9' WHERE id = 1", (1, 1, None), "I3: it does"),
        ("UPDATE ledger.book SET last_account = 0 WHERE id = 1", (1, None, None), "I3: the head"),
    ],
)
async def test_tampering_is_found(
    connection: asyncpg.Connection,
    tampering: str,
    where: tuple[int, int | None, int | None],
    what: str,
) -> None:
    """By a superuser who switches the triggers off: the book, entry or account is named."""
    await write_history(connection)
    await connection.execute(f"SET session_replication_role = replica; {tampering}")
    findings = (await verify.verify(connection)).findings
    found = [one for one in findings if (one.book, one.entry, one.account) == where]
    assert [one for one in found if one.what.startswith(what)], findings


TIERS: Final = """
    SELECT ledger.place_books('{1,2,3}', '{1,2,3,1,2,1}', '{1,2,3,2,3,3}',
        array_fill('-infinity'::date, '{6}'), array_fill('infinity'::date, '{6}')),
    ledger.fold(1000), ledger.sum_up('2030-01-01')"""
"""Book 1 is under book 2, which is under book 3."""
MORE: Final = "UPDATE ledger.rollup SET debit = debit + 1 WHERE kind = 'normal' AND"
ALIKE: Final = "AND code = '2000' AND (day = '2026-03-01' OR span = 2)"
"""One line more, over its day, month and year."""
NOT_THE_SUM: Final = "I2: its roll-up is not the sum of the books below it"
NO_TREE: Final = "I2: the nodes above it are not a tree"


@pytest.mark.parametrize(
    ("tampering", "said"),
    [
        (f"{MORE} node_id = 2", {(2, NOT_THE_SUM)}),  # and not 3, which is right
        (f"{MORE} node_id = 3", {(3, NOT_THE_SUM)}),
        (f"{MORE} node_id IN (2, 3) {ALIKE}", {(2, NOT_THE_SUM)}),  # 3 agrees with 2
        ("DELETE FROM ledger.under WHERE (book_id, node_id) = (1, 3)", None),
        ("UPDATE ledger.under SET to_on = '2026-01-01' WHERE (book_id, node_id) = (1, 3)", None),
        (
            "INSERT INTO ledger.under VALUES (1, 3, '2026-01-01', '2026-02-01')",
            {(1, NO_TREE)},
        ),
        ("INSERT INTO ledger.under VALUES (2, 1, '2026-01-01', '2026-02-01')", None),
        ("DELETE FROM ledger.under WHERE (book_id, node_id) = (2, 3)", None),
    ],
)
async def test_the_node_that_is_wrong_is_named(
    connection: asyncpg.Connection, tampering: str, said: set[tuple[int, str]] | None
) -> None:
    """And none above it that only disagrees with it; or the book that has no place in the tree."""
    await write_history(connection)
    await connection.execute(f"{TIERS}; {tampering}")
    found = {(one.book, one.what) for one in (await verify.verify(connection)).findings}
    if said is None:
        assert NO_TREE in {what for _, what in found}
    else:
        assert found == said


async def test_some_books_are_proven_from_all_below_them(connection: asyncpg.Connection) -> None:
    """Of which none but those asked for are proven: a node may agree with one that is wrong."""
    await write_history(connection)
    await connection.execute(f"{TIERS}; {MORE} node_id IN (2, 3) {ALIKE}")
    for asked, wrong in (([3], {3}), ([2, 3], {2, 3}), ([1, 2, 3], {2}), ([1], set())):
        found = (await verify.verify(connection, asked)).findings
        assert {(one.book, one.what) for one in found} == {(book, NOT_THE_SUM) for book in wrong}


@pytest.mark.parametrize("of", ["a transfer", "a reversed entry"])
async def test_only_the_entry_that_was_changed_is_named(
    connection: asyncpg.Connection, of: str
) -> None:
    """Not the other half of a transfer, nor the reversal, which disagree with it now."""
    await write_history(connection)
    ((book, no),) = await connection.fetch(
        "SELECT book_id, no FROM ledger.entry WHERE counterpart_no IS NOT NULL LIMIT 1"
        if of == "a transfer"
        else "SELECT book_id, reverses FROM ledger.entry WHERE reverses IS NOT NULL LIMIT 1"
    )
    await connection.execute(
        "SET session_replication_role = replica; UPDATE ledger.line"
        f" SET debit = debit + 1 WHERE debit > 0 AND book_id = {book} AND entry_no = {no}"
    )
    findings = (await verify.verify(connection)).findings
    assert {(one.book, one.entry) for one in findings if one.entry is not None} == {(book, no)}


def test_a_finding_says_its_place() -> None:
    """For the operator who must look there."""
    place = verify.Finding(1, "CO-01", None, None, "I3: the head is not its last entry")
    assert str(place) == "book 1 (CO-01): I3: the head is not its last entry"
    place = verify.Finding(1, "CO-01", 2, 3, "I2: gone")
    assert str(place) == "book 1 (CO-01), entry 2, account 3: I2: gone"
