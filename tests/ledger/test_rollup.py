"""The roll-up equals the fresh sum of all lines, always.

Whatever is posted, on whatever day; whoever moves where and back, also recorded late; however
little or much is folded in between.
"""

from __future__ import annotations

from datetime import date, timedelta
from itertools import count
from typing import TYPE_CHECKING, Any, ClassVar, Final

import pytest
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import (
    RuleBasedStateMachine,
    initialize,
    invariant,
    rule,
    run_state_machine_as_test,
)

from ledger.chart import CHART
from ledger.entries import Draft, EntryRef, Kind, reversal
from ledger.postgres import balances, journal
from ledger.postgres.movements import Stretch, movements, receipts
from ledger.postgres.rollup import fold, rolled, sum_up, turned
from ledger.postgres.verify import verify
from ledger.requests import Posted
from tests.support.federation import TIERS, Known, Model, place
from tests.support.fresh import FRESH_MOVEMENTS, FRESH_RECEIPTS
from tests.support.ledger import (
    NOW,
    Desk,
    application,
    credit,
    debit,
    deposit,
    draft,
    open_books,
    post_each,
    request,
    transfer,
    withdrawal,
)

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

FIRST: Final = date(2024, 5, 20)
LAST: Final = date(2026, 2, 20)
SOME_DAY: Final = st.one_of(
    st.dates(FIRST, LAST),
    st.sampled_from([date(2025, 6, 30), date(2025, 7, 1), date(2025, 1, 31), date(2025, 2, 1)]),
)
A_BOOK: Final = st.integers(0, 8)
EVERYTHING: Final = 10**6
CLOSES: Final = False
"""Closing entries are not left out."""
MONEY: Final = [code.code for code in CHART.values() if code.money]
NOT_THE_SUM: Final = "I2: its roll-up is not the sum of the books below it"
SOME_ROWS: Final = """
    SELECT ctid, node_id FROM ledger.rollup
    WHERE node_id = ANY ($1)
        AND (debit, credit, eliminated_debit, eliminated_credit) <> (0, 0, 0, 0)
    ORDER BY node_id, span, day, code, fund, kind, gender
"""
TAMPERINGS: Final = {
    "changed": "UPDATE ledger.rollup SET {column} = {column} + $2 WHERE ctid = $1",
    "missing": "DELETE FROM ledger.rollup WHERE ctid = $1 AND $2 <> 0",
    "added": """
        INSERT INTO ledger.rollup
        SELECT r.node_id, r.span, r.day + $2::integer, r.code, r.fund, r.kind, r.gender,
            1, 1, abs(r.{column}), 0
        FROM ledger.rollup AS r WHERE r.ctid = $1 ON CONFLICT DO NOTHING
    """,
}
"""Each of one row; one that is there already is not added."""
WHAT: Final = ["save", "save", "withdraw", "transfer", "transfer", "undo", "close", "give"]


