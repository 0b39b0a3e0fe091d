"""A small federation to act in: real actions on a real database, with a clock of the test's own.

Members are known by their names and amounts are written in rupees. Everything happens in the
evening of the day that the test gives; `posted` is the day on which the book learns of it,
where that is another. What a test reads back, it reads as an accountant writes it.
"""

from __future__ import annotations

from contextlib import asynccontextmanager
from dataclasses import dataclass, replace
from datetime import date, datetime, time, timedelta
from fractions import Fraction
from typing import TYPE_CHECKING, Final, TypedDict, Unpack

from ledger.calendar import BUSINESS_ZONE
from ledger.money import Rounding, parse_rupees, rupees
from service import federation, members, organisations
from service.accounts import PaidBy
from service.books import Books, read_books, write_books
from service.events import actions as event_actions
from service.events import store as event_store
from service.events.event import OF_ALL_FUNDS, WITHOUT_MONEY, Event, EventKind
from service.loans import contracts, products
from service.loans.agreement import Agreement
from service.loans.due_dates import due_dates
from service.loans.terms import (
    Charge,
    ChargeBasis,
    Contract,
    Fee,
    FeeTaken,
    Frequency,
    OnHoliday,
    PayOff,
    Product,
    RatePer,
    Recognition,
    Repayment,
)
from service.members import Gender, Member
from service.organisations import Organisation, OrganisationKind
from service.sheets import actions as sheet_actions
from service.sheets.sheet import Sheet, SheetLine, SheetLineKind

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Iterable

    from sqlalchemy.ext.asyncio import AsyncEngine

    from ledger.entries import Entry, Line
    from ledger.requests import Posted
    from service.books import WritableBooks
    from service.sheets.store import StoredSheet

EVENING: Final = time(18, tzinfo=BUSINESS_ZONE)
FOUNDED: Final = date(2025, 7, 1)
_OUT: Final = frozenset({SheetLineKind.WITHDRAWAL, SheetLineKind.DISBURSEMENT})


def product(
    code: str,
    charge: Charge,
    repayment: Repayment,
    rate: Fraction,
    *,
    fund: str = "own",
    rate_per: RatePer = RatePer.MONTH,
    instalments: int = 3,
) -> Product:
    """Monthly lending rules with steps of one rupee, rounded half up, without grace."""
    is_open = repayment is Repayment.OPEN
    return Product(
        code=code,
        name=code,
        fund=fund,
        charge=charge,
        repayment=repayment,
        rate=rate,
        rate_per=rate_per,
        frequency=Frequency.MONTH,
        instalments=instalments,
        charge_step=100,
        instalment_step=100,
        rounding=Rounding.HALF_UP,
        grace_principal=0,
        grace_charge=0,
        grace_days=0,
        charge_basis=ChargeBasis.ACTUAL if is_open else ChargeBasis.SCHEDULED,
        on_holiday=OnHoliday.NEXT,
    )


def _accruing(rules: Product, pay_off: PayOff = PayOff.WHOLE_CHARGE) -> Product:
    return replace(rules, recognition=Recognition.ACCRUAL, pay_off=pay_off)


_EQUAL: Final = Repayment.EQUAL_INSTALMENT
_YEARLY: Final = RatePer.YEAR
PRODUCTS: Final = {
    one.code: one
    for one in (
        product("QH", Charge.ZERO, _EQUAL, Fraction(0)),
        product("QH-CIF", Charge.ZERO, _EQUAL, Fraction(0), fund="cif"),
        product("FLAT", Charge.FLAT, _EQUAL, Fraction(18, 100), rate_per=_YEARLY),
        product("TWO", Charge.DECLINING, _EQUAL, Fraction(2, 100)),
        product("OPEN", Charge.DECLINING, Repayment.OPEN, Fraction(2, 100)),
        product("CIF", Charge.FLAT, _EQUAL, Fraction(12, 100), fund="cif", rate_per=_YEARLY),
        _accruing(product("TWO-A", Charge.DECLINING, _EQUAL, Fraction(2, 100))),
        _accruing(product("FLAT-A", Charge.FLAT, _EQUAL, Fraction(1, 100), instalments=6)),
        _accruing(product("CIF-A", Charge.FLAT, _EQUAL, Fraction(1, 100), fund="cif")),
        _accruing(
            product("TWO-D", Charge.DECLINING, _EQUAL, Fraction(2, 100)),
            pay_off=PayOff.CHARGE_TO_DAY,
        ),
        replace(
            product("FEES", Charge.ZERO, _EQUAL, Fraction(0)),
            fees=(
                Fee(name="form", amount=20_00),
                Fee(name="cover", rate=Fraction(1, 100), taken=FeeTaken.DEDUCTED),
            ),
        ),
    )
}
"""No charge (own and CIF), flat 18% a year, falling 2% a month, open 2% a month, CIF at 12%; and
charge that accrues: falling 2% a month, flat 1% a month, CIF at 1%, to the day; and fees."""


