"""All loans at once, by one statement, stand where each stands by itself."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from decimal import Decimal
from itertools import accumulate, count
from typing import TYPE_CHECKING, Any, Final, cast

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from ledger.calendar import BUSINESS_ZONE
from service import arrears
from service.arrears import Due, Lenders
from service.books import Books
from service.loans.figures import figures
from service.loans.plan import Move, as_planned, gaps, schedule
from tests.service.loans.test_loan_properties import DAY_OF_LOAN, contracts
from tests.support import database
from tests.support.ledger import Desk
from tests.support.loans import state

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    import asyncpg

    from service.loans.plan import Instalment
    from service.loans.terms import Contract

EARLIER: Final = timedelta(days=1000)
PAID_OUT_ON: Final = DAY_OF_LOAN - EARLIER
"""Long ago, so that all that is posted is settled."""
LENDERS: Final = count(1)
TAKE_BACK: Final = "DELETE FROM service.{} RETURNING"
KEPT: Final = ", ".join(name for name in arrears.Standing._fields if name != "state")
DAYS: Final = st.integers(0, 500)
A_WISH: Final = st.tuples(
    st.sampled_from(["repaid", "repaid", "repaid", "written off", "undone"]),
    DAYS,
    st.integers(0, 100),
    st.integers(0, 100),
)
"""What happens, on which day after the loan, and two shares in per cent."""


@dataclass(frozen=True, slots=True)
class Entry:
    """One entry about a loan, as it is posted: what moved, and whether it undoes another."""

    move: Move
    posted_at: datetime
    undoes: Move | None = None


@pytest.fixture(scope="module")
def desk(template_database: str) -> Iterator[Desk]:
    """A database of its own."""
    with database.clone_of(template_database) as url:
        opened = Desk(url)
        yield opened
        opened.close()


@st.composite
def histories(draw: st.DrawFn) -> list[Entry]:
    """What is posted on a loan of 100: no day ever shows less than nothing owed."""
    first = Move(value_date=PAID_OUT_ON, disbursed=100)
    entries = [Entry(first, _posted(PAID_OUT_ON, 0))]
    latest = PAID_OUT_ON
    for n, (what, after, share, charge) in enumerate(draw(st.lists(A_WISH, max_size=7)), start=1):
        on = PAID_OUT_ON + timedelta(days=after)
        undoes = None
        move = Move(value_date=on, principal_repaid=share, charge_paid=charge)
        if what == "written off":
            move = Move(value_date=on, written_off=share)
        elif what == "undone":
            undone = {id(entry.undoes) for entry in entries}
            open_ = [e.move for e in entries if e.undoes is None and id(e.move) not in undone]
            if not open_:
                continue
            undoes = open_[share % len(open_)]
            move = replace(
                undoes,
                value_date=max(on, undoes.value_date),
                disbursed=-undoes.disbursed,
                principal_repaid=-undoes.principal_repaid,
                charge_paid=-undoes.charge_paid,
                written_off=-undoes.written_off,
            )
        latest = max(latest, move.value_date)
        moves = [*(entry.move for entry in entries), move]
        if _holds(moves):
            entries.append(Entry(move, _posted(latest, n), undoes))
    return entries


def _posted(on: date, n: int) -> datetime:
    """Some moment of a day, each later than the one before."""
    return datetime(on.year, on.month, on.day, 9, n, tzinfo=BUSINESS_ZONE)


def _holds(moves: Sequence[Move]) -> bool:
    days = sorted(moves, key=lambda move: move.value_date)
    by_day = {
        move.value_date: owed
        for move, owed in zip(days, accumulate(move.principal_change for move in days), strict=True)
    }
    return min(by_day.values()) >= 0


def _long_ago(contract: Contract) -> Contract:
    return replace(contract, disbursed_on=PAID_OUT_ON, first_due_on=contract.first_due_on - EARLIER)


@settings(
    deadline=None,
    max_examples=150,
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.function_scoped_fixture],
)
@given(
    loans=st.lists(
        st.tuples(contracts(plain=True).map(_long_ago), histories()), min_size=1, max_size=4
    ),
    asked=st.lists(
        st.tuples(DAYS, st.one_of(st.none(), st.integers(0, 7))), min_size=1, max_size=3
    ),
)
def test_all_loans_at_once_stand_where_each_does(
    desk: Desk, loans: list[tuple[Contract, list[Entry]]], asked: list[tuple[int, int | None]]
) -> None:
    """Any terms and payments, also late and undone ones; any day, as known by any moment."""
    desk.run(_compared(desk.connection, loans, asked))


async def _compared(
    link: asyncpg.Connection,
    loans: list[tuple[Contract, list[Entry]]],
    asked: list[tuple[int, int | None]],
) -> None:
    transaction = link.transaction()
    await transaction.start()
    try:
        book = 1_000_000 + next(LENDERS)
        await _lent(link, book, loans)
        for after, known in asked:
            on = PAID_OUT_ON + timedelta(days=after)
            entries = loans[0][1]
            known_by = None if known is None else entries[known % len(entries)].posted_at
            await _agrees(link, book, loans, on, known_by)
    finally:
        await transaction.rollback()


async def _agrees(
    link: asyncpg.Connection,
    book: int,
    loans: list[tuple[Contract, list[Entry]]],
    on: date,
    known_by: datetime | None,
) -> None:
    """First as a report asks, then as the night's job does, twice: what is settled is left out."""
    books = Books(cast("Any", None), link, "tests", datetime.now(BUSINESS_ZONE))
    lenders = Lenders([book])
    found = await arrears.standings(books, on, known_by=known_by, lenders=lenders, settled_too=True)
    expected, expected_dues = {}, []
    until = on + timedelta(days=arrears.COMING_DAYS)
    for n, (contract, entries) in enumerate(loans):
        known = [e.move for e in entries if known_by is None or e.posted_at <= known_by]
        moves = [_scaled(move, contract.principal) for move in known]
        frozen = schedule(contract, ())
        one = figures(contract, frozen, moves, on)
        if one.paid_out:
            expected[f"{book}-{n}"] = (
                state(contract, frozen, moves, on).value,
                *(getattr(one, name) for name in arrears.Standing._fields[4:]),
            )
        if one.paid_out and not one.closed:
            expected_dues += [
                (f"{book}-{n}", *due) for due in _dues(contract, frozen, moves, on, until)
            ]
    assert {one.loan: one[3:] for one in found} == expected
    running = [one for one in found if one.state == "paid_out"]
    asked_for = await arrears.dues(books, on, until, known_by=known_by, lenders=lenders)
    assert [(due.loan, *due[3:]) for due in asked_for] == expected_dues
    if known_by is not None:
        for _ in range(2):
            run = await link.fetchval("SELECT gen_random_uuid()")
            made = await arrears.keep_standings(
                cast("Any", books), on, known_by=known_by, lenders=lenders, run=run
            )
            kept = await link.fetch(f"{TAKE_BACK.format('loan_arrears')} {KEPT}")
            dues = await link.fetch(f"{TAKE_BACK.format('loan_due')} {', '.join(Due._fields)}")
            assert made == len(kept) + len(dues)
            assert sorted(map(tuple, kept)) == sorted((*one[:3], *one[4:]) for one in running)
            assert sorted(map(tuple, dues)) == asked_for
    assert await arrears.standings(books, on, known_by=known_by, lenders=lenders) == running