class Federation(RuleBasedStateMachine):
    """Steps in any order, each committed; what must hold is asked in between and at the end."""

    desk: ClassVar[Desk]
    runs: ClassVar[count[int]] = count()

    @initialize()
    def begin(self) -> None:
        """Nine books, each by itself."""
        names = [f"{next(self.runs):05d}" for _ in range(9)]
        self.link = self.desk.connection
        self.model = Model(self.desk.run(open_books(self.link, *names)))
        self.posted: list[EntryRef] = []
        self.moments = [NOW - timedelta(days=1)]
        self.desk.run(place(self.link, self.model))
        self.desk.run(self.link.execute("UPDATE ledger.summed SET until = '2000-01-01'"))

    @rule(
        what=st.sampled_from(
            ["save", "save", "withdraw", "transfer", "transfer", "undo", "close", "give"]
        ),
        book=A_BOOK,
        other=A_BOOK,
        amount=st.integers(1, 900),
        on=SOME_DAY,
        entry=st.integers(0, 99),
    )
    def post(self, what: str, book: int, other: int, amount: int, on: date, entry: int) -> None:
        """Something is posted, or refused."""
        one, another = self.model.books[book], self.model.books[other]
        drafts: tuple[Draft, ...] = (deposit(amount, book=one, on=on),)
        if what == "withdraw":
            drafts = (withdrawal(amount // 4 + 1, book=one, on=on),)
        elif what == "transfer" and book != other:
            drafts = transfer(amount // 4 + 1, giver=one, taker=another, on=on)
        elif what == "undo" and self.posted:
            ref = self.posted[entry % len(self.posted)]
            wrong = self.desk.run(journal.entries(self.link, [ref]))[ref]
            drafts = (reversal(wrong, value_date=LAST, actor="a", narrative="Wrong"),)
        elif what == "give":
            drafts = (draft(debit("5900", amount), credit("4210", amount), book=one, on=on),)
        elif what == "close":
            lines = debit("4000", amount), credit("3000", amount)
            drafts = (draft(*lines, book=one, on=on, kind=Kind.CLOSE),)
        moment = self.moments[-1] + timedelta(days=1)
        (done,) = self.desk.run(post_each(self.link, request(*drafts), at=moment))
        if isinstance(done, Posted):
            self.moments.append(moment)
            self.posted += done.refs
            for found in self.desk.run(journal.entries(self.link, done.refs)).values():
                self.model.lines += [
                    Known(found.ref.book, found.value_date, found.kind.value, found.posted_at, line)
                    for line in found.lines
                ]

    @rule(tier=st.integers(0, 2), place_=A_BOOK, to=st.integers(0, 4), on=SOME_DAY)
    def move(self, tier: int, place_: int, to: int, on: date) -> None:
        """A book moves below another of the next tier, or belongs to nobody."""
        here, above = TIERS[tier], TIERS[tier + 1]
        book = self.model.books[here[place_ % len(here)]]
        parent = self.model.books[above[to]] if to < len(above) else None
        self.model.move(book, parent, on)
        self.desk.run(place(self.link, self.model))

    @rule(most=st.sampled_from([1, 2, 5, EVERYTHING]))
    def fold(self, most: int) -> None:
        """Some of what waits is folded."""

        async def folding() -> None:
            async with application(self.link):
                await fold(self.link, most)

        self.desk.run(folding())

    @rule(day=SOME_DAY)
    def sum_up(self, day: date) -> None:
        """Months and years are made of days, as far as some month."""

        async def summing() -> None:
            async with application(self.link):
                await sum_up(self.link, day.replace(day=1))

        self.desk.run(summing())

    @rule(book=A_BOOK, gender=st.sampled_from(["women", "men", "mixed", ""]))
    def amend(self, book: int, gender: str) -> None:
        """It turns out whose group it is."""

        async def amending() -> None:
            async with application(self.link):
                await self.link.execute(
                    "SELECT ledger.set_genders($1, $2)", [self.model.books[book]], [gender]
                )

        self.model.genders[self.model.books[book]] = gender
        self.desk.run(amending())

    @rule(
        how=st.sampled_from(["changed", "missing", "added"]),
        place_=st.integers(0, 10**6),
        column=st.sampled_from(["debit", "credit", "eliminated_debit", "eliminated_credit"]),
        amount=st.sampled_from([-7, -1, 1, 900]),
    )
    def whoever_tampers_is_found(self, how: str, place_: int, column: str, amount: int) -> None:
        """By one row of any node, over any span; and no other node is named."""

        async def tampering() -> None:
            transaction = self.link.transaction()
            await transaction.start()
            rows = await self.link.fetch(SOME_ROWS, self.model.books)
            if rows:
                row = rows[place_ % len(rows)]
                done = await self.link.execute(
                    TAMPERINGS[how].format(column=column), row["ctid"], amount
                )
                proof = await verify(self.link, self.model.books)
                expected = {(row["node_id"], NOT_THE_SUM)} if done.endswith(" 1") else set()
                assert {(one.book, one.what) for one in proof.findings} == expected
            await transaction.rollback()

        self.desk.run(tampering())

    @rule(node=A_BOOK, on=SOME_DAY, known=st.one_of(st.none(), st.integers(0, 99)))
    def every_figure_is_the_fresh_sum(self, node: int, on: date, known: int | None) -> None:
        """Of a node, and of its book alone, on any day, as known by any moment."""
        place_ = self.model.books[node]
        known_by = None if known is None else self.moments[known % len(self.moments)]
        found = self.desk.run(rolled(self.link, [place_], [on], known_by=known_by))
        assert by_kind(found) == self.model.rolled(place_, on, known_by)
        alone = self.desk.run(turned(self.link, [place_], [on], known_by=known_by))
        own = Model([place_], [one for one in self.model.lines if one.book == place_])
        assert by_kind(alone) == {
            key: [*sums[:2], 0, 0] for key, sums in own.rolled(place_, on, known_by).items()
        }

    @rule(node=A_BOOK, days=st.lists(SOME_DAY, min_size=2, max_size=2), alone=st.booleans())
    def every_movement_is_the_fresh_sum(self, node: int, days: list[date], *, alone: bool) -> None:
        """From opening to closing, over any stretch."""
        place_, (first, last) = self.model.books[node], sorted(days)
        asked = Stretch(place_, alone, first, last)
        found = self.desk.run(movements(self.link, asked))
        rows = self.desk.run(
            self.link.fetch(FRESH_MOVEMENTS, place_, first, last, None, alone, None, None, CLOSES)
        )
        assert {
            (eliminated, one.fund, one.code): tuple(figures)
            for one in found
            for eliminated, figures in ((False, one.whole), (True, one.eliminated))
            if any(figures)
        } == {tuple(row[:3]): tuple(row[3:]) for row in rows if any(row[3:])}

    @rule(
        node=A_BOOK,
        days=st.lists(SOME_DAY, min_size=2, max_size=2),
        alone=st.booleans(),
        known=st.one_of(st.none(), st.integers(0, 99)),
    )
    def every_receipt_is_the_fresh_sum(
        self, node: int, days: list[date], *, alone: bool, known: int | None
    ) -> None:
        """What money was moved for, over any stretch, as known by any moment."""
        place_, (first, last) = self.model.books[node], sorted(days)
        known_by = None if known is None else self.moments[known % len(self.moments)]
        asked = Stretch(place_, alone, first, last, known_by)
        found = self.desk.run(receipts(self.link, asked, money=MONEY))
        rows = self.desk.run(
            self.link.fetch(FRESH_RECEIPTS, place_, first, last, known_by, alone, None, MONEY)
        )
        assert [tuple(one) for one in found] == [tuple(row) for row in rows if any(row[2:])]

    @invariant()
    def every_node_balances(self) -> None:
        """And shows on the last day what stands in the books that are there."""
        for node in self.model.books:
            found = self.desk.run(balances.rollup(self.link, LAST, nodes=[node]))
            assert {
                (one.fund, one.code): [one.net, one.eliminated]
                for one in found
                if one.net or one.eliminated
            } == self.model.balances(node, LAST)

    def teardown(self) -> None:
        """The proof finds nothing."""
        if hasattr(self, "model"):
            proof = self.desk.run(verify(self.desk.connection, self.model.books))
            assert proof.findings == ()


def by_kind(rows: Sequence[Any]) -> Mapping[Any, list[int]]:
    """What was turned over by fund, code, kind and gender, without zeros."""
    return {
        (row.fund, row.code, row.kind, row.gender): list(row[6:]) for row in rows if any(row[6:])
    }


@pytest.mark.parametrize("examples", [40, pytest.param(1500, marks=pytest.mark.long)])
def test_the_roll_up_is_the_fresh_sum(desk: Desk, examples: int) -> None:
    """After any steps."""
    Federation.desk = desk
    run_state_machine_as_test(
        Federation,
        settings=settings(
            max_examples=examples,
            stateful_step_count=25,
            deadline=None,
            suppress_health_check=[HealthCheck.too_slow, HealthCheck.filter_too_much],
        ),
    )
