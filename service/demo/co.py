"""A CO of a demo: its members, its box, its loans, and what happens at its meetings.

The lines stand as `service.sheets.drafting` puts them: cash first, then every kind in the
order of the sheet.
"""

from __future__ import annotations

from random import Random
from typing import TYPE_CHECKING, Final

from ledger.postgres.bulk import BulkBook, Lines, Stretch, Texts, Voucher
from service.demo.days import FIRST_MEETING_DAY, LAST_MEETING_DAY
from service.demo.lending import Payer, Running
from service.demo.products import DECLINING, FLAT, INSTALMENTS, OPEN, ZERO, pattern
from service.demo.shape import co_code

if TYPE_CHECKING:
    from collections.abc import Callable

    from ledger.postgres.bulk import Moment
    from service.demo.days import Days
    from service.demo.shape import Shape

RUPEE: Final = 100
FEWEST_MEMBERS: Final = 11
MOST_MEMBERS: Final = 25
_COMPULSORY: Final = (100_00, 150_00, 200_00, 200_00, 300_00)
_FEES: Final = (50_00, 100_00, 200_00)
_PRINCIPALS: Final = tuple(
    rupees * RUPEE for rupees in (3000, 5000, 8000, 10000, 15000, 20000, 25000, 30000, 40000, 50000)
)
_PRODUCTS: Final = (FLAT,) * 9 + (DECLINING,) * 6 + (ZERO,) * 3 + (OPEN,) * 2
_ALL_COME: Final = 0.6
_COMES: Final = 0.93
_SAVES_MORE: Final = 0.10
_IS_FINED: Final = 0.12
_WITHDRAWS: Final = 0.14
_GIVES: Final = 0.05
_MISCOUNTS: Final = 0.03
_MISTAKEN: Final = 0.01
_BORROW: Final = 0.118
_PATIENCE: Final = 6
"""Months."""
_GIVES_UP: Final = 0.4
_NEVER: Final = 10**6
_ACTORS: Final = (
    "nasreen", "shazia", "farida", "rukhsana", "gulshan", "robina", "saima", "kulsoom",
    "karim", "imran", "javed", "aslam", "sher", "ghulam", "rafiq", "yousaf",
)  # fmt: skip
_PURPOSES: Final = ("livestock", "seed and fertiliser", "shop", "sewing", "school", "health")


