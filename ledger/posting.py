"""The decision to post: every rule of the engine, and no SQL.

`decide` takes the position of the books, which the caller read under their locks, and
the requests of a batch in order. Each request is posted whole, found to be a replay, or
refused; a refused one leaves no trace and does not stop the others. The invariants kept
here are I1 (with `Draft`), I3, I4, I5, I6, I7 and I8; PostgreSQL keeps them again.

Data flows one way: requests -> drafts -> numbered and sealed entries -> position moved.
"""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from typing import TYPE_CHECKING, Final

from ledger.calendar import business_date
from ledger.chart import CHART
from ledger.entries import AccountKey, Draft, Entry, EntryRef, Kind
from ledger.money import rupees
from ledger.positions import Account, Head, Known, Move, Position, Reads
from ledger.refusals import (
    AccountFacesAnother,
    AlreadyReversed,
    BookUnknown,
    DatedInFuture,
    FloorPassed,
    HalvesDisagree,
    KeyReused,
    PeriodClosed,
    PostedAtRefused,
    Refusal,
    ReversalOfReversal,
    ReversalTooEarly,
)
from ledger.sealing import Opening, SealedLine, seal

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

_MICROSECOND: Final = timedelta(microseconds=1)


@dataclass(frozen=True, slots=True)
class Request:
    """What somebody asks to post: all of its drafts, or none.

    `draft` is called under the lock with the position of the books, and may refuse. A
    `key` makes the request idempotent in every book that it writes; `digest` is the
    SHA-256 of its content. `posted_at` is given by imports alone.
    """

    reads: Reads
    draft: Callable[[Position], Sequence[Draft]]
    key: str = ""
    digest: bytes = bytes(32)
    posted_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class Posted:
    """The entries that a request made, now or (a replay) when it was first asked."""

    refs: tuple[EntryRef, ...]
    replayed: bool = False


Outcome = Posted | Refusal


@dataclass(frozen=True, slots=True)
class Record:
    """An entry ready to be written: numbered, dated and sealed."""

    entry: Entry
    key: str
    part: int
    digest: bytes
    openings: tuple[Opening, ...]
    lines: tuple[SealedLine, ...]


@dataclass(frozen=True, slots=True)
class Decision:
    """What became of each request, in order, and the records to write."""

    outcomes: tuple[Outcome, ...]
    records: tuple[Record, ...]


@dataclass(slots=True)
class _Trial:
    """The position as one request would leave it; merged only if nothing is refused."""

    position: Position
    heads: dict[int, Head]
    accounts: dict[tuple[int, AccountKey], Account]
    lowered: dict[tuple[int, AccountKey], date]
    records: list[Record]

    def head(self, book: int) -> Head:
        head = self.heads.get(book) or self.position.heads.get(book)
        if head is None:
            raise BookUnknown(f"There is no book {book}.")
        return head


def decide(position: Position, requests: Sequence[Request], *, recorded_at: datetime) -> Decision:
    """Post, replay or refuse each request in order, moving `position` on."""
    outcomes: list[Outcome] = []
    records: list[Record] = []
    for request in requests:
        try:
            replay = _replay(position, request)
            if replay is None:
                made = _post(position, request, recorded_at)
                records += made
                outcomes.append(Posted(tuple(record.entry.ref for record in made)))
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
    drafts = request.draft(position)
    _refuse_disagreeing_halves(drafts)
    trial = _Trial(position, {}, {}, {}, [])
    moment = _moment(trial, request, drafts, recorded_at)
    refs = _number(trial, drafts)
    parts: defaultdict[int, int] = defaultdict(int)
    for draft, ref in zip(drafts, refs, strict=True):
        _refuse_wrong_day(trial.head(draft.book), draft, moment)
        _refuse_wrong_reversal(position, draft)
        part = parts[draft.book]
        parts[draft.book] += 1
        posted_at = moment + part * _MICROSECOND
        _record(trial, request, draft, ref, refs, part, posted_at, recorded_at)
    _refuse_passed_floors(trial)
    _merge(trial, request, drafts)
    return trial.records


def _moment(
    trial: _Trial, request: Request, drafts: Sequence[Draft], recorded_at: datetime
) -> datetime:
    """When the books learn of it: after all that they know, and one moment for all books."""
    heads = [trial.head(book) for book in {draft.book for draft in drafts}]
    last = [head.last_posted_at + _MICROSECOND for head in heads if head.last_posted_at]
    if request.posted_at is None:
        return max([recorded_at, *last])
    imported = all(head.importing or head.last_no == 0 for head in heads)
    late = request.posted_at >= recorded_at
    if late or not imported or any(request.posted_at < moment for moment in last):
        raise PostedAtRefused("Only an import into books without entries gives moments, in order.")
    return request.posted_at


def _number(trial: _Trial, drafts: Sequence[Draft]) -> list[EntryRef]:
    refs = []
    nos: dict[int, int] = {}
    for draft in drafts:
        nos[draft.book] = nos.get(draft.book, trial.head(draft.book).last_no) + 1
        refs.append(EntryRef(draft.book, nos[draft.book]))
    return refs


def _refuse_wrong_day(head: Head, draft: Draft, moment: datetime) -> None:
    if head.closed_to is not None and draft.value_date <= head.closed_to:
        raise PeriodClosed(
            f"The book is closed up to {head.closed_to}; {draft.value_date} is too early. "
            "Use a day after it."
        )
    if draft.value_date > (today := business_date(moment)):
        raise DatedInFuture(
            f"{draft.value_date} is after {today}. Wait for the day, or correct it."
        )


