"""The engine against a plain model, under any sequence of postings, replays and closings.

The same steps run twice: on the pure decision, many of them, and through PostgreSQL, where
every step commits and whole books are proven afterwards.
"""

from __future__ import annotations

from contextlib import suppress
from dataclasses import dataclass, replace
from datetime import date, timedelta
from itertools import count
from typing import TYPE_CHECKING, ClassVar, Final

import asyncpg
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import (
    RuleBasedStateMachine,
    invariant,
    rule,
    run_state_machine_as_test,
)

from ledger.entries import Draft, Entry, EntryRef, reversal
from ledger.postgres import journal
from ledger.postgres.verify import verify
from ledger.posting import decide
from ledger.requests import Posted, Request
from ledger.sealing import genesis
from tests.support.engine_model import Asked, Model
from tests.support.ledger import (
    DAY,
    NOW,
    TODAY,
    Desk,
    close_period,
    deposit,
    draft,
    empty_books,
    open_books,
    post_each,
    prove,
    request,
    transfer,
    withdrawal,
)

if TYPE_CHECKING:
    from ledger.refusals import Refusal
    from ledger.requests import Outcome

DAYS: Final = [*(DAY + timedelta(days=n) for n in range(5)), TODAY, TODAY + timedelta(days=1)]
CLOSABLE: Final = [*(DAY + timedelta(days=n - 20) for n in range(22)), TODAY]
SOME_DAY: Final = st.sampled_from(DAYS)
FEW: Final = st.integers(0, 2)


@dataclass(frozen=True)
class Wish:
    """What a step asks for, before it is known what the books hold."""

    what: str
    book: int
    other: int
    amount: int
    party: str
    on: date
    entry: int
    key: str
    digest: bytes


WISHES: Final = st.builds(
    Wish,
    what=st.sampled_from(
        [
            *["deposit", "deposit", "withdrawal", "transfer", "half", "crossed days"],
            *["reversal", "both reversed", "correction", "late money", "several", "nothing"],
        ]
    ),
    book=FEW,
    other=st.integers(1, 2),
    amount=st.integers(1, 9),
    party=st.sampled_from(["M-1", "M-2"]),
    on=SOME_DAY,
    entry=st.integers(0, 40),
    key=st.sampled_from(["", "", "", "k-1", "k-2", "k-3"]),
    digest=st.sampled_from([bytes(32), bytes(32), b"x" * 32]),
)


class Engine(RuleBasedStateMachine):
    """The steps, and what must hold after each; where they run is the subclass's business."""

    def __init__(self) -> None:
        """Three empty books, and the model of them."""
        super().__init__()
        self.model = Model()
        self.books = self.open()

    def open(self) -> list[int]:
        """Three new books."""
        raise NotImplementedError

    def run(self, requests: list[Request]) -> tuple[Outcome, ...]:
        """Post a batch."""
        raise NotImplementedError

    def entry(self, ref: EntryRef) -> Entry:
        """Read an entry back."""
        raise NotImplementedError

    def shut(self, book: int, day: date) -> bool:
        """Close a book up to a day; whether that was allowed."""
        raise NotImplementedError

    @rule(wishes=st.lists(WISHES, min_size=1, max_size=3))
    def post(self, wishes: list[Wish]) -> None:
        """A batch: each request becomes what the model says, in order."""
        batch = [self.asked(wish) for wish in wishes]
        outcomes = self.run(
            [request(*a.drafts, then=a.then, key=a.key, digest=a.digest) for a in batch]
        )
        told = [o if isinstance(o, Posted) else type(o) for o in outcomes]
        assert told == [self.model.post(asked) for asked in batch]

    @rule(book=FEW, day=st.sampled_from(CLOSABLE))
    def close(self, book: int, day: date) -> None:
        """A period closes where the model says it may."""
        number = self.books[book]
        assert self.shut(number, day) == self.model.close(number, day)

    def asked(self, wish: Wish) -> Asked:
        """The request that a wish comes to in these books."""
        drafts, then = self.drafts(wish)
        return Asked(drafts, then, wish.key, wish.digest)

    def drafts(self, wish: Wish) -> tuple[tuple[Draft, ...], tuple[Draft, ...]]:
        """The drafts of a wish, and those that follow them."""
        book, other = self.books[wish.book], self.books[(wish.book + wish.other) % 3]
        amount, party, on = wish.amount, wish.party, wish.on
        saves = deposit(amount, party, book=book, on=on)
        takes = withdrawal(amount, party, book=book, on=on)
        gives, gets = transfer(amount, giver=book, taker=other, on=on)
        plain: dict[str, tuple[Draft, ...]] = {
            "deposit": (saves,),
            "withdrawal": (takes,),
            "transfer": (gives, gets),
            "half": (gives,),
            "crossed days": (gives, replace(gets, value_date=DAY - timedelta(days=1))),
            "several": (saves, takes, deposit(1, book=other, on=on)),
            "nothing": (draft(*saves.lines, *takes.lines, book=book, on=on),),
        }
        if wish.what in plain:
            return plain[wish.what], ()
        if wish.what == "late money":
            return (takes,), (saves,)
        return self.reversals(wish)

    def reversals(self, wish: Wish) -> tuple[tuple[Draft, ...], tuple[Draft, ...]]:
        """An entry undone, its other half as well, or one put in its place."""
        if not self.model.entries:
            return (deposit(1, book=self.books[0]),), ()
        kept = self.model.entries[wish.entry % len(self.model.entries)]
        entry = self.entry(kept.ref)
        undo = undone(entry, wish.on)
        if wish.what == "both reversed" and entry.counterpart is not None:
            other = undone(self.entry(entry.counterpart), wish.on)
            return (replace(undo, counterpart=1), replace(other, counterpart=0)), ()
        if wish.what == "correction":
            right = deposit(wish.amount, wish.party, book=entry.ref.book, on=entry.value_date)
            return (undo,), (right,)
        return (undo,), ()


