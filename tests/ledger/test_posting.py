"""The decision to post: refusals in order, replays, floors on every day, moments, halves."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, datetime, timedelta
from typing import TYPE_CHECKING, Final

import pytest

from ledger import refusals
from ledger.entries import Draft, Entry, EntryRef, Kind, Line, reversal
from ledger.positions import Reads
from ledger.posting import decide
from ledger.refusals import (
    AccountFacesAnother,
    AlreadyReversed,
    BookUnknown,
    ClosingMovesMoney,
    CodeUnknown,
    DatedInFuture,
    EntryEmpty,
    EntryUnbalanced,
    FloorPassed,
    HalvesDisagree,
    KeyReused,
    LineMalformed,
    PeriodClosed,
    PostedAtRefused,
    Refusal,
    ReversalNotMirrored,
    ReversalOfReversal,
    ReversalTooEarly,
    TextMalformed,
)
from ledger.requests import Decision, Outcome, Posted, Request
from tests.support.ledger import (
    DAY,
    NOW,
    TODAY,
    account,
    credit,
    debit,
    deposit,
    draft,
    empty_books,
    posted_entry,
    request,
    transfer,
    withdrawal,
)

if TYPE_CHECKING:
    from collections.abc import Callable

    from ledger.positions import Position

SECOND: Final = timedelta(seconds=1)
MICROSECOND: Final = timedelta(microseconds=1)
OTHER: Final = bytes(31) + b"\x01"
LAST_YEAR: Final = date(2025, 6, 30)


def days(n: int) -> date:
    """`n` days after the usual one."""
    return DAY + timedelta(days=n)


def one(position: Position, asked: Request, *, at: datetime = NOW) -> Outcome:
    """What becomes of a single request."""
    (outcome,) = decide(position, [asked], recorded_at=at).outcomes
    return outcome


def undone(entry: Entry, *, on: date = TODAY, counterpart: int | None = None) -> Draft:
    """The reversal of an entry."""
    return reversal(
        entry, value_date=on, actor="treasurer", narrative="Wrong", counterpart=counterpart
    )


# --------------------------------------------------------------------------------------
# Refusals, in order of precedence


def in_the_draft(position: Position) -> list[Draft]:
    """A draft that is refused while it is drafted."""
    assert position.heads
    return [draft(debit("9999", 1), credit("1000", 1))]


def refused_for(*faults: type[Refusal]) -> Refusal:
    """Ask for a posting with all of these faults at once; what it is refused for."""
    future = DatedInFuture in faults
    on = date(2026, 12, 1) if future else DAY
    closed_to = date(2026, 12, 31) if future else DAY
    position = empty_books(1, closed_to=closed_to if PeriodClosed in faults else None)
    position.heads[1] = replace(position.heads[1], last_no=1, last_posted_at=NOW - SECOND)
    kept = empty_books(1)
    entry = posted_entry(kept, deposit(500))
    if FloorPassed not in faults:
        posted_entry(kept, deposit(500, on=LAST_YEAR))
    position.accounts.update(kept.accounts)
    if AlreadyReversed in faults:
        position.reversed.add(entry.ref)
    if KeyReused in faults:
        position.remember("k", OTHER, [entry.ref])
    if FloorPassed in faults:
        taken = position.accounts[1, account("2000", "M-1")]
        position.accounts[1, taken.key] = taken.moved(on, 1)
    if AccountFacesAnother in faults:
        entry = replace(entry, lines=tuple(replace(line, faces=2) for line in entry.lines))
    undo = undone(
        replace(
            entry,
            kind=Kind.REVERSAL if ReversalOfReversal in faults else Kind.NORMAL,
            value_date=on + timedelta(days=1) if ReversalTooEarly in faults else on,
        ),
        on=on,
        counterpart=1 if HalvesDisagree in faults else None,
    )
    asked = request(
        undo, key="k", posted_at=NOW - 2 * SECOND if PostedAtRefused in faults else None
    )
    if BookUnknown in faults:
        asked = replace(asked, reads=replace(asked.reads, books=frozenset([1, 99])))
    if CodeUnknown in faults:
        asked = replace(asked, draft=in_the_draft)
    outcome = one(position, asked)
    assert isinstance(outcome, Refusal)
    return outcome


PRECEDENCE: Final = [
    KeyReused,
    BookUnknown,
    PostedAtRefused,
    CodeUnknown,  # and whatever else the draft itself is refused for
    HalvesDisagree,
    PeriodClosed,
    DatedInFuture,
    ReversalOfReversal,
    AlreadyReversed,
    ReversalTooEarly,
    AccountFacesAnother,
    FloorPassed,
]


@pytest.mark.parametrize("place", range(len(PRECEDENCE)), ids=lambda i: PRECEDENCE[i].code)
def test_refusals_stand_in_an_order(place: int) -> None:
    """A request with one fault is refused for it, whatever later faults it has as well."""
    assert type(refused_for(PRECEDENCE[place])) is PRECEDENCE[place]
    assert type(refused_for(*PRECEDENCE[place:])) is PRECEDENCE[place]


WHILE_DRAFTING: Final[dict[type[Refusal], Callable[[], object]]] = {
    CodeUnknown: lambda: debit("9999", 1),
    LineMalformed: lambda: debit("1000", 0),
    TextMalformed: lambda: debit("1000", 1, subject="\x00"),
    EntryEmpty: draft,
    EntryUnbalanced: lambda: draft(debit("1000", 1)),
    ReversalNotMirrored: lambda: draft(*deposit(1).lines, kind=Kind.REVERSAL),
    ClosingMovesMoney: lambda: draft(*deposit(1).lines, kind=Kind.CLOSE),
}


@pytest.mark.parametrize("refusal", WHILE_DRAFTING, ids=lambda refusal: refusal.code)
def test_what_cannot_be_built_is_refused_and_not_raised(refusal: type[Refusal]) -> None:
    """The other requests of the batch do not suffer from it."""

    def malformed(_: Position) -> list[Draft]:
        WHILE_DRAFTING[refusal]()
        raise AssertionError

    asked = replace(request(deposit(1)), draft=malformed)
    first, second = decide(empty_books(1), [asked, request(deposit(5))], recorded_at=NOW).outcomes
    assert type(first) is refusal
    assert second == Posted((EntryRef(1, 1),))


def test_every_refusal_of_the_engine_is_raised_in_a_test() -> None:
    """Here; or by readers of the books (test_balances, the service), or in test_pledges."""
    known = {r for r in vars(refusals).values() if isinstance(r, type) and issubclass(r, Refusal)}
    by_readers = {refusals.MomentUnsettled}
    of_pledges = {refusals.SavingsPledged}
    assert known == {Refusal, *by_readers, *of_pledges, *PRECEDENCE, *WHILE_DRAFTING}
    assert len({refusal.code for refusal in known}) == len(known)
    assert all(refusal.__doc__ for refusal in known)


def test_a_book_that_was_not_read_is_unknown() -> None:
    """A draft may only touch books that its request named."""
    asked = replace(request(deposit(1)), draft=lambda _: [deposit(1, book=2)])
    assert isinstance(one(empty_books(1), asked), BookUnknown)


def test_a_key_that_no_index_could_hold_is_no_request() -> None:
    """It would fail the whole batch, before anything is decided."""
    for key in ("\x00", "\ud800", "k" * 201):
        with pytest.raises(TextMalformed):
            request(deposit(1), key=key)


# --------------------------------------------------------------------------------------
# What is posted, and what a refusal leaves


def test_entries_are_numbered_and_chained_in_the_order_of_the_batch() -> None:
    """I3: each continues the one before, in its own book."""
    position = empty_books(1, 2)
    decision = decide(
        position,
        [request(deposit(1)), request(deposit(2, book=2)), request(deposit(3), deposit(4))],
        recorded_at=NOW,
    )
    assert [o.refs for o in decision.outcomes if isinstance(o, Posted)] == [
        ((1, 1),),
        ((2, 1),),
        ((1, 2), (1, 3)),
    ]
    first, _, second, third = decision.records
    assert len({record.entry.hash for record in decision.records}) == 4
    assert position.heads[1].head_hash == third.entry.hash
    assert [record.part for record in decision.records] == [0, 0, 0, 1]
    assert [opening.no for opening in first.openings] == [1, 2]
    assert second.openings == ()
    assert position.heads[1].last_account == 2


def test_a_refused_request_leaves_no_trace_in_its_batch() -> None:
    """Neither number, account, moment, balance nor key: as if it had not been asked."""
    bad = request(deposit(70, "M-2"), withdrawal(900), key="bad")
    asked = [request(deposit(500), key="a"), bad, request(withdrawal(500), key="b")]
    with_it, without = empty_books(1), empty_books(1)
    batch = decide(with_it, asked, recorded_at=NOW)
    alone = decide(without, [asked[0], asked[2]], recorded_at=NOW)
    assert isinstance(batch.outcomes[1], FloorPassed)
    assert batch.records == alone.records
    assert with_it == without


def test_a_refused_correction_leaves_no_trace() -> None:
    """Also where its first stage would have stood."""
    position = empty_books(1)
    entry = posted_entry(position, deposit(500))
    posted_entry(position, withdrawal(400))
    before = position.copy()
    outcome = one(position, request(undone(entry), then=[deposit(399)], key="k"))
    assert isinstance(outcome, FloorPassed)
    assert position == before


def test_a_request_of_nothing_posts_nothing() -> None:
    """And a batch of nothing decides nothing."""
    assert one(empty_books(1), request()) == Posted(())
    assert decide(empty_books(), [], recorded_at=NOW) == Decision((), ())


def test_an_account_faces_the_same_organisation_for_ever() -> None:
    """Also within one entry, and whether or not it faces anybody at first."""
    lines = (debit("1200", 5, "B", faces=2), credit("4900", 5))
    position = empty_books(1)
    posted_entry(position, draft(*lines))
    for faces in (None, 3):
        asked = request(draft(debit("1200", 5, "B", faces=faces), credit("4900", 5)))
        assert isinstance(one(position, asked), AccountFacesAnother)
    twice = draft(debit("1200", 1, "C", faces=2), credit("1200", 1, "C", faces=3))
    assert isinstance(one(position, request(twice)), AccountFacesAnother)
    assert isinstance(one(position, request(draft(*lines))), Posted)


# --------------------------------------------------------------------------------------
# Idempotency keys (I5)


def test_the_same_request_again_gives_the_same_entries() -> None:
    """Also within one batch, and whatever the books have become."""
    position = empty_books(1)
    asked = request(deposit(1), deposit(2), key="k")
    first, again = decide(position, [asked, asked], recorded_at=NOW).outcomes
    assert isinstance(first, Posted)
    assert again == Posted(first.refs, replayed=True)
    posted_entry(position, deposit(3))
    position.heads[1] = replace(position.heads[1], closed_to=TODAY)
    assert one(position, asked) == again


def test_a_key_is_bound_to_the_content_of_its_request() -> None:
    """I5: other content under the same key is refused; the key of another book is another."""
    position = empty_books(1, 2)
    assert isinstance(one(position, request(deposit(1), key="k")), Posted)
    other = request(deposit(2), key="k", digest=OTHER)
    assert isinstance(one(position, other), KeyReused)
    assert isinstance(one(position, request(deposit(2, book=2), key="k", digest=OTHER)), Posted)
    both = request(*transfer(1, giver=1, taker=2), key="k")
    assert isinstance(one(position, both), KeyReused)


def test_only_success_binds_a_key() -> None:
    """A refused request may be corrected under its key."""
    position = empty_books(1)
    assert isinstance(one(position, request(withdrawal(1), key="k")), FloorPassed)
    assert one(position, request(deposit(1), key="k", digest=OTHER)) == Posted((EntryRef(1, 1),))


def test_without_a_key_the_same_request_posts_again() -> None:
    """Nothing tells the two apart."""
    position = empty_books(1)
    assert one(position, request(deposit(1))) == Posted((EntryRef(1, 1),))
    assert one(position, request(deposit(1))) == Posted((EntryRef(1, 2),))


def test_a_replayed_transfer_names_both_halves() -> None:
    """Book by book."""
    position = empty_books(1, 2)
    posted_entry(position, deposit(9, book=2))
    asked = request(*transfer(9, giver=2, taker=1), key="k")
    assert one(position, asked) == Posted((EntryRef(2, 2), EntryRef(1, 1)))
    assert one(position, asked) == Posted((EntryRef(1, 1), EntryRef(2, 2)), replayed=True)


# --------------------------------------------------------------------------------------
# Floors (I6): deposits and withdrawals as (day, amount), and whether the last is allowed


@pytest.mark.parametrize(
    ("moves", "allowed"),
    [
        # (day, amount), ..., the last one                allowed
        ([(0, 500), (0, -500)], True),
        ([(0, 500), (0, -501)], False),
        ([(1, 500), (0, -500)], False),
        ([(0, 500), (2, -500), (1, -1)], False),
        ([(0, 500), (2, -499), (1, -1)], True),
        ([(0, 500), (4, -500), (6, 500), (2, -1)], False),
        ([(0, 500), (4, -500), (6, 500), (5, -1)], False),
        ([(0, 500), (4, -500), (6, 500), (6, -500)], True),
        ([(0, 500), (4, -400), (6, 500), (2, -100)], True),
        ([(0, 500), (4, -400), (6, 500), (2, -101)], False),
        ([(3, 500), (5, -500), (1, 700), (2, -700)], True),
        ([(3, 500), (5, -500), (1, 700), (0, -1)], False),
    ],
)
def test_savings_never_fall_below_zero_on_any_day(
    moves: list[tuple[int, int]], *, allowed: bool
) -> None:
    """Neither on the day of the withdrawal nor on any later one, in whatever order they come."""
    position = empty_books(1)
    posted_entry(position, draft(debit("1000", 9999), credit("4900", 9999), on=days(-9)))
    *before, (day, amount) = moves
    for on, money in before:
        move = deposit if money > 0 else withdrawal
        posted_entry(position, move(abs(money), on=days(on)))
    outcome = one(position, request(withdrawal(-amount, on=days(day))))
    assert isinstance(outcome, Posted if allowed else FloorPassed)


@pytest.mark.parametrize(
    "code", ["1000", "1010", "1100", "1110", "1200", "1300", "1310", "2000", "2010", "2100", "2200"]
)
def test_an_account_with_a_floor_cannot_start_below_it(code: str) -> None:
    """Whichever side is its own."""
    lower, raise_ = (credit, debit) if code.startswith("1") else (debit, credit)
    position = empty_books(1)
    below = draft(lower(code, 1), raise_("1500", 1))
    assert isinstance(one(position, request(below)), FloorPassed)
    assert isinstance(one(position, request(draft(raise_(code, 1), lower("1500", 1)))), Posted)


def test_floors_hold_by_fund_and_party() -> None:
    """Another member's savings, or another fund's, cover nothing."""
    position = empty_books(1)
    other_fund = (debit("1000", 9, fund="b"), credit("2000", 9, "M-1", fund="b"))
    posted_entry(position, draft(*other_fund))
    posted_entry(position, deposit(9, "M-2"))
    assert isinstance(one(position, request(withdrawal(1))), FloorPassed)


def test_what_an_entry_nets_is_what_counts() -> None:
    """Out and in again on one account within an entry lowers nothing."""
    through = draft(
        *(credit("1000", 5), debit("1000", 5), debit("1000", 1)), credit("2000", 1, "M-1")
    )
    assert isinstance(one(empty_books(1), request(through)), Posted)


def test_a_raised_account_is_not_asked_about_its_floor() -> None:
    """Only what a request lowers can pass a floor."""
    position = empty_books(1)
    posted_entry(position, deposit(5, on=days(5)))
    assert isinstance(one(position, request(deposit(1, on=days(-5)))), Posted)


def test_the_drafts_of_a_request_are_judged_together() -> None:
    """A withdrawal may stand before the deposit that covers it, if the deposit is no later."""
    covered = request(withdrawal(5, on=days(1)), deposit(5, on=days(1)))
    assert isinstance(one(empty_books(1), covered), Posted)
    late = request(withdrawal(5, on=days(1)), deposit(5, on=days(2)))
    assert isinstance(one(empty_books(1), late), FloorPassed)


def test_a_correction_is_judged_after_both() -> None:
    """The reversal alone would pass the floor; with what replaces it, it does not."""
    position = empty_books(1)
    entry = posted_entry(position, deposit(500))
    posted_entry(position, withdrawal(300, on=days(3)))
    assert isinstance(one(position, request(undone(entry, on=days(5)))), FloorPassed)
    assert isinstance(
        one(position, request(undone(entry, on=days(5)), then=[deposit(299)])), FloorPassed
    )
    outcome = one(position, request(undone(entry, on=days(5)), then=[deposit(300)]))
    assert outcome == Posted((EntryRef(1, 3), EntryRef(1, 4)))
    assert position.balance(1, account("2000", "M-1")) == 0


def test_the_second_stage_sees_what_the_first_leaves() -> None:
    """So that a replacement is drafted on corrected books, under the next moments."""
    position = empty_books(1)
    entry = posted_entry(position, deposit(500))
    seen = []

    def replacement(after: Position) -> list[Draft]:
        seen.append((after.net(1, account("2000", "M-1")), entry.ref in after.reversed))
        return [deposit(200), deposit(1)]

    asked = replace(request(undone(entry)), then=replacement)
    decision = decide(position, [asked], recorded_at=NOW)
    assert seen == [(0, True)]
    assert [r.part for r in decision.records] == [0, 1, 2]
    moments = [r.entry.posted_at for r in decision.records]
    assert [later - moments[0] for later in moments] == [n * MICROSECOND for n in range(3)]
    assert position.balance(1, account("2000", "M-1")) == 201


# --------------------------------------------------------------------------------------
# Days and moments, I7


@pytest.mark.parametrize(
    ("on", "refusal"),
    [
        (date(1, 1, 1), PeriodClosed),
        (date(204, 2, 10), PeriodClosed),
        (date(1979, 6, 30), PeriodClosed),
        (date(1979, 7, 1), None),
        (TODAY, None),
        (TODAY + timedelta(days=1), DatedInFuture),
        (date.max, DatedInFuture),
    ],
)
def test_a_day_is_neither_before_the_books_nor_in_the_future(
    on: date, refusal: type[Refusal] | None
) -> None:
    """A misspelt year is refused, and does not fail its batch."""
    assert isinstance(one(empty_books(1), request(deposit(1, on=on))), refusal or Posted)


def test_today_is_todays_date_in_karachi() -> None:
    """At 19:00 UTC a new day begins there."""
    evening = datetime.combine(TODAY, NOW.timetz()).replace(hour=18, minute=59)
    tomorrow = request(deposit(1, on=TODAY + timedelta(days=1)))
    assert isinstance(one(empty_books(1), tomorrow, at=evening), DatedInFuture)
    assert isinstance(one(empty_books(1), tomorrow, at=evening + 60 * SECOND), Posted)


def test_a_closed_period_takes_nothing_more() -> None:
    """Neither on its last day nor before; the day after is open."""
    position = empty_books(1, closed_to=LAST_YEAR)
    for on, kind in ((LAST_YEAR, PeriodClosed), (date(2025, 1, 1), PeriodClosed)):
        assert isinstance(one(position, request(deposit(1, on=on))), kind)
    after = LAST_YEAR + timedelta(days=1)
    assert isinstance(one(position, request(deposit(1, on=after))), Posted)


def test_a_transfer_needs_both_books_to_be_open() -> None:
    """One closed half refuses both."""
    position = empty_books(1, 2)
    posted_entry(position, deposit(9))
    position.heads[2] = replace(position.heads[2], closed_to=DAY)
    assert isinstance(one(position, request(*transfer(9, giver=1, taker=2))), PeriodClosed)
    assert position.heads[1].last_no == 1


def test_moments_move_forward_whatever_the_clock_does() -> None:
    """A clock that stands still, or is set back, gives the next microsecond."""
    position = empty_books(1)
    clocks = [NOW, NOW, NOW - SECOND, NOW + SECOND]
    entries = [posted_entry(position, deposit(1), at=at) for at in clocks]
    assert [entry.posted_at - NOW for entry in entries] == [
        *[timedelta(0), MICROSECOND, 2 * MICROSECOND],
        SECOND,
    ]
    assert [entry.recorded_at for entry in entries] == clocks


def test_both_books_of_a_transfer_learn_of_it_at_one_moment() -> None:
    """After all that either knows; so no reader sees one half alone."""
    position = empty_books(1, 2)
    posted_entry(position, deposit(9))
    posted_entry(position, deposit(9, book=2), at=NOW + SECOND)
    halves = decide(position, [request(*transfer(9, giver=1, taker=2))], recorded_at=NOW).records
    assert {record.entry.posted_at for record in halves} == {NOW + SECOND + MICROSECOND}


def test_halves_share_a_moment_also_where_one_book_has_more_to_post() -> None:
    """The other book waits for it; each book's moments still move forward."""
    position = empty_books(1, 2)
    gives, takes = transfer(9, giver=1, taker=2, first=1)
    asked = request(deposit(9), gives, takes, deposit(1, book=2), deposit(1))
    decision = decide(position, [asked], recorded_at=NOW)
    moments = [record.entry.posted_at - NOW for record in decision.records]
    assert moments == [n * MICROSECOND for n in (0, 1, 1, 2, 2)]