class Co:
    """A CO from its first meeting on."""

    __slots__ = (
        "_accounts", "_actor", "_compulsory", "_fee", "_lent", "_members", "_met", "_rng",
        "_stretches", "_target", "_voluntary", "bank", "book", "cash", "code", "day", "gender",
        "loans", "place", "size",
    )  # fmt: skip

    def __init__(self, shape: Shape, place: int) -> None:
        rng = Random(f"{shape.seed} co {place}")  # noqa: S311 - made up
        self._rng = rng.random
        self.place = place
        self.code = co_code(place)
        drawn = rng.random()
        self.gender = "women" if drawn < 0.5 else "men" if drawn < 0.8 else "mixed"  # noqa: PLR2004 - of ten
        self.size = rng.randint(FEWEST_MEMBERS, MOST_MEMBERS)
        self.day = rng.randint(FIRST_MEETING_DAY, LAST_MEETING_DAY)
        self._compulsory = rng.choice(_COMPULSORY)
        self._fee = rng.choice(_FEES)
        self._actor = rng.choice(_ACTORS)
        self._target = int(self.size * _BORROW + rng.random())
        self._members = [f"M-{place + 1:06}-{n:02}" for n in range(1, self.size + 1)]
        self.book = BulkBook(shape.co_book + place, self.code, self.gender)
        self.cash = 0
        self.bank = 0
        self._accounts: list[int] = []
        self._voluntary = [0] * self.size
        self._stretches: dict[tuple[int, int], Stretch] = {}
        self.loans: list[Running] = []
        self._lent = 0
        self._met = 0

    @property
    def actor(self) -> str:
        """Who keeps its book."""
        return self._actor

    def delay(self) -> int:
        """How many days after its meeting the next sheet is posted."""
        return max(0, int(self._rng() * 6) - 3)

    def draw(self) -> float:
        """A number of its own, from 0 to below 1."""
        return self._rng()

    def meet(
        self, month: int, span: int, days: Days, at: Callable[[int], Moment], texts: Texts
    ) -> None:
        """Hold the meeting of a month, the first for `span` months, and post its sheet.

        `at` gives the moments of its postings: the sheet, its reversal, the right one.
        """
        day = days.day(month, self.day)
        head, stretch, tail = self._sheet(month, span, days, texts)
        self._met += 1
        voucher = Voucher(
            day, at(0), f"Meeting of {day}", self._actor, f"S-{self.code}-{self._met:03}"
        )
        no = self.book.post(voucher, head, stretch, tail)
        if self._rng() < _MISTAKEN:
            lines = head + (stretch.lines() if stretch else []) + tail
            undone = Voucher(
                day, at(1), "Entered wrongly", self._actor, f"R-{self.code}-{self._met:03}",
                "reversal", no,
            )  # fmt: skip
            self.book.reverse(undone, lines)
            right = voucher._replace(moment=at(2), reference=f"{voucher.reference}-2")
            self.book.post(right, head, stretch, tail)

    def is_owed_by_silent(self, month: int) -> bool:
        """Whether it gives up a loan this month that nothing was paid on for long."""
        silent = any(loan.stops + _PATIENCE < month for loan in self.loans)
        return silent and self._rng() < _GIVES_UP

    def write_off(self, day: str, moment: Moment, month: int) -> None:
        """Write off the first loan that has been silent for too long."""
        loan = next(loan for loan in self.loans if loan.stops + _PATIENCE < month)
        lost = self.book.number("5100", "own")
        lines = [(lost, loan.outstanding, 0, loan.code), (loan.asset, 0, loan.outstanding, "")]
        voucher = Voucher(day, moment, "Written off", self._actor, f"W-{loan.code}")
        self.book.post(voucher, lines, None, [])
        self.loans.remove(loan)

    def _sheet(
        self, month: int, span: int, days: Days, texts: Texts
    ) -> tuple[Lines, Stretch | None, Lines]:
        book, rng = self.book, self._rng
        if not self._met:
            self.cash = book.number("1000", "own")
            self._accounts = [book.number("2000", "own", member) for member in self._members]
        amount = self._compulsory * span
        present = self._accounts
        if self._met and rng() >= _ALL_COME:
            present = [no for no in present if rng() < _COMES]
        tail: Lines = []
        taken = amount * len(present)
        fined, leaving = [], []
        for n in range(self.size):
            drawn = rng()
            if drawn < _SAVES_MORE:
                taken += self._save(n, drawn, tail)
            elif drawn < _IS_FINED:
                fined.append(n)
            elif drawn < _WITHDRAWS:
                leaving.append(n)
        taken += self._incomes(fined, tail)
        taken += self._repayments(month, tail)
        box = book.balance(self.cash) + taken
        given = self._withdrawals(leaving, box, tail)
        given += self._disbursement(month, box - given, days, texts, tail)
        if self._met and rng() < _MISCOUNTS:
            odd = 10_00 + int(rng() * 5) * 10_00
            if rng() < 0.5 or box - given < odd:  # noqa: PLR2004 - as often as not
                taken += odd
                tail.append((book.number("4990", "own"), 0, odd, ""))
            else:
                given += odd
                tail.append((book.number("5990", "own"), odd, 0, ""))
        head = [(self.cash, taken, 0, "")] if taken else []
        if given:
            head.append((self.cash, 0, given, ""))
        return head, self._stretch(present, amount, len(head) + 1), tail

    def _stretch(self, present: list[int], amount: int, first_n: int) -> Stretch | None:
        if present is not self._accounts:
            return Stretch(present, amount, first_n) if present else None
        found = self._stretches.get((amount, first_n))
        if found is None:
            found = Stretch(self._accounts, amount, first_n)
            self._stretches[amount, first_n] = found
        return found

    def _save(self, n: int, drawn: float, tail: Lines) -> int:
        amount = 50_00 + int(drawn * 100) * 50_00
        no = self._voluntary[n]
        if not no:
            no = self._voluntary[n] = self.book.number("2010", "own", self._members[n])
        tail.append((no, 0, amount, ""))
        return amount

    def _incomes(self, fined: list[int], tail: Lines) -> int:
        taken = 0
        if not self._met:
            no = self.book.number("4000", "own")
            tail += [(no, 0, self._fee, member) for member in self._members]
            taken += self._fee * self.size
        if fined:
            no = self.book.number("4010", "own")
            tail += [(no, 0, 20_00, self._members[n]) for n in fined]
            taken += 20_00 * len(fined)
        if self._rng() < _GIVES:
            no = self.book.number("4200", "own")
            tail.append((no, 0, 500_00, self._members[int(self._rng() * self.size)]))
            taken += 500_00
        return taken

    def _repayments(self, month: int, tail: Lines) -> int:
        taken = 0
        for loan in self.loans:
            charge, principal = loan.pay(month, self._rng)
            if charge:
                tail.append((self.book.number("4100", "own"), 0, charge, loan.code))
            if principal:
                tail.append((loan.asset, 0, principal, ""))
            taken += charge + principal
        self.loans = [loan for loan in self.loans if not loan.repaid]
        return taken

    def _withdrawals(self, leaving: list[int], box: int, tail: Lines) -> int:
        given = 0
        for n in leaving:
            no = self._voluntary[n]
            saved = -self.book.balance(no) if no else 0
            if no and any(line[0] == no for line in tail):
                continue
            amount = saved // 2 // RUPEE * RUPEE
            if 0 < amount <= box - given:
                tail.append((no, amount, 0, ""))
                given += amount
        return given

    def _disbursement(self, month: int, box: int, days: Days, texts: Texts, tail: Lines) -> int:
        if not self._met or len(self.loans) >= self._target:
            return 0
        fitting = sum(principal <= box for principal in _PRINCIPALS)
        if not fitting:
            return 0
        rng = self._rng
        borrowing = {loan.member for loan in self.loans}
        member = int(rng() * self.size)
        if member in borrowing:
            return 0
        terms = pattern(_PRODUCTS[int(rng() * len(_PRODUCTS))], _PRINCIPALS[int(rng() * fitting)])
        self._lent += 1
        code = f"L-{self.place + 1:06}-{self._lent:03}"
        payer, stops = self._payer(month)
        asset = self.book.number("1300", "own", code)
        self.loans.append(Running(code, asset, member, month, terms, payer, stops))
        tail.append((asset, terms.principal, 0, ""))
        on, first_due = days.day(month, self.day), days.day(month + 1, self.day)
        texts.of("loan").append(
            f"{code}\t{self.code}\t{self._members[member]}\t\\N\t{terms.product.code}\t"
            f"{terms.principal}\t{on}\t{on}\t{self.code}/{on}\t{on}\t{first_due}\t{INSTALMENTS}\t"
            f"{_PURPOSES[int(rng() * len(_PURPOSES))]}\n"
        )
        texts.of("instalment").extend(
            f"{code}\t{n}\t{days.day(month + n, self.day)}\t{principal}\t{charge}\t{before}\n"
            for n, (principal, charge, before) in enumerate(terms.parts, start=1)
        )
        return terms.principal

    def _payer(self, month: int) -> tuple[Payer, int]:
        drawn = self._rng()
        if drawn < 0.012:  # noqa: PLR2004 - of a thousand
            return Payer.ON_TIME, month + 2 + int(self._rng() * 9)
        if drawn < 0.027:  # noqa: PLR2004 - as above
            return Payer.VERY_LATE, _NEVER
        if drawn < 0.08:  # noqa: PLR2004 - as above
            return Payer.LATE, _NEVER
        return (Payer.EARLY if drawn < 0.10 else Payer.ON_TIME), _NEVER  # noqa: PLR2004 - as above
