"""A unit of a demo: some LSOs with all below them, month after month.

Nothing in it has to do with the books of another unit, so that units are written in any
order and by any process. A unit gives its rows away after every round of meetings.
"""

from __future__ import annotations

from random import Random
from typing import TYPE_CHECKING, Final

from ledger.postgres.bulk import BulkBook, Lines, Texts, Voucher
from service.demo import federation, registers
from service.demo.co import Co
from service.demo.days import FIRST_DAY, LAST_DAY, Days
from service.demo.lending import Payer, Running
from service.demo.products import CIF, CIF_ZERO, INSTALMENTS, pattern
from service.demo.shape import MONTHS, lso_code, vo_code
from service.demo.upper import Upper

if TYPE_CHECKING:
    from collections.abc import Iterator

    from ledger.postgres.bulk import Moment
    from service.demo.federation import Ties
    from service.demo.shape import Shape

_BETWEEN_S: Final = 12
"""Seconds between what two COs post on a day."""
_FEE: Final = 200_00
_DEPOSITS: Final = (500_00, 1000_00, 2000_00)
_DEPOSITS_A_MONTH: Final = 0.06
_LSO_CAPITAL: Final = 1_500_000_00
_VO_CAPITAL: Final = 50_000_00
_TO_A_VO: Final = 100_000_00
_TO_A_CO: Final = 30_000_00
_CO_BORROWS: Final = 0.02
_VO_BORROWS: Final = 0.25
_NEVER: Final = 10**6