def test_crossed_transfers_are_refused() -> None:
    """No moments exist at which both books could learn of them in the order of their numbers."""
    position = empty_books(1, 2)
    a, d = transfer(1, giver=1, taker=2)
    b, c = transfer(2, giver=1, taker=2)
    drafts = [
        deposit(9),
        *(replace(a, counterpart=4), replace(b, counterpart=3)),
        *(replace(c, counterpart=2), replace(d, counterpart=1)),
    ]
    assert isinstance(one(position, request(*drafts)), HalvesDisagree)


def test_an_import_gives_moments_into_an_empty_book() -> None:
    """In order, in the past, for as long as the import runs."""
    position = empty_books(1)
    past = NOW - 60 * SECOND
    decision = decide(
        position,
        [request(deposit(n), posted_at=past + n * SECOND) for n in (1, 2, 3)],
        recorded_at=NOW,
    )
    moments = [record.entry.posted_at for record in decision.records]
    assert moments == [past + n * SECOND for n in (1, 2, 3)]
    assert {record.entry.recorded_at for record in decision.records} == {NOW}
    assert position.heads[1].importing


@pytest.mark.parametrize(
    "posted_at",
    [NOW, NOW + SECOND, NOW - 60 * SECOND, NOW - 61 * SECOND],
    ids=["the clock's", "in the future", "that of the last entry", "before the last entry"],
)
def test_an_import_cannot_give_any_moment(posted_at: datetime) -> None:
    """Only moments before the clock's and after the last."""
    position = empty_books(1)
    first = request(deposit(1), posted_at=NOW - 60 * SECOND)
    assert isinstance(one(position, first), Posted)
    assert isinstance(one(position, request(deposit(1), posted_at=posted_at)), PostedAtRefused)