class Details(TypedDict, total=False):
    """What an event may say beside kind, day, organisation and amount."""

    fund: str | None
    by: str
    to: str | None
    loan: str | None
    narrative: str
    reverses: str | None


@dataclass
class World:
    """The federation, acted upon."""

    engine: AsyncEngine
    ticks: int = 0
    sheets: int = 0
    events: int = 0

    @classmethod
    async def founded(cls, engine: AsyncEngine) -> World:
        """Lending rules, and nothing else yet."""
        world = cls(engine)
        async with world.at(FOUNDED) as books:
            await products.add(books, list(PRODUCTS.values()))
        return world

    @asynccontextmanager
    async def at(self, day: date, *, actor: str = "clerk") -> AsyncIterator[WritableBooks]:
        """Books to write in the evening of a day, each time a second later."""
        self.ticks += 1
        now = datetime.combine(day, EVENING) + timedelta(seconds=self.ticks)
        async with write_books(self.engine, actor=actor, now=now) as books:
            yield books

    @asynccontextmanager
    async def reading(self) -> AsyncIterator[Books]:
        """Books to read, after everything."""
        now = datetime.combine(date(2026, 7, 31), EVENING)
        async with read_books(self.engine, actor="auditor", now=now) as books:
            yield books

    async def form(self, code: str, *, under: str | None = None, on: date = FOUNDED) -> None:
        """An organisation, its kind said by its code."""
        kind = OrganisationKind(code.split("-", maxsplit=1)[0])
        made = Organisation(code, kind, code, on)
        async with self.at(on) as books:
            await federation.found(books, made, parent=under, from_on=on)

    async def join(self, name: str, organisation: str, *, on: date = FOUNDED) -> None:
        """A member, whose code is her name."""
        async with self.at(on) as books:
            await members.register(books, [Member(name, organisation, name, Gender.FEMALE, on)])

    async def agree(
        self,
        code: str,
        product_code: str,
        amount: str,
        *,
        lender: str,
        borrower: str,
        on: date,
        first_due_on: date | None = None,
        refinances: str | None = None,
    ) -> None:
        """A loan as approved, to be paid out on that day; first due a month later."""
        rules = PRODUCTS[product_code]
        month_on = due_dates(
            Contract(
                code=code,
                product=rules,
                principal=1,
                disbursed_on=on,
                first_due_on=on,
                instalments=2,
            ),
            (),
        )[1]
        organisation = borrower if "-" in borrower else None
        agreement = Agreement(
            code=code,
            lender=lender,
            member=None if organisation else borrower,
            organisation=organisation,
            product=product_code,
            principal=parse_rupees(amount),
            applied_on=on,
            approved_on=on,
            resolution=None,
            disbursed_on=on,
            first_due_on=first_due_on or month_on,
            instalments=rules.instalments,
            purpose=None,
            refinances=refinances,
        )
        async with self.at(on) as books:
            await contracts.agree(books, agreement)

    # -- Sheets -------------------------------------------------------------------------

    def sheet(
        self,
        on: date,
        *lines: str,
        co: str = "CO-01",
        over: str = "0",
        code: str | None = None,
    ) -> Sheet:
        """A sheet of lines such as "Zainab repayment 100.00 L-1", the cash counted with them.

        `over` is by how much more was counted than the lines say, negative where it is less.
        """
        self.sheets += code is None
        made = tuple(map(_line, lines))
        net = sum(-line.amount if line.kind in _OUT else line.amount for line in made)
        present = tuple(sorted({line.member for line in made}))
        counted = net + parse_rupees(over)
        return Sheet(code or f"S-{self.sheets}", co, on, present, counted, made)

    async def close(self, sheet: Sheet, *, posted: date | None = None, key: str = "") -> Posted:
        """Prepare a sheet and close it, each in a transaction of its own."""
        day = posted or sheet.held_on
        async with self.at(day) as books:
            await sheet_actions.prepare(books, sheet)
        return (await self.close_again(sheet.code, day=day, key=key or sheet.code))[1]

    async def close_again(self, code: str, *, day: date, key: str) -> tuple[StoredSheet, Posted]:
        """Close a sheet that is there."""
        async with self.at(day) as books:
            return await sheet_actions.close(books, code, key=key)

    async def meet(
        self,
        on: date,
        *lines: str,
        co: str = "CO-01",
        over: str = "0",
        posted: date | None = None,
    ) -> str:
        """A meeting, closed; the code of its sheet."""
        sheet = self.sheet(on, *lines, co=co, over=over)
        await self.close(sheet, posted=posted)
        return sheet.code

    # -- Events -------------------------------------------------------------------------

    def event(
        self,
        kind: str,
        on: date,
        org: str,
        amount: str | None = None,
        *,
        code: str | None = None,
        **details: Unpack[Details],
    ) -> Event:
        """An event, paid in cash and of the fund own unless it says otherwise."""
        self.events += code is None
        moneyless = EventKind(kind) in WITHOUT_MONEY
        reverses = details.get("reverses")
        return Event(
            code=code or f"E-{self.events}",
            organisation=org,
            kind=EventKind(kind),
            happened_on=on,
            fund=None if EventKind(kind) in OF_ALL_FUNDS else details.get("fund", "own"),
            paid_by=PaidBy.NONE if moneyless else PaidBy(details.get("by", "cash")),
            amount=None if amount is None else parse_rupees(amount),
            counterparty=details.get("to"),
            loan=details.get("loan"),
            narrative=details.get("narrative", ""),
            reverses=reverses,
        )

    async def record(self, event: Event, *, posted: date | None = None, key: str = "") -> Posted:
        """Post an event."""
        async with self.at(posted or event.happened_on) as books:
            return await event_actions.record(books, event, key=key or event.code)

    async def happen(
        self,
        kind: str,
        on: date,
        org: str,
        amount: str | None = None,
        *,
        posted: date | None = None,
        **details: Unpack[Details],
    ) -> str:
        """An event, posted; its code."""
        event = self.event(kind, on, org, amount, **details)
        await self.record(event, posted=posted)
        return event.code

    # -- Reading back -------------------------------------------------------------------

    async def told(self, code: str) -> list[str]:
        """What a sheet or event was written as: "CO-01: 1000 100.00 / 2000 Zainab 100.00".

        One text for each book; debits stand before the stroke, credits behind it, and funds
        other than own are named.
        """
        async with self.reading() as books:
            names = {
                await organisations.book_of(books, one.code): one.code
                for one in await organisations.organisations(books)
            }
            found = await event_store.entries_of(books, code)
        return [f"{names[entry.ref.book]}: {as_text(entry)}" for entry in found]

    async def balance(self, org: str, code: str, party: str = "", *, fund: str = "own") -> str:
        """The balance of an account over all days, debit positive."""
        sql = (
            "SELECT coalesce(sum(a.debit - a.credit), 0) FROM ledger.account a"
            " JOIN service.organisation o USING (book_id)"
            " WHERE o.code = :org AND a.code = :code AND a.party = :party AND a.fund = :fund"
        )
        async with self.reading() as books:
            row = await books.fetch_one(sql, org=org, code=code, party=party, fund=fund)
        return rupees(int(row[0])) if row else ""


def as_text(entry: Entry) -> str:
    """An entry on one line: debits, a stroke, credits."""
    return f"{_side(entry.lines, 'debit')} / {_side(entry.lines, 'credit')}"


def _side(lines: Iterable[Line], side: str) -> str:
    return ", ".join(
        f"{_account(line)} {rupees(amount)}" for line in lines if (amount := getattr(line, side))
    )


def _account(line: Line) -> str:
    code, fund, party = line.account
    return " ".join(part for part in (code, "" if fund == "own" else fund, party) if part)


def _line(text: str) -> SheetLine:
    member, kind, amount, *loan = text.split()
    return SheetLine(member, SheetLineKind(kind), parse_rupees(amount), loan[0] if loan else None)