def undone(entry: Entry, on: date) -> Draft:
    """The reversal of an entry."""
    return reversal(entry, value_date=on, actor="treasurer", narrative="Wrong")


class PureEngine(Engine):
    """The decision alone, on a position that is carried along."""

    def open(self) -> list[int]:
        """Books 1 to 3, in memory."""
        self.position = empty_books(1, 2, 3)
        self.posted: dict[EntryRef, Entry] = {}
        self.hashes = {book: [genesis(f"CO-{book:02d}", "PKR")] for book in (1, 2, 3)}
        return [1, 2, 3]

    def run(self, requests: list[Request]) -> tuple[Outcome, ...]:
        """Decide, and keep what was made."""
        decision = decide(self.position, requests, recorded_at=NOW)
        for record in decision.records:
            self.posted[record.entry.ref] = record.entry
            self.hashes[record.entry.ref.book].append(record.entry.hash)
        return decision.outcomes

    def entry(self, ref: EntryRef) -> Entry:
        """From what was kept."""
        return self.posted[ref]

    def shut(self, book: int, day: date) -> bool:
        """Move the head, under the rule of PostgreSQL's door."""
        head = self.position.heads[book]
        if day >= TODAY or (head.closed_to is not None and day <= head.closed_to):
            return False
        self.position.heads[book] = replace(head, closed_to=day)
        return True

    @invariant()
    def the_position_is_that_of_the_model(self) -> None:
        """Numbers without a gap, moments forward, one chain, totals of the lines."""
        assert self.posted.keys() == {kept.ref for kept in self.model.entries}
        for book, hashes in self.hashes.items():
            head = self.position.heads[book]
            entries = [self.posted[EntryRef(book, n)] for n in range(1, head.last_no + 1)]
            assert [entry.hash for entry in entries] == hashes[1:]
            assert head.head_hash == hashes[-1]
            assert len(set(hashes)) == len(hashes)
            moments = [entry.posted_at for entry in entries]
            assert moments == sorted(set(moments))
            accounts = {k: a for (b, k), a in self.position.accounts.items() if b == book}
            assert {key: one.net for key, one in accounts.items()} == self.model.nets(book)
            assert sorted(a.no for a in accounts.values()) == [*range(1, head.last_account + 1)]


class RealEngine(Engine):
    """PostgreSQL: every step commits."""

    desk: ClassVar[Desk]
    names: ClassVar[count[int]] = count()

    def open(self) -> list[int]:
        """Three more books of the database."""
        names = [f"CO-{next(self.names):04d}" for _ in range(3)]
        return self.desk.run(open_books(self.desk.connection, *names))

    def run(self, requests: list[Request]) -> tuple[Outcome, ...]:
        """Post as the application, and commit."""
        return self.desk.run(post_each(self.desk.connection, *requests))

    def entry(self, ref: EntryRef) -> Entry:
        """From the database."""
        return self.desk.run(journal.entries(self.desk.connection, [ref]))[ref]

    def shut(self, book: int, day: date) -> bool:
        """Through the door."""
        with suppress(asyncpg.PostgresError):
            self.desk.run(close_period(self.desk.connection, book, day))
            return True
        return False

    @invariant()
    def the_books_are_those_of_the_model(self) -> None:
        """Every promise, proven from the lines; and every entry as the model has it."""
        self.desk.run(prove(self.desk.connection, self.books))
        refs = [kept.ref for kept in self.model.entries]
        found = self.desk.run(journal.entries(self.desk.connection, refs))
        assert {ref: entry.lines for ref, entry in found.items()} == {
            kept.ref: kept.draft.lines for kept in self.model.entries
        }
        heads = self.desk.run(
            self.desk.connection.fetchval(
                "SELECT sum(last_no)::bigint FROM ledger.book WHERE id = ANY ($1)", self.books
            )
        )
        assert heads == len(refs)


def test_the_decision_agrees_with_the_model() -> None:
    """Refusals, replays, numbers and totals, whatever is asked in whatever order."""
    run_state_machine_as_test(
        PureEngine,
        settings=settings(
            max_examples=120,
            stateful_step_count=25,
            deadline=None,
            suppress_health_check=[HealthCheck.too_slow],
        ),
    )


def test_the_engine_agrees_with_the_model_through_postgresql(desk: Desk) -> None:
    """The same, committed for real, and proven from the lines after every step."""
    RealEngine.desk = desk
    run_state_machine_as_test(
        RealEngine,
        settings=settings(
            max_examples=50,
            stateful_step_count=12,
            deadline=None,
            suppress_health_check=[HealthCheck.too_slow],
        ),
    )
    proof = desk.run(verify(desk.connection))
    assert proof.entries > 100
    assert proof.findings == ()


def test_the_model_knows_every_refusal_of_the_steps() -> None:
    """A wish for each; so that none is compared with nothing."""
    model = Model()
    one = deposit(5)
    entry = Asked((one,), key="k")
    assert model.post(entry) == Posted((EntryRef(1, 1),))
    refused: list[type[Refusal] | Posted] = [
        model.post(replace(entry, digest=b"x" * 32)),
        model.post(Asked((withdrawal(6),))),
        model.post(Asked(transfer(5, giver=1, taker=2)[:1])),
        model.post(Asked((replace(one, value_date=DAYS[-1]),))),
    ]
    assert model.close(1, DAY)
    refused.append(model.post(Asked((one,))))
    assert [r.__name__ for r in refused if isinstance(r, type)] == [
        *["KeyReused", "FloorPassed", "HalvesDisagree", "DatedInFuture", "PeriodClosed"]
    ]