def test_a_book_with_entries_of_its_own_takes_no_import() -> None:
    """Not even beside an empty one; nor after an import has ended with a plain posting."""
    position = empty_books(1, 2)
    assert isinstance(one(position, request(deposit(9), posted_at=NOW - 9 * SECOND)), Posted)
    posted_entry(position, deposit(1))
    late = request(deposit(1), posted_at=NOW - MICROSECOND)
    assert isinstance(one(position, late), PostedAtRefused)
    beside = request(*transfer(1, giver=1, taker=2), posted_at=NOW - MICROSECOND)
    assert isinstance(one(position, beside), PostedAtRefused)


# --------------------------------------------------------------------------------------
# Reversals, I4, and transfers, I8


def test_an_entry_is_reversed_once() -> None:
    """Not again, not twice in one request, and a reversal not at all."""
    position = empty_books(1)
    entry = posted_entry(position, deposit(5))
    twice = request(undone(entry), undone(entry))
    assert isinstance(one(position, twice), AlreadyReversed)
    in_stages = request(undone(entry), then=[undone(entry)])
    assert isinstance(one(position, in_stages), AlreadyReversed)
    undo = posted_entry(position, undone(entry))
    assert (undo.kind, undo.reverses) == (Kind.REVERSAL, 1)
    assert isinstance(one(position, request(undone(entry))), AlreadyReversed)
    assert isinstance(one(position, request(undone(undo))), ReversalOfReversal)


