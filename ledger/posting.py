"""The decision to post: every rule of the engine, and no SQL.

`decide` takes the position of the books, which the caller read under their locks, and
the requests of a batch in order. Each request is posted whole, found to be a replay, or
refused; a refused one leaves no trace and does not stop the others. The invariants kept
here are I1 (with `Draft`), I3, I4, I5, I6 (in `ledger.trial`), I7 and I8; PostgreSQL keeps
them again.

Data flows one way: requests -> drafts -> numbered and sealed entries -> position moved.
"""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Final

from ledger.calendar import FIRST_DAY_OF_BOOKS, business_date
from ledger.entries import Draft, Entry, EntryRef, Kind
from ledger.halves import refuse_disagreeing_halves, steps_of
from ledger.refusals import (
    AlreadyReversed,
    DatedInFuture,
    KeyReused,
    PeriodClosed,
    PostedAtRefused,
    Refusal,
    ReversalOfReversal,
    ReversalTooEarly,
)
from ledger.requests import Decision, Outcome, Posted, Record, Request
from ledger.sealing import seal
from ledger.trial import Trial, head_of

if TYPE_CHECKING:
    from collections.abc import Sequence

    from ledger.positions import Head, Position

_MICROSECOND: Final = timedelta(microseconds=1)


def decide(position: Position, requests: Sequence[Request], *, recorded_at: datetime) -> Decision:
    """Post, replay or refuse each request in order, moving `position` on."""
    outcomes: list[Outcome] = []
    records: list[Record] = []
    for request in requests:
        try:
            replay = _replay(position, request)
            if replay is None:
                made = _post(position, request, recorded_at)
                position.remember(request.key, request.digest, [m.entry.ref for m in made])
                records += made
                entries = tuple(record.entry for record in made)
                outcomes.append(Posted(tuple(e.ref for e in entries), entries=entries))
            else:
                outcomes.append(replay)
        except Refusal as refusal:
            outcomes.append(refusal)
    return Decision(tuple(outcomes), tuple(records))


def _replay(position: Position, request: Request) -> Posted | None:
    """The first answer to this key (I5), or None where the key is new."""
    if not request.key:
        return None
    known = [
        entry
        for book in sorted(request.reads.books)
        for entry in position.keys.get((book, request.key), ())
    ]
    if any(entry.digest != request.digest for entry in known):
        raise KeyReused(
            f"The key {request.key!r} belongs to another request. Use a new key for new content."
        )
    return Posted(tuple(entry.ref for entry in known), replayed=True) if known else None


def _post(position: Position, request: Request, recorded_at: datetime) -> list[Record]:
    moment = _moment(position, request, recorded_at)
    trial = Trial(position)
    _stage(trial, request, request.draft(position), moment, recorded_at)
    if request.then is None:
        trial.refuse_passed_floors()
        trial.merged(position)
        return trial.records
    after = Trial(trial.merged(position.copy()), lowered=trial.lowered, records=trial.records)
    moment += len(trial.records) * _MICROSECOND
    _stage(after, request, request.then(after.position), moment, recorded_at)
    after.refuse_passed_floors()
    position.become(after.merged(after.position))
    return after.records


def _stage(
    trial: Trial,
    request: Request,
    drafts: Sequence[Draft],
    moment: datetime,
    recorded_at: datetime,
) -> None:
    """Check drafts that stand together, and record them on the trial."""
    refuse_disagreeing_halves(drafts)
    refs = _number(trial, drafts)
    for draft, ref, step in zip(drafts, refs, steps_of(drafts), strict=True):
        _refuse_wrong_day(trial.head(draft.book), draft, moment)
        _refuse_wrong_reversal(trial, draft)
        part = sum(record.entry.ref.book == draft.book for record in trial.records)
        posted_at = moment + step * _MICROSECOND
        _record(trial, request, draft, ref, refs, part, posted_at, recorded_at)