def _dues(
    contract: Contract, frozen: Sequence[Instalment], moves: list[Move], on: date, until: date
) -> Iterator[tuple[date, int, int]]:
    """By how much what is not covered grows on each due date, if nothing more is paid."""
    known = [move for move in moves if move.value_date <= on]
    charge_paid = sum(move.charge_paid for move in known)
    principal_paid = sum(move.principal_repaid for move in known)
    rows = as_planned(contract, frozen, known, on=on).instalments

    def lacking(day: date) -> tuple[int, int]:
        due = [row for row in rows if row.due_on <= day]
        charges, principals = gaps(contract, due, charge_paid, principal_paid)
        return sum(principals), sum(charges)

    before = lacking(on)
    for day in sorted({part.due_on for part in rows if on < part.due_on <= until}):
        then = lacking(day)
        if then != before:
            yield day, then[0] - before[0], then[1] - before[1]
        before = then


def _scaled(move: Move, principal: int) -> Move:
    """A share of the loan, of which the whole is 100, in paisa that add up to it."""

    def part(share: int) -> int:
        return share * principal // 100 if share >= 0 else -(-share * principal // 100)

    return replace(
        move,
        disbursed=part(move.disbursed),
        principal_repaid=part(move.principal_repaid),
        charge_paid=part(move.charge_paid),
        written_off=part(move.written_off),
    )