def _refuse_wrong_reversal(position: Position, draft: Draft) -> None:
    entry = draft.reverses
    if entry is None:
        return
    name = f"Entry {entry.ref.no}"
    if entry.kind is Kind.REVERSAL:
        raise ReversalOfReversal(f"{name} is itself a reversal. Enter what is right again.")
    if entry.ref in position.reversed:
        raise AlreadyReversed(f"{name} is reversed already.")
    if draft.value_date < entry.value_date:
        raise ReversalTooEarly(
            f"{name} is of {entry.value_date}; its reversal cannot be of {draft.value_date}."
        )


def _refuse_disagreeing_halves(drafts: Sequence[Draft]) -> None:
    """I8: both halves, naming each other, on one day, and what they owe each other mirrored."""
    for i, draft in enumerate(drafts):
        if draft.reverses is not None and draft.reverses.counterpart is not None:
            _refuse_half_reversal(drafts, draft)
        if draft.counterpart is None:
            continue
        other = drafts[draft.counterpart]
        agree = (
            other.counterpart == i
            and other.book != draft.book
            and other.value_date == draft.value_date
            and _faced(draft, other.book)
            == {fund: -net for fund, net in _faced(other, draft.book).items()}
        )
        if not agree:
            raise HalvesDisagree("The two halves of a transfer must agree in day and amount.")


def _refuse_half_reversal(drafts: Sequence[Draft], draft: Draft) -> None:
    other = None if draft.counterpart is None else drafts[draft.counterpart].reverses
    if draft.reverses is None or other is None or other.ref != draft.reverses.counterpart:
        raise HalvesDisagree("A transfer is reversed in both books together.")


def _faced(draft: Draft, book: int) -> dict[str, int]:
    """Debits less credits by fund on the accounts that face another book."""
    nets: defaultdict[str, int] = defaultdict(int)
    for line in draft.lines:
        if line.faces == book:
            nets[line.account.fund] += line.debit - line.credit
    return dict(nets)


def _record(
    trial: _Trial,
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
    openings, lines = _move_accounts(trial, head, draft)
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
    trial.records.append(Record(entry, request.key, part, digest, tuple(openings), tuple(lines)))
    trial.heads[draft.book] = replace(
        head,
        last_no=ref.no,
        last_account=head.last_account + len(openings),
        head_hash=sealed,
        last_posted_at=posted_at,
        importing=request.posted_at is not None,
    )


def _move_accounts(
    trial: _Trial, head: Head, draft: Draft
) -> tuple[list[Opening], list[SealedLine]]:
    """Open what is not there yet, and move every account by what the draft nets on it."""
    openings: list[Opening] = []
    sealed: list[SealedLine] = []
    nets: dict[AccountKey, int] = {}
    book = draft.book
    for line in draft.lines:
        key = line.account
        place = (book, key)
        account = trial.accounts.get(place) or trial.position.accounts.get(place)
        if account is None:
            opening = Opening(head.last_account + len(openings) + 1, key, line.faces)
            openings.append(opening)
            account = trial.accounts[place] = Account(opening.no, key, line.faces, 0)
        elif account.faces != line.faces:
            raise AccountFacesAnother(f"The account {key} faces another organisation.")
        sealed.append(SealedLine(account.no, line.subject, line.debit, line.credit))
        nets[key] = nets.get(key, 0) + line.debit - line.credit
    for key, net in nets.items():
        place = (book, key)
        account = trial.accounts.get(place) or trial.position.accounts[place]
        trial.accounts[place] = account.moved(draft.value_date, net)
        code = CHART[key.code]
        if code.floored and net * code.sign < 0:
            earlier = trial.lowered.get(place, draft.value_date)
            trial.lowered[place] = min(earlier, draft.value_date)
    return openings, sealed


def _refuse_passed_floors(trial: _Trial) -> None:
    """I6: no floored account that the request lowers is below zero on any day from then on."""
    for place, since in trial.lowered.items():
        account = trial.accounts[place]
        lowest = account.lowest_from(since)
        if lowest < 0:
            name = CHART[account.key.code].name
            raise FloorPassed(
                f"{name} ({account.key}) would fall to Rs {rupees(lowest)} "
                f"on {since} or a later day; it never falls below zero."
            )


def _merge(trial: _Trial, request: Request, drafts: Sequence[Draft]) -> None:
    position = trial.position
    position.heads.update(trial.heads)
    position.accounts.update(trial.accounts)
    for record, draft in zip(trial.records, drafts, strict=True):
        ref = record.entry.ref
        if request.key:
            known = position.keys.setdefault((ref.book, request.key), [])
            known.append(Known(ref, request.digest))
        if draft.reverses is not None:
            position.reversed.add(draft.reverses.ref)
        _merge_lines(position, draft)


def _merge_lines(position: Position, draft: Draft) -> None:
    for line in draft.lines:
        nets = position.subjects.get((draft.book, line.subject))
        if nets is not None:
            code = line.account.code
            nets[code] = nets.get(code, 0) + line.debit - line.credit
        moves = position.moved.get((draft.book, line.account))
        if moves is not None:
            reversal = draft.kind is Kind.REVERSAL
            moves.append(Move(draft.value_date, reversal, line.debit, line.credit))