class Unit:
    """Its organisations and the loans between them."""

    def __init__(self, shape: Shape, unit: int, above: Ties) -> None:
        self._shape = shape
        self._days = Days(shape)
        self._ties = federation.of_unit(shape, unit, above)
        self._rng = Random(f"{shape.seed} unit {unit}")  # noqa: S311 - made up
        lsos = shape.lsos_in(unit)
        vos = [vo for lso in lsos for vo in shape.vos_in(lso)]
        self._lsos = [Upper(shape.lso_book + n, lso_code(n), n) for n in lsos]
        self._vos = [Upper(shape.vo_book + n, vo_code(n), n) for n in vos]
        self._uppers = {upper.book.id: upper for upper in self._lsos + self._vos}
        self._cos = [Co(shape, co) for vo in vos for co in shape.cos_in(vo)]
        self._loans: list[tuple[Upper, Upper | Co, Running]] = []
        self._clock = 0

    @property
    def lines(self) -> int:
        """How many lines it wrote."""
        return sum(book.line_count for book in self._books())

    def rounds(self) -> Iterator[Texts]:
        """Its rows, round by round; the last are what the books come to in the end."""
        texts = Texts()
        registers.of_unit(self._shape, self._ties, self._lsos, self._vos, self._cos, texts)
        last = -1
        for month in self._shape.rounds:
            self._hold(month, month - last, texts, first=last < 0)
            last = month
            for book in self._books():
                book.give_round(texts)
            yield texts
            texts = Texts()
        for book in self._books():
            book.give_end(texts)
        yield texts

    def _books(self) -> Iterator[BulkBook]:
        for upper in (*self._lsos, *self._vos):
            yield upper.book
        for co in self._cos:
            yield co.book

    def _hold(self, month: int, span: int, texts: Texts, *, first: bool) -> None:
        self._clock = 0
        if first:
            for upper in self._lsos + self._vos:
                self._endow(upper, month)
        self._lend(month, texts)
        order = sorted(((co.day + co.delay(), n) for n, co in enumerate(self._cos)))
        for rank, (posted_on, n) in enumerate(order):
            self._meet(self._cos[n], month, span, posted_on, rank * _BETWEEN_S, texts)
        self._clock = 0
        for co in self._cos:
            if co.is_owed_by_silent(month):
                co.write_off(self._days.day(month, LAST_DAY), self._next(month, LAST_DAY), month)
        self._repay(month)
        for upper in self._vos:
            self._vo_month(upper, month)

    def _next(self, month: int, day: int) -> Moment:
        self._clock += 1
        return self._days.moment(month, day, self._clock)

    def _endow(self, upper: Upper, month: int) -> None:
        amount = _LSO_CAPITAL if upper in self._lsos else _VO_CAPITAL
        upper.fund_bank = upper.book.number("1100", "cif", "BANK")
        capital = upper.book.number("3100", "cif")
        voucher = Voucher(
            self._days.day(month, FIRST_DAY), self._next(month, FIRST_DAY),
            "Community Investment Fund", "imran", f"E-{upper.code}-000",
        )  # fmt: skip
        upper.book.post(
            voucher, [(upper.fund_bank, amount, 0, ""), (capital, 0, amount, "")], None, []
        )

    def _lend(self, month: int, texts: Texts) -> None:
        """LSOs lend to some VOs and COs below them, as far as their fund goes."""
        rng, day = self._rng.random, self._days.day(month, FIRST_DAY)
        busy = {borrower.book.id for _, borrower, _ in self._loans}
        for vo in self._vos:
            lender = self._uppers[self._ties.parent_on(vo.book.id, day)]
            if vo.book.id not in busy and rng() < _VO_BORROWS:
                self._pay_out(lender, vo, CIF, _TO_A_VO, month, texts)
        for co in self._cos:
            if rng() < _CO_BORROWS and co.book.no and co.book.id not in busy:
                vo_book = self._ties.parent_on(co.book.id, day)
                lender = self._uppers[self._ties.parent_on(vo_book, day)]
                self._pay_out(lender, co, CIF_ZERO, _TO_A_CO, month, texts)

    def _pay_out(
        self, lender: Upper, borrower: Upper | Co, product: object, principal: int, month: int,
        texts: Texts,
    ) -> None:  # fmt: skip
        if lender.book.balance(lender.fund_bank) < principal:
            return
        terms = pattern(CIF if product is CIF else CIF_ZERO, principal)
        lender.lent += 1
        code = f"L-{lender.code}-{lender.lent:04}"
        asset = lender.book.number("1310", "cif", code, borrower.book.id)
        given = [(asset, principal, 0, ""), (lender.fund_bank, 0, principal, "")]
        bank = borrower.book.number("1100", "cif", "BANK")
        if isinstance(borrower, Co):
            borrower.bank = bank
        else:
            borrower.fund_bank = bank
        owed = borrower.book.number("2200", "cif", code, lender.book.id)
        taken = [(bank, principal, 0, ""), (owed, 0, principal, "")]
        day = self._days.day(month, FIRST_DAY)
        self._transfer(
            lender.book, borrower.book, given, taken, day, self._next(month, FIRST_DAY),
            "CIF lent on", "javed", f"E-{code}-00",
        )  # fmt: skip
        loan = Running(code, asset, owed, month, terms, Payer.ON_TIME, _NEVER)
        self._loans.append((lender, borrower, loan))
        first_due = self._days.day(month + 1, LAST_DAY)
        texts.of("loan").append(
            f"{code}\t{lender.code}\t\\N\t{borrower.code}\t{terms.product.code}\t{principal}\t"
            f"{day}\t{day}\t{lender.code}/{day}\t{day}\t{first_due}\t{INSTALMENTS}\tlending on\n"
        )
        texts.of("instalment").extend(
            f"{code}\t{n}\t{self._days.day(month + n, LAST_DAY)}\t{p}\t{c}\t{before}\n"
            for n, (p, c, before) in enumerate(terms.parts, start=1)
        )

    def _meet(
        self, co: Co, month: int, span: int, posted_on: int, second: int, texts: Texts
    ) -> None:
        days = self._days

        def at(step: int) -> Moment:
            return days.moment(month, posted_on, second + step)

        co.meet(month, span, days, at, texts)
        day = days.day(month, co.day)
        drawn = co.draw()
        box = co.book.balance(co.cash)
        vo = self._uppers[self._ties.parent_on(co.book.id, day)].book
        yearly = (month + co.place) % MONTHS < span
        if yearly and box >= _FEE:
            self._between(
                co.book, co.cash, vo, "5000", "4000", _FEE, day, at(3),
                "Fee of the year", co.actor, f"F-{co.code}-{month:03}",
            )  # fmt: skip
            box -= _FEE
        if drawn < _DEPOSITS_A_MONTH * span:
            amount = _DEPOSITS[int(drawn * 1000) % len(_DEPOSITS)]
            if box >= amount:
                self._between(
                    co.book, co.cash, vo, "1200", "2100", amount, day, at(4),
                    "Deposit", co.actor, f"D-{co.code}-{month:03}",
                )  # fmt: skip

    def _between(
        self, giver: BulkBook, cash: int, taker: BulkBook, debit: str, credit: str, amount: int,
        day: str, moment: Moment, narrative: str, actor: str, reference: str,
    ) -> None:  # fmt: skip
        """Money of the fund own from one book to another."""
        against = giver.number(debit, "own", taker.organisation, taker.id)
        given = [(against, amount, 0, ""), (cash, 0, amount, "")]
        hand = taker.number("1000", "own")
        account = taker.number(credit, "own", giver.organisation, giver.id)
        taken = [(hand, amount, 0, ""), (account, 0, amount, "")]
        self._transfer(giver, taker, given, taken, day, moment, narrative, actor, reference)

    def _transfer(
        self, giver: BulkBook, taker: BulkBook, given: Lines, taken: Lines, day: str,
        moment: Moment, narrative: str, actor: str, reference: str,
    ) -> None:  # fmt: skip
        """One event, two entries, each naming the other."""
        here, there = (giver.id, giver.no + 1), (taker.id, taker.no + 1)
        voucher = Voucher(day, moment, narrative, actor, reference, counterpart=there)
        giver.post(voucher, given, None, [])
        taker.post(voucher._replace(counterpart=here), taken, None, [])

    def _repay(self, month: int) -> None:
        """What VOs and COs owe their LSOs, on the last business day of the month."""
        day = self._days.day(month, LAST_DAY)
        for lender, borrower, loan in self._loans:
            charge, principal = loan.pay(month, self._rng.random)
            if not principal:
                continue
            bank = borrower.bank if isinstance(borrower, Co) else borrower.fund_bank
            given = [(loan.member, principal, 0, "")]
            if charge:
                cost = borrower.book.number("5000", "cif", lender.code, lender.book.id)
                given.append((cost, charge, 0, loan.code))
            given.append((bank, 0, principal + charge, ""))
            taken = [(lender.fund_bank, principal + charge, 0, "")]
            if charge:
                income = lender.book.number("4100", "cif", borrower.code, borrower.book.id)
                taken.append((income, 0, charge, loan.code))
            taken.append((loan.asset, 0, principal, ""))
            self._transfer(
                borrower.book, lender.book, given, taken, day, self._next(month, LAST_DAY),
                "Repayment of CIF", "farida", f"P-{loan.code}-{month:03}",
            )  # fmt: skip
        self._loans = [one for one in self._loans if not one[2].repaid]

    def _vo_month(self, vo: Upper, month: int) -> None:
        """A VO pays for its office, and once a year its fee to its LSO."""
        book, day = vo.book, self._days.day(month, LAST_DAY)
        cash = book.number("1000", "own") if book.no > 1 else 0
        box = book.balance(cash) if cash else 0
        if (month + vo.place) % MONTHS == MONTHS - 1 and box >= 2 * _FEE:
            lso = self._uppers[self._ties.parent_on(book.id, day)].book
            self._between(
                book, cash, lso, "5000", "4000", _FEE, day, self._next(month, LAST_DAY),
                "Fee of the year", "farida", f"F-{vo.code}-{month:03}",
            )  # fmt: skip
            box -= _FEE
        if box >= 2 * _FEE and self._rng.random() < 0.3:  # noqa: PLR2004 - a few times a year
            cost = book.number("5000", "own")
            voucher = Voucher(
                day, self._next(month, LAST_DAY), "Stationery and travel", "farida",
                f"X-{vo.code}-{month:03}",
            )  # fmt: skip
            book.post(voucher, [(cost, _FEE, 0, ""), (cash, 0, _FEE, "")], None, [])
