"""Positions: an account's least balance over time, and what drafts are told."""

from __future__ import annotations

from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ledger.entries import EntryRef, Kind, reversal
from ledger.positions import Account, Known, Move, Position
from ledger.posting import decide
from tests.support.ledger import (
    DAY,
    NOW,
    account,
    credit,
    debit,
    deposit,
    draft,
    empty_books,
    posted_entry,
    request,
    withdrawal,
)

DAYS = st.integers(0, 8).map(lambda n: date(2026, 1, 1) + timedelta(days=n))
MOVES = st.lists(st.tuples(DAYS, st.integers(-50, 50)), max_size=12)


@given(MOVES, MOVES, DAYS, st.sampled_from(["1000", "2000"]))
def test_the_least_balance_is_that_of_the_worst_later_day(
    before: list[tuple[date, int]], moves: list[tuple[date, int]], since: date, code: str
) -> None:
    """Against a plain model that adds up every day anew."""
    old: dict[date, int] = {}
    for day, net in before:
        old[day] = old.get(day, 0) + net
    later = tuple((day, net) for day, net in sorted(old.items()) if day > since)
    kept = Account(1, account(code), None, sum(old.values()), later)
    moves = [(day, net) for day, net in moves if day >= since]
    for day, net in moves:
        kept = kept.moved(day, net)
    sign = 1 if code == "1000" else -1
    balances = [
        sign * sum(net for day, net in [*before, *moves] if day <= since + timedelta(days=n))
        for n in range(10)
    ]
    assert kept.lowest_from(since) == min(balances)
    assert [sign * kept.net_on(since + timedelta(days=n)) for n in range(10)] == balances
    assert kept.net == sum(net for _, net in [*before, *moves])
    assert list(kept.later) == sorted(kept.later)


def test_a_position_answers_for_accounts_that_do_not_exist() -> None:
    """They hold nothing."""
    position, key = empty_books(1), account("2000", "M-1")
    assert (position.net(1, key), position.balance(1, key)) == (0, 0)
    assert position.lowest_from(1, key, DAY) == 0
    assert position.moves(1, key) == []
    assert position.subject_net(1, "L-1", "4100") == 0


def test_balances_are_on_the_accounts_own_side() -> None:
    """Savings are credits, and rise with them; nets are debits less credits."""
    position, key = empty_books(1), account("2000", "M-1")
    posted_entry(position, deposit(500))
    posted_entry(position, withdrawal(200, on=DAY + timedelta(days=3)))
    assert (position.net(1, key), position.balance(1, key)) == (-300, 300)
    assert position.lowest_from(1, key, DAY) == 300


def test_what_was_asked_for_is_carried_along_a_batch() -> None:
    """Moves and subjects that a request asked about are those after the ones before it."""
    place = (1, account("4100", "M-1"))
    position = empty_books(1)
    position.moved[place] = []
    position.subjects[1, "L-1"] = {}
    charge = draft(debit("1000", 70), credit("4100", 70, "M-1", subject="L-1"))
    entry = posted_entry(position, charge)
    undo = reversal(entry, value_date=DAY, actor="treasurer", narrative="Not due")
    posted_entry(position, undo)
    posted_entry(position, charge)
    assert position.moves(*place) == [
        Move(DAY, reversal=False, debit=0, credit=70),
        Move(DAY, reversal=True, debit=70, credit=0),
        Move(DAY, reversal=False, debit=0, credit=70),
    ]
    assert position.subject_net(1, "L-1", "4100") == -70
    assert position.reversed == {EntryRef(1, 1)}


def test_a_key_is_remembered_and_no_key_is_not() -> None:
    """I5: an empty key names nothing."""
    position = empty_books(1)
    position.remember("k", b"d", [EntryRef(1, 1), EntryRef(2, 1)])
    position.remember("", b"d", [EntryRef(1, 2)])
    assert position.keys == {
        (1, "k"): [Known(EntryRef(1, 1), b"d")],
        (2, "k"): [Known(EntryRef(2, 1), b"d")],
    }


@pytest.mark.parametrize("kind", [Kind.NORMAL, Kind.CLOSE])
def test_a_copy_can_be_tried_on_without_a_trace(kind: Kind) -> None:
    """Nothing that happens to a copy happens to the position, until it becomes it."""
    place = (1, account("3000"))
    position = empty_books(1)
    position.moved[place] = []
    position.subjects[1, "L-1"] = {}
    copy = position.copy()
    one = draft(debit("3000", 1), credit("4100", 1, subject="L-1"), kind=kind)
    decide(copy, [request(one)], recorded_at=NOW)
    assert position == _asked(empty_books(1))
    position.become(copy)
    assert position == copy
    assert position.heads[1].last_no == 1


def _asked(position: Position) -> Position:
    position.moved[1, account("3000")] = []
    position.subjects[1, "L-1"] = {}
    return position
