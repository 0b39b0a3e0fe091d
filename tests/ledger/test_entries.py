"""Lines, drafts and reversals: what cannot even be built."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ledger.entries import (
    MOST_CHARACTERS,
    MOST_CHARACTERS_OF_A_NAME,
    MOST_PAISA_ON_A_LINE,
    AccountKey,
    EntryRef,
    Kind,
    Line,
    funds_out_of_balance,
    reversal,
)
from ledger.money import MOST_PAISA
from ledger.refusals import (
    ClosingMovesMoney,
    CodeUnknown,
    EntryEmpty,
    EntryUnbalanced,
    LineMalformed,
    Refusal,
    ReversalNotMirrored,
    TextMalformed,
)
from tests.support.ledger import (
    DAY,
    account,
    credit,
    debit,
    deposit,
    draft,
    empty_books,
    posted_entry,
    transfer,
)

if TYPE_CHECKING:
    from collections.abc import Callable

CASH = account("1000")
ENTRY = posted_entry(empty_books(1, 2), deposit(500))
MIRROR = ENTRY.mirrored()
ODD_TEXTS = ["\x00", "a\x00b", "\ud800", "cut \udfff off"]


@pytest.mark.parametrize(
    ("key", "debits", "credits_", "refusal"),
    [
        # account                        debit                    credit             refusal
        (CASH, -1, 0, LineMalformed),
        (CASH, 0, -1, LineMalformed),
        (CASH, 0, 0, LineMalformed),
        (CASH, 1, 1, LineMalformed),
        (CASH, MOST_PAISA_ON_A_LINE + 1, 0, LineMalformed),
        (CASH, 0, MOST_PAISA, LineMalformed),
        (CASH, MOST_PAISA + 1, 0, LineMalformed),
        (account("1000", fund=""), 1, 0, LineMalformed),
        (account("9999"), 1, 0, CodeUnknown),
        (account(""), 1, 0, CodeUnknown),
        (account("1000", fund="f" * (MOST_CHARACTERS_OF_A_NAME + 1)), 1, 0, TextMalformed),
        (account("1000", "p" * (MOST_CHARACTERS_OF_A_NAME + 1)), 1, 0, TextMalformed),
    ],
)
def test_a_line_that_no_book_could_hold_cannot_be_built(
    key: AccountKey, debits: int, credits_: int, refusal: type[Refusal]
) -> None:
    """Neither or both sides, negative, too large, an unknown code, no fund, too long a name."""
    with pytest.raises(refusal):
        Line(key, debits, credits_)


@pytest.mark.parametrize("text", ODD_TEXTS)
@pytest.mark.parametrize("field", ["fund", "party", "subject"])
def test_a_line_with_text_that_postgresql_cannot_keep_cannot_be_built(
    field: str, text: str
) -> None:
    """A null character, or half of a surrogate pair."""
    names = {"fund": "general", "party": "", "subject": "", field: text}
    key = account("1000", names["party"], names["fund"])
    with pytest.raises(TextMalformed):
        Line(key, 1, subject=names["subject"])


@pytest.mark.parametrize("text", [*ODD_TEXTS, "x" * (MOST_CHARACTERS + 1)])
@pytest.mark.parametrize("field", ["narrative", "actor", "reference"])
def test_an_entry_with_text_that_postgresql_cannot_keep_cannot_be_built(
    field: str, text: str
) -> None:
    """A null character, half of a surrogate pair, or a text without end."""
    with pytest.raises(TextMalformed):
        replace(deposit(1), **{field: text})  # type: ignore[arg-type] # the field is a text


@pytest.mark.parametrize(
    "text",
    ["", "بچت کی رقم\u200c، جنوری", "two\nlines\tand tab", "🧵" * 250, "x" * MOST_CHARACTERS],
)
def test_text_in_any_script_is_kept(text: str) -> None:
    """Urdu with its zero-width joiners, line ends, and characters beyond the first plane."""
    assert replace(deposit(1), narrative=text).narrative == text


def test_an_entry_names_who_made_it() -> None:
    """I9: no actor, no entry."""
    with pytest.raises(TextMalformed):
        replace(deposit(1), actor="")


def test_an_entry_without_lines_cannot_be_built() -> None:
    """It would say nothing."""
    with pytest.raises(EntryEmpty):
        draft()


def test_an_unbalanced_entry_cannot_be_built() -> None:
    """I1: by a single paisa."""
    with pytest.raises(EntryUnbalanced, match=r"general by 0\.01"):
        draft(debit("1000", 101), credit("2000", 100, "M-1"))


def test_an_entry_that_balances_only_over_its_funds_cannot_be_built() -> None:
    """I1: money does not wander from fund to fund."""
    with pytest.raises(EntryUnbalanced, match=r"a by 1\.00, b by -1\.00"):
        draft(debit("1000", 100, fund="a"), credit("1000", 100, fund="b"))


@pytest.mark.parametrize("code", ["1000", "1010", "1100", "1110"])
def test_a_closing_that_moves_money_cannot_be_built(code: str) -> None:
    """I1: receipts and payments leave closings out. What undoes income and expenses can be."""
    with pytest.raises(ClosingMovesMoney, match=f"{code} general: a year-end closing moves no"):
        draft(debit("4000", 5), credit(code, 5), kind=Kind.CLOSE)
    assert draft(debit("4000", 5), credit("3000", 5), kind=Kind.CLOSE).kind is Kind.CLOSE


KEYS = st.builds(
    account, st.sampled_from(["1000", "4000"]), party=st.just(""), fund=st.sampled_from("ab")
)
AMOUNTS = st.integers(1, 3)
SOME_LINES = st.lists(
    st.builds(Line, KEYS, debit=AMOUNTS, subject=st.just(""), faces=st.none())
    | st.builds(Line, KEYS, credit=AMOUNTS, subject=st.just(""), faces=st.none()),
    min_size=1,
    max_size=5,
)


@given(SOME_LINES)
def test_exactly_the_balanced_lines_make_an_entry(lines: list[Line]) -> None:
    """I1: per fund, and so in total."""
    sums = {fund: sum(o.debit - o.credit for o in lines if o.account.fund == fund) for fund in "ab"}
    assert funds_out_of_balance(lines) == {fund: net for fund, net in sums.items() if net}
    if any(sums.values()):
        with pytest.raises(EntryUnbalanced):
            draft(*lines)
    else:
        assert draft(*lines).lines == tuple(lines)


def test_a_reversal_puts_every_line_on_the_other_side() -> None:
    """Account, subject and the organisation faced stay."""
    line = debit("1200", 5, "B-2", subject="L-1", faces=2)
    assert line.mirrored() == credit("1200", 5, "B-2", subject="L-1", faces=2)
    undo = reversal(ENTRY, value_date=DAY, actor="treasurer", narrative="Wrong member")
    assert undo.lines == (credit("1000", 500), debit("2000", 500, "M-1"))
    assert (undo.book, undo.kind, undo.reverses) == (1, Kind.REVERSAL, ENTRY)


@pytest.mark.parametrize(
    "build",
    [
        lambda: draft(*deposit(500).lines, kind=Kind.REVERSAL),
        lambda: draft(*MIRROR, kind=Kind.NORMAL, reverses=ENTRY),
        lambda: draft(*MIRROR, kind=Kind.CLOSE, reverses=ENTRY),
        lambda: draft(*ENTRY.lines, kind=Kind.NORMAL, reverses=ENTRY),
        lambda: draft(*ENTRY.lines, kind=Kind.REVERSAL, reverses=ENTRY),
        lambda: draft(*MIRROR, kind=Kind.REVERSAL, reverses=ENTRY, book=2),
        lambda: draft(*reversed(MIRROR), kind=Kind.REVERSAL, reverses=ENTRY),
        lambda: draft(*deposit(499).lines, kind=Kind.REVERSAL, reverses=ENTRY),
        lambda: draft(*MIRROR, *deposit(1).lines, kind=Kind.REVERSAL, reverses=ENTRY),
    ],
    ids=[
        *["of nothing", "called normal", "called a close", "normal, not mirrored", "not mirrored"],
        *["in another book", "in another order", "of another amount", "with more besides"],
    ],
)
def test_a_reversal_that_is_no_mirror_cannot_be_built(build: Callable[[], object]) -> None:
    """I4: it undoes all of one entry of its own book, and does nothing else."""
    with pytest.raises(ReversalNotMirrored):
        build()


def test_accounts_and_entries_have_names_for_people() -> None:
    """A key reads as its parts."""
    assert str(account("2000", "M-1")) == "2000 general M-1"
    assert str(account("1000")) == "1000 general"
    assert EntryRef(1, 2) == (1, 2)
    assert [half.counterpart for half in transfer(1, giver=1, taker=2)] == [1, 0]