async def _lent(
    link: asyncpg.Connection, book: int, loans: list[tuple[Contract, list[Entry]]]
) -> None:
    """The rows as the doors would leave them, written past the doors."""
    await link.execute("SET LOCAL session_replication_role = replica")
    await link.execute(
        "INSERT INTO ledger.book (id, organisation, head_hash, last_no)"
        " VALUES ($1, $2, sha256(''), 1000)",
        *(book, str(book)),
    )
    await link.execute(
        "INSERT INTO service.organisation (code, book_id, kind, name, formed_on)"
        " VALUES ($1, $2, 'CO', 'A group', '2020-01-01')",
        *(str(book), book),
    )
    number = count(1)
    for n, (contract, entries) in enumerate(loans):
        code = f"{book}-{n}"
        await _agreed(link, book, code, contract)
        accounts = {c: 10 * n + i for i, c in enumerate(("1300", "4100", "5100"), start=1)}
        for account_code, no in accounts.items():
            party = code if account_code == "1300" else str(n)
            await link.execute(
                "INSERT INTO ledger.account (book_id, no, code, fund, party, opened_in)"
                " VALUES ($1, $2, $3, 'own', $4, 1)",
                *(book, no, account_code, party),
            )
        for entry in entries:
            await _posted_entry(link, book, next(number), entry, contract.principal, accounts, code)


async def _agreed(link: asyncpg.Connection, book: int, code: str, contract: Contract) -> None:
    product = contract.product
    await link.execute(
        "INSERT INTO service.product (code, name, fund, charge, repayment, rate_percent, rate_per,"
        " frequency, instalments, charge_step, instalment_step, rounding, grace_principal,"
        " grace_charge, grace_days, charge_basis, on_holiday) VALUES ($1, 'P', 'own', $2, $3,"
        " $4::text::numeric, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15)",
        *(
            code,
            product.charge,
            product.repayment,
            str(Decimal(product.rate.numerator * 100) / product.rate.denominator),
        ),
        *(product.rate_per, product.frequency, product.instalments, product.charge_step),
        *(product.instalment_step, product.rounding, product.grace_principal),
        *(product.grace_charge, product.grace_days, product.charge_basis, product.on_holiday),
    )
    await link.execute(
        "INSERT INTO service.loan (code, lender, member, product, principal, applied_on,"
        " approved_on, disbursed_on, first_due_on, instalments)"
        " VALUES ($1, $2, 'M-1', $1, $3, $4, $4, $4, $5, $6)",
        *(code, str(book), contract.principal, contract.disbursed_on, contract.first_due_on),
        contract.instalments,
    )
    before = 0
    for part in schedule(contract, ()):
        await link.execute(
            "INSERT INTO service.instalment VALUES ($1, $2, $3, $4, $5, $6)",
            *(code, part.n, part.due_on, part.principal, part.charge, before),
        )
        before += part.total


async def _posted_entry(
    link: asyncpg.Connection,
    book: int,
    no: int,
    entry: Entry,
    principal: int,
    accounts: dict[str, int],
    loan: str,
) -> None:
    move = _scaled(entry.move, principal)
    kind = "reversal" if entry.undoes is not None else "normal"
    await link.execute(
        "INSERT INTO ledger.entry VALUES ($1, $2, $3, $4, $4, $5, '', 'tests', '', '', 0, '',"
        " $6, NULL, NULL, '', '')",
        *(book, no, move.value_date, entry.posted_at, kind, no if kind == "reversal" else None),
    )
    signed = (
        ("1300", "", move.disbursed),
        ("1300", "", -move.principal_repaid - move.written_off),
        ("4100", loan, -move.charge_paid),
        ("5100", loan, move.written_off),
    )
    for n, (code, subject, debit) in enumerate(signed, start=1):
        if not debit:
            continue
        sides = max(debit, 0), max(-debit, 0)
        await link.execute(
            "INSERT INTO ledger.line VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9)",
            *(book, no, accounts[code], *sides, move.value_date, kind, n, subject),
        )
        await link.execute(
            "UPDATE ledger.account SET debit = debit + $3, credit = credit + $4,"
            " last_on = greatest(last_on, $5) WHERE book_id = $1 AND no = $2",
            *(book, accounts[code], *sides, move.value_date),
        )
        if subject:
            await link.execute(
                "INSERT INTO ledger.subject AS s VALUES ($1, $2, $3, $4, $5)"
                " ON CONFLICT (book_id, subject, code) DO UPDATE SET"
                " debit = s.debit + excluded.debit, credit = s.credit + excluded.credit",
                *(book, subject, code, *sides),
            )