def _moment(position: Position, request: Request, recorded_at: datetime) -> datetime:
    """When the books learn of it: after all that they know, and one moment for all books."""
    heads = [head_of(position.heads, book) for book in request.reads.books]
    last = [head.last_posted_at + _MICROSECOND for head in heads if head.last_posted_at]
    if request.posted_at is None:
        return max([recorded_at, *last])
    imported = all(head.importing or head.last_no == 0 for head in heads)
    if request.posted_at >= recorded_at:
        raise PostedAtRefused(f"{request.posted_at} is still to come. Correct the moment.")
    if not imported or any(request.posted_at < moment for moment in last):
        raise PostedAtRefused("Only an import into books without entries gives moments, in order.")
    return request.posted_at


def _number(trial: Trial, drafts: Sequence[Draft]) -> list[EntryRef]:
    refs = []
    nos: dict[int, int] = {}
    for draft in drafts:
        nos[draft.book] = nos.get(draft.book, trial.head(draft.book).last_no) + 1
        refs.append(EntryRef(draft.book, nos[draft.book]))
    return refs


def _refuse_wrong_day(head: Head, draft: Draft, moment: datetime) -> None:
    if draft.value_date < FIRST_DAY_OF_BOOKS:
        raise PeriodClosed(
            f"The books begin on {FIRST_DAY_OF_BOOKS}; {draft.value_date} is too early. "
            "Look for a year that is misspelt."
        )
    if head.closed_to is not None and draft.value_date <= head.closed_to:
        raise PeriodClosed(
            f"The book is closed up to {head.closed_to}; {draft.value_date} is too early. "
            "Use a day after it."
        )
    if draft.value_date > (today := business_date(moment)):
        raise DatedInFuture(
            f"{draft.value_date} is after {today}. Wait for the day, or correct it."
        )


def _refuse_wrong_reversal(trial: Trial, draft: Draft) -> None:
    entry = draft.reverses
    if entry is None:
        return
    name = f"Entry {entry.ref.no}"
    if entry.kind is Kind.REVERSAL:
        raise ReversalOfReversal(f"{name} is itself a reversal. Enter what is right again.")
    if entry.ref in trial.position.reversed or entry.ref in trial.reversed:
        raise AlreadyReversed(f"{name} is reversed already.")
    if draft.value_date < entry.value_date:
        raise ReversalTooEarly(
            f"{name} is of {entry.value_date}; its reversal cannot be of {draft.value_date}."
        )
    trial.reversed.add(entry.ref)


def _record(
    trial: Trial,
    request: Request,
    draft: Draft,
    ref: EntryRef,
    refs: Sequence[EntryRef],
    part: int,
    posted_at: datetime,
    recorded_at: datetime,
) -> None:
    """Number, date and seal one draft, and move the trial on."""
    head = trial.head(draft.book)
    openings, lines = trial.move_accounts(draft)
    counterpart = None if draft.counterpart is None else refs[draft.counterpart]
    reverses = None if draft.reverses is None else draft.reverses.ref.no
    digest = request.digest
    sealed = seal(
        ref=ref,
        value_date=draft.value_date,
        posted_at=posted_at,
        recorded_at=recorded_at,
        kind=draft.kind.value,
        narrative=draft.narrative,
        actor=draft.actor,
        reference=draft.reference,
        key=request.key,
        part=part,
        digest=digest,
        reverses=reverses,
        counterpart=counterpart,
        openings=openings,
        lines=lines,
        prev_hash=head.head_hash,
    )
    entry = Entry(
        ref=ref,
        value_date=draft.value_date,
        posted_at=posted_at,
        recorded_at=recorded_at,
        kind=draft.kind,
        narrative=draft.narrative,
        actor=draft.actor,
        reference=draft.reference,
        lines=draft.lines,
        reverses=reverses,
        counterpart=counterpart,
        hash=sealed,
    )
    trial.drafts.append(draft)
    trial.records.append(Record(entry, request.key, part, digest, tuple(openings), tuple(lines)))
    trial.heads[draft.book] = replace(
        head,
        last_no=ref.no,
        last_account=head.last_account + len(openings),
        head_hash=sealed,
        last_posted_at=posted_at,
        importing=request.posted_at is not None,
    )