def test_a_reversal_is_not_dated_before_its_entry() -> None:
    """On its day at the earliest."""
    position = empty_books(1)
    entry = posted_entry(position, deposit(5))
    assert isinstance(one(position, request(undone(entry, on=days(-1)))), ReversalTooEarly)
    assert isinstance(one(position, request(undone(entry, on=DAY))), Posted)


def halves(*, amount: int = 5) -> tuple[Draft, Draft]:
    """Two halves that agree."""
    return transfer(amount, giver=1, taker=2)


def faced(fund: str, amount: int, faces: int | None) -> tuple[Line, ...]:
    """The lines of a giving half."""
    return (
        debit("1200", amount, "B-2", fund=fund, faces=faces),
        credit("4900", amount, fund=fund),
    )


@pytest.mark.parametrize(
    "drafts",
    [
        halves()[:1],
        (halves()[0], replace(halves()[1], counterpart=None)),
        (replace(halves()[0], counterpart=0), halves()[1]),
        (replace(halves()[0], counterpart=-1), halves()[1]),
        (replace(halves()[0], counterpart=2), halves()[1]),
        (*halves(), replace(halves()[0], counterpart=1)),
        (halves()[0], replace(halves()[1], book=1)),
        (halves()[0], replace(halves()[1], value_date=days(1))),
        (halves(amount=5)[0], halves(amount=6)[1]),
        (replace(halves()[0], lines=faced("general", 5, None)), halves()[1]),
        (replace(halves()[0], lines=faced("general", 5, 3)), halves()[1]),
        (replace(halves()[0], lines=faced("other", 5, 2)), halves()[1]),
    ],
    ids=[
        *["one half", "unnamed by the other", "names itself", "counts from the end", "missing"],
        *["a third half", "in one book", "on two days", "of two amounts", "facing nobody"],
        *["facing another", "in two funds"],
    ],
)
def test_halves_that_disagree_are_refused(drafts: tuple[Draft, ...]) -> None:
    """I8: both, naming each other, on one day, with what they owe each other mirrored."""
    position = empty_books(1, 2, 3)
    posted_entry(position, deposit(99))
    posted_entry(position, deposit(99, book=2))
    assert isinstance(one(position, request(*drafts)), HalvesDisagree)
    assert position.heads[1].last_no == 1


def booked(position: Position) -> tuple[Entry, Entry]:
    """Two halves, posted."""
    posted_entry(position, deposit(50))
    records = decide(position, [request(*halves())], recorded_at=NOW).records
    return records[0].entry, records[1].entry


def test_the_halves_name_each_other() -> None:
    """By book and number."""
    gives, takes = booked(empty_books(1, 2))
    assert (gives.counterpart, takes.counterpart) == (takes.ref, gives.ref)


def test_a_transfer_is_reversed_in_both_books_together() -> None:
    """I8: not one half, not one half with something else, not two halves as strangers."""
    position = empty_books(1, 2)
    gives, takes = booked(position)
    plain = posted_entry(position, draft(debit("1500", 5), credit("4900", 5), book=2))
    for drafts in (
        [undone(gives)],
        [undone(takes)],
        [undone(gives), undone(takes)],
        [undone(gives, counterpart=1), undone(plain, counterpart=0)],
        [undone(gives, counterpart=1), replace(takes_again(), counterpart=0)],
        [undone(gives, counterpart=7), undone(takes, counterpart=0)],
    ):
        assert isinstance(one(position, request(*drafts)), HalvesDisagree)
    both = request(undone(gives, counterpart=1), undone(takes, counterpart=0))
    assert one(position, both) == Posted((EntryRef(1, 3), EntryRef(2, 3)))


def takes_again() -> Draft:
    """A half that gives back what the other took, without being a reversal."""
    return draft(debit("2100", 5, "B-1", faces=1), credit("1000", 5), book=2, on=TODAY)


def test_what_was_no_transfer_is_not_reversed_as_one() -> None:
    """Two entries that only happen to match are reversed each by itself."""
    position = empty_books(1, 2)
    strangers = [
        posted_entry(position, draft(debit("1500", 5), credit("4900", 5), book=book))
        for book in (1, 2)
    ]
    as_one = [undone(entry, counterpart=1 - i) for i, entry in enumerate(strangers)]
    assert isinstance(one(position, request(*as_one)), HalvesDisagree)
    assert isinstance(one(position, request(*map(undone, strangers))), Posted)


def test_reads_ask_for_nothing_by_themselves() -> None:
    """A request says which books it writes; all else is as it needs."""
    assert Reads(frozenset([1])).accounts == frozenset()
