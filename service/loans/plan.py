"""What a loan asks for, instalment by instalment: by its contract, and by what has happened.

Nothing of it is kept that could be wrong: it is worked out from the day of disbursement each
time. What happened counts by its value date, in whatever order the book learned of it. All
working is in exact fractions; only a charge and an instalment are rounded, each to its step.
Principal over all instalments sums to what was paid out, to the paisa. Source: DOMAIN 5;
onboarding bundle, part 5.
"""

from __future__ import annotations

from collections import deque
from dataclasses import dataclass, replace
from datetime import date
from fractions import Fraction
from itertools import chain, pairwise
from operator import attrgetter
from typing import TYPE_CHECKING, Final, NamedTuple, TypeAlias

from ledger.money import round_to_step
from service.loans.coverage import uncovered
from service.loans.due_dates import due_dates
from service.loans.terms import (
    Charge,
    ChargeBasis,
    ContractContradicts,
    DayCount,
    Early,
    PayOff,
    Recognition,
    Repayment,
    period_rate,
    yearly_rate,
)

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Sequence

    from service.loans.terms import Contract

DAYS_OF_YEAR: Final = 365
"""Of leap years too."""


@dataclass(frozen=True, slots=True)
class Instalment:
    """What falls due on one day: principal and service charge, in paisa."""

    n: int
    due_on: date
    principal: int
    charge: int

    @property
    def total(self) -> int:
        """Principal and charge together, in paisa."""
        return self.principal + self.charge


@dataclass(frozen=True, slots=True, kw_only=True)
class Move:
    """What one entry did to one loan on its value date, in paisa; a reversal is negative."""

    value_date: date
    disbursed: int = 0
    principal_repaid: int = 0
    charge_paid: int = 0
    fine_paid: int = 0
    written_off: int = 0
    accrued: int = 0
    """By how much it raised the charge that is income and not paid yet."""

    @property
    def only_accrues(self) -> bool:
        """Whether nothing was paid, lent or lost: charge became income, and is still owed."""
        others = (self.disbursed, self.principal_repaid, self.charge_paid)
        return bool(self.accrued) and not any((*others, self.fine_paid, self.written_off))

    @property
    def principal_change(self) -> int:
        """By how much the entry raised (or, below zero, lowered) principal outstanding."""
        return self.disbursed - self.principal_repaid - self.written_off


@dataclass(frozen=True, slots=True, kw_only=True)
class RateChange:
    """Another rate from a day on: of the periods that begin then, or by the day if days count."""

    on: date
    rate: Fraction


@dataclass(frozen=True, slots=True, kw_only=True)
class Reschedule:
    """What would fall due after a day falls due on other days, spread over them anew.

    What has fallen due by that day stays due and as old as it is, unless `overdue_too` takes it
    in. `rate` is another rate from then on; a flat charge stays what it is. Raises
    `ContractContradicts`.
    """

    on: date
    dues: tuple[date, ...]
    grace_principal: int = 0
    grace_charge: int = 0
    rate: Fraction | None = None
    overdue_too: bool = False

    def __post_init__(self) -> None:
        if not self.dues or list(self.dues) != sorted(set(self.dues)) or self.dues[0] <= self.on:
            raise ContractContradicts("new due dates come one after the other, after the day")
        if max(self.grace_principal, self.grace_charge) >= len(self.dues):
            raise ContractContradicts("the new grace leaves no instalment that repays")


@dataclass(frozen=True, slots=True, kw_only=True)
class FineImposed:
    """A fine by resolution, due on its day, in paisa. Raises `ContractContradicts`."""

    on: date
    amount: int

    def __post_init__(self) -> None:
        if self.amount <= 0:
            raise ContractContradicts("a fine is above zero")


Change: TypeAlias = "RateChange | Reschedule | FineImposed"
"""What was agreed of a loan after it was paid out."""


class Taken(NamedTuple):
    """Instalments as they stood until the close of a day."""

    until: date
    instalments: tuple[Instalment, ...]


@dataclass(frozen=True, slots=True)
class Plan:
    """All instalments as they stand on a day, oldest first, and what would close the loan then."""

    instalments: tuple[Instalment, ...]
    running: int = 0
    """Charge that has not fallen due and that paying off on that day takes, in paisa."""
    pay_off: int = 0
    """Principal and charge that close it on that day, in paisa."""
    before: tuple[Taken, ...] = ()
    """What was asked for until a reschedule took in what was overdue."""
    earned: int = 0
    """Charge of whole periods that have fallen due, and of the one that runs by its days."""


def plan(
    contract: Contract,
    dues: Sequence[date],
    moves: Iterable[Move],
    changes: Iterable[Change] = (),
    *,
    on: date,
) -> Plan:
    """What a loan asks for, as it stands at the close of a day.

    `dues` are the due dates that were frozen when it was paid out; `moves` and `changes` are all
    that are known, in any order, and count up to the day. What lies ahead is planned for the case
    that everything is paid when it falls due, and what is overdue at once.
    """
    return _Planning(contract, dues, moves, changes, on).done()


def as_planned(
    contract: Contract,
    schedule: Sequence[Instalment],
    moves: Sequence[Move],
    changes: Sequence[Change] = (),
    *,
    on: date,
) -> Plan:
    """The plan of a loan whose schedule froze: that schedule, where nothing can have changed it.

    Of a loan that was paid out whole nothing can, on most terms; then no more is said of paying
    off than that it takes all.
    """
    in_parts = any(0 < move.disbursed < contract.principal for move in moves)
    if _keeps_its_schedule(contract) and not changes and not in_parts:
        return Plan(tuple(schedule))
    return plan(contract, [row.due_on for row in schedule], moves, changes, on=on)


def is_fixed(contract: Contract) -> bool:
    """Whether all that it asks for is its schedule; of an open loan, by what is outstanding.

    Such loans are worked out all at once (`standing.sql`); others, and those that are paid out in
    parts or of which something was agreed later, one by one.
    """
    product = contract.product
    by_period = product.repayment is Repayment.OPEN and product.day_count is DayCount.PERIOD
    by_cash = product.recognition is Recognition.CASH
    return (by_period or _keeps_its_schedule(contract)) and by_cash and product.fine is None


def _keeps_its_schedule(contract: Contract) -> bool:
    product = contract.product
    scheduled = product.charge_basis is ChargeBasis.SCHEDULED
    next_ones = product.early is Early.NEXT_INSTALMENTS
    return scheduled and next_ones and not pays_off_early(contract)


def pays_off_early(contract: Contract) -> bool:
    """Whether paying off before the end gives back some of a charge that was planned."""
    product = contract.product
    scheduled = product.charge_basis is ChargeBasis.SCHEDULED
    return scheduled and product.pay_off is not PayOff.WHOLE_CHARGE


def schedule(contract: Contract, holidays: Collection[date]) -> tuple[Instalment, ...]:
    """The plan of a loan that is paid out whole on its day; with it its due dates freeze.

    For an open loan this is the plan for the case that nothing is repaid before the end.
    """
    if contract.disbursed_on is None:
        return ()
    whole = Move(value_date=contract.disbursed_on, disbursed=contract.principal)
    dues = due_dates(contract, holidays)
    return plan(contract, dues, [whole], on=contract.disbursed_on).instalments


def gaps(
    contract: Contract, due: Sequence[Instalment], charge_paid: int, principal_paid: int
) -> tuple[list[int], list[int]]:
    """Charge and principal of each instalment fallen due that payments do not cover.

    The total paid covers the instalments oldest first, charge before principal. For an
    open loan each counts on its own, and principal never stands in for a charge; but
    charge overpaid, as a back-dated payment can leave it, covers principal (DOMAIN 10).
    """
    charges = [instalment.charge for instalment in due]
    principals = [instalment.principal for instalment in due]
    if contract.product.repayment is Repayment.OPEN:
        excess = max(charge_paid - sum(charges), 0)
        return uncovered(charges, charge_paid), uncovered(principals, principal_paid + excess)
    parts = [part for pair in zip(charges, principals, strict=True) for part in pair]
    left = uncovered(parts, charge_paid + principal_paid)
    return left[::2], left[1::2]


class _Piece(NamedTuple):
    """Principal that bears a charge from a day on, until the next piece."""

    since: date
    principal: int


class _Planning:
    """The plan under way, from one due date to the next."""

    def __init__(
        self,
        contract: Contract,
        dues: Sequence[date],
        moves: Iterable[Move],
        changes: Iterable[Change],
        on: date,
    ) -> None:
        product = contract.product
        in_parts = product.repayment not in {Repayment.OPEN, Repayment.BULLET}
        self.contract, self.product, self.on = contract, product, on
        self.by_balance = product.charge_basis is ChargeBasis.ACTUAL
        self.rebates = pays_off_early(contract)
        self.takes_early = product.early is not Early.NEXT_INSTALMENTS
        self.dues = deque(dues)
        self.moves = deque(
            sorted((m for m in moves if m.value_date <= on), key=attrgetter("value_date"))
        )
        agreed = (c for c in changes if c.on <= on and not isinstance(c, FineImposed))
        self.changes = deque(sorted(agreed, key=attrgetter("on")))
        agreed_anew = [(c.on, c.rate) for c in self.changes if c.rate is not None]
        self.rates = [(date.min, product.rate), *agreed_anew]
        self.grace_principal = product.grace_principal if in_parts else 0
        self.grace_charge = product.grace_charge if in_parts else 0
        self.agreed = contract.instalment
        self.shares = deque(season.share for season in contract.seasons)
        self.start = contract.disbursed_on or on
        """The first day of the period that runs."""
        self.by_period: dict[Fraction, Fraction] = {}
        self.rows: list[Instalment] = []
        self.before: list[Taken] = []
        self.disbursed = self.written_off = 0
        self.paid = self.charge_paid = self.asked = 0
        self.left = 0
        """Principal that nothing asks for yet."""
        self.balance = 0
        """Principal outstanding in the books."""
        self.moved_on = date.min
        self.closed_before = False
        """Whether it was closed before the last day on which anything moved."""
        self.early = 0
        """Taken off what is left in the period that runs, before it was due; part of its row."""
        self.put_off = 0
        self.flat: deque[int] = deque()
        self.level: Fraction | None = None
        self.part = Fraction(0)
        self.lives = False
        """Whether it is past the first day."""
        self.ended = False
        self.pieces: list[_Piece] = []
        self.running = 0
        self.earned = 0
        """What the running period has earned by the day of the plan, and what was put off."""
        self.outstanding: int | None = None
        """What is really outstanding on the day of the plan, once it has come to that."""

    def done(self) -> Plan:
        """From the day of disbursement to the last due date."""
        if self.contract.disbursed_on is None or self.start > self.on:
            return Plan(())
        self._live(self.start)
        self.lives = True
        self._spread(self.left)
        self._close(self.start)
        while not self.ended:
            self.pieces = [_Piece(self.start, self._bearing(self.start))]
            self._change()
            if self.ended or not self.dues:
                break
            self._period(self.dues[0])
            if self.ended:
                self._live(self.on)
            else:
                self.start = self.dues.popleft()
                self._close(self.start)
        self._live(self.on)
        charges = sum(row.charge for row in self.rows if row.due_on <= self.on)
        if not (self.by_balance or self.rebates):
            self.running = sum(row.charge for row in self.rows) - charges
        owed = max(charges + self.running - self.charge_paid, 0)
        return Plan(
            tuple(self.rows),
            self.running,
            self.balance + owed,
            tuple(self.before),
            charges + self.earned,
        )

    def _close(self, day: date) -> None:
        """Let the moves of a day count whose rows all stand."""
        if not self.dues or self.dues[0] > day:
            self._live(day)
            self._look_for_more(day)

    def _live(self, until: date) -> None:
        """Let the moves up to a day count, those of each day together."""
        while self.moves and self.moves[0].value_date <= until:
            day, before = self.moves[0].value_date, self._lent()
            self.moved_on, self.closed_before = day, self._closed
            while self.moves and self.moves[0].value_date == day:
                move = self.moves.popleft()
                self.disbursed += move.disbursed
                self.balance += move.principal_change
                self.paid += move.principal_repaid + move.charge_paid
                self.charge_paid += move.charge_paid
                self.written_off += move.written_off
            tranche = self._lent() - before
            self.left = max(self.left + tranche, 0)
            if self.lives and tranche:
                self._lend_more(day, tranche)
            if self.lives:
                self._look_for_more(day)

    def _lend_more(self, day: date, tranche: int) -> None:
        """Spread a tranche over what is to come; with nothing to come it falls due at once."""
        if self.ended:
            self.ended, self.start = False, day
            while self.dues and self.dues[0] <= day:
                self.dues.popleft()
        if self.dues:
            self._spread(tranche)
            self.pieces.append(_Piece(day, self._bearing(day)))
        elif self.left:
            self._add(day, self.left, 0)
            self.asked += self.left
            self.left = 0

    @property
    def _closed(self) -> bool:
        return self.disbursed > 0 and self.balance <= 0 and self.paid >= self.asked

    def _lent(self) -> int:
        """What is paid out; twice for a while, where a meeting stands twice, counts once."""
        return min(self.disbursed, self.contract.principal)

    def _look_for_more(self, day: date) -> None:
        """What is paid beyond what was asked for ends the loan, or comes off what is left."""
        over = self.paid - self.asked
        if self.ended or over < 0:
            return
        if self.rebates and self.balance <= 0:
            charge = self.put_off + self._running(day)
            if self.charge_paid >= sum(row.charge for row in self.rows) + charge:
                self.ended = True
                self._take(day, self.left, charge)
                return
        if self.takes_early and over:
            self._take(day, min(over, self.left), 0)
            if self.product.early is Early.SMALLER_INSTALMENTS:
                self.agreed = None
                self._spread(0)

    def _take(self, day: date, principal: int, charge: int) -> None:
        """Ask for something before it was due: in the row of that day, or in the next."""
        self.left -= principal
        self.asked += principal + charge
        if self.rows and self.rows[-1].due_on == day:
            row = self.rows[-1]
            more = (row.principal + principal, row.charge + charge)
            self.rows[-1] = replace(row, principal=more[0], charge=more[1])
        elif self.ended:
            self._add(day, principal, charge)
        else:
            self.early += principal

    def _change(self) -> None:
        """Apply what was agreed anew: a rate from the next period on, due dates also within one."""
        while self.changes:
            change = self.changes[0]
            later = self.dues and (change.on >= self.dues[0] or isinstance(change, RateChange))
            if change.on > self.start and later:
                return
            self.changes.popleft()
            if isinstance(change, Reschedule):
                self._reschedule(change)
            self.agreed = None
            self._spread(0)

    def _reschedule(self, change: Reschedule) -> None:
        self._live(change.on)
        if self.closed_before if self.moved_on == change.on else self._closed:
            return
        if self.product.repayment is Repayment.BULLET and len(change.dues) > 1:
            raise ContractContradicts("a loan that is paid at the end has one due date")
        if change.overdue_too:
            self.before.append(Taken(change.on, tuple(self.rows)))
            self._take_in_overdue()
        self.dues = deque(change.dues)
        self.shares.clear()
        in_parts = self.product.repayment not in {Repayment.OPEN, Repayment.BULLET}
        self.grace_principal = change.grace_principal if in_parts else 0
        self.grace_charge = change.grace_charge if in_parts and not self.by_balance else 0

    def _take_in_overdue(self) -> None:
        """What payments do not cover of the rows so far is due no longer, but spread anew."""
        lacks = gaps(self.contract, self.rows, self.charge_paid, self.paid - self.charge_paid)
        for n, (charge, principal) in enumerate(zip(*lacks, strict=True)):
            row = self.rows[n]
            less = (row.charge - charge, row.principal - principal)
            self.rows[n] = replace(row, charge=less[0], principal=less[1])
            self.put_off += charge
            self.left += principal
            self.asked -= charge + principal

    def _period(self, due: date) -> None:
        """Go through a period, and ask for what falls due at its end."""
        for day in self._days_within(due):
            self._live(day)
            if self.ended:
                return
            self.pieces.append(_Piece(day, self._bearing(day)))
        if self.start <= self.on < due:
            self.running = self.put_off + self._running(self.on)
            self.earned = self.put_off + self._earned(self.on, due)
        own = self._own_charge(due)
        principal = self._principal(own)
        self.left -= principal
        put_off = self.grace_charge > 0 and self._declines
        charge = 0 if put_off else own + self.put_off
        self.put_off = self.put_off + own if put_off else 0
        self.grace_principal = max(self.grace_principal - 1, 0)
        self.grace_charge = max(self.grace_charge - 1, 0)
        self.asked += principal + charge
        self._add(due, principal, charge)

    def _add(self, due: date, principal: int, charge: int) -> None:
        """A row, with what was taken off early in its period."""
        self.rows.append(Instalment(len(self.rows) + 1, due, principal + self.early, charge))
        self.early = 0

    @property
    def _declines(self) -> bool:
        """Whether each period's charge is worked out from what is outstanding."""
        return self.product.charge is Charge.DECLINING or self.product.repayment is Repayment.OPEN

    def _days_within(self, due: date) -> list[date]:
        """The days after the first of a period on which what bears a charge may change."""
        days = {move.value_date for move in self.moves} | {on for on, _ in self.rates}
        days |= {self.on} if self.by_balance else set()
        return sorted(day for day in days if self.start < day < due)

    def _bearing(self, day: date) -> int:
        """The principal that bears a charge from a day on.

        By the books up to the day of the plan; what is overdue then is taken for paid at once.
        """
        if not self.by_balance:
            return self.left
        if day < self.on:
            return self._outstanding()
        if self.outstanding is None:
            self.outstanding = self._outstanding()
        return min(self.left, self.outstanding)

    def _outstanding(self) -> int:
        """What is really outstanding: of an open loan by its entries, else by all that is paid.

        An entry that was split before an earlier payment was known may be wrong by some charge;
        the total paid is not.
        """
        if self.product.repayment is Repayment.OPEN:
            return self.balance
        gaps = uncovered(chain(*((row.charge, row.principal) for row in self.rows)), self.paid)
        uncovered_principal = sum(gaps[1::2])
        beyond = max(self.paid - self.asked, 0)
        return max(self.left + uncovered_principal - beyond - self.written_off, 0)

    def _exact(self, until: date, due: date) -> Fraction:
        """The exact charge of the period that runs, up to a day of it."""
        if self.product.day_count is DayCount.PERIOD:
            exact = self.pieces[0].principal * self._period_rate(self._rate(self.start))
            if until >= due:
                return exact
            return exact * (until - self.start).days / (due - self.start).days
        exact = Fraction(0)
        ends = [*(piece.since for piece in self.pieces[1:]), until]
        for (since, principal), end in zip(self.pieces, ends, strict=True):
            days = max((min(end, until) - since).days, 0)
            exact += principal * days * yearly_rate(self.product, self._rate(since))
        return exact / DAYS_OF_YEAR

    def _period_rate(self, rate: Fraction) -> Fraction:
        """The rate of one period at a rate; of a loan that is paid at the end, of all of them."""
        if rate not in self.by_period:
            instalments = self.contract.instalments
            one = period_rate(self.product, instalments, rate)
            bullet = self.product.repayment is Repayment.BULLET
            self.by_period[rate] = one * instalments if bullet else one
        return self.by_period[rate]

    def _rate(self, day: date) -> Fraction:
        return next(rate for on, rate in reversed(self.rates) if on <= day)

    def _own_charge(self, due: date) -> int:
        """What a period's charge comes to."""
        if self._declines:
            return self._rounded(self._exact(due, due))
        return self.flat.popleft() if self.flat else 0

    def _running(self, day: date) -> int:
        """As much of the running period's charge as paying off on a day of it takes."""
        if day <= self.start or not self.dues:
            return 0
        due = self.dues[0]
        if not self._declines:
            return self.flat[0] if self.flat else 0
        by_day = self.product.pay_off is PayOff.CHARGE_TO_DAY
        if self.by_balance:
            by_day = self.product.day_count is DayCount.ACTUAL_365
        return self._rounded(self._exact(day if by_day else due, due))

    def _earned(self, day: date, due: date) -> int:
        """As much of the running period's charge as its days until then have earned."""
        if day <= self.start:
            return 0
        if self._declines:
            return self._rounded(self._exact(day, due))
        own = self.flat[0] if self.flat else 0
        return self._rounded(Fraction(own * (day - self.start).days, (due - self.start).days))

    def _principal(self, charge: int) -> int:
        """Principal of the next row: what the rounded instalment leaves after its charge."""
        share = self.shares.popleft() if self.shares else None
        if len(self.dues) == 1:
            return self.left
        if self.grace_principal or self.product.repayment in {Repayment.OPEN, Repayment.BULLET}:
            return 0
        if share is not None:
            target = share * self.part + charge
        else:
            target = self.part + charge if self.level is None else self.level
        step, rounding = self.product.instalment_step, self.product.rounding
        instalment = self.agreed or round_to_step(target, step, rounding)
        return min(max(instalment - charge, 0), self.left)

    def _spread(self, more: int) -> None:
        """Work out anew what each row to come asks for; `more` has been paid out."""
        if not self.dues:
            return
        if self.product.charge is Charge.FLAT and not self._declines:
            self._spread_flat(more)
        repaying = len(self.dues) - self.grace_principal
        self.part = Fraction(self.left, 1 if self.shares else max(repaying, 1))
        self.level = None
        annuity = self.product.repayment is Repayment.EQUAL_INSTALMENT
        if annuity and self.product.charge is Charge.DECLINING:
            rates = self._rates_to_come()[self.grace_principal :]
            self.level = _level(self.left, rates) if any(rates) else None

    def _spread_flat(self, more: int) -> None:
        """A flat charge is spread evenly over the rows after its grace; the last takes the rest."""
        exact = more * sum(self._rates_to_come(), Fraction(0))
        left = sum(self.flat) + self._rounded(exact)
        carrying = max(len(self.dues) - self.grace_charge, 1)
        share = self._rounded((sum(self.flat) + exact) / carrying)
        self.flat = deque([0] * min(self.grace_charge, len(self.dues) - 1))
        for _ in range(carrying - 1):
            self.flat.append(min(share, left))
            left -= self.flat[-1]
        self.flat.append(left)

    def _rates_to_come(self) -> list[Fraction]:
        """The rate of each period to come, the one that runs included."""
        product, rate = self.product, self._rate(self.start)
        if product.day_count is DayCount.ACTUAL_365:
            yearly = yearly_rate(product, rate)
            days = [(due - start).days for start, due in pairwise([self.start, *self.dues])]
            return [yearly * max(count, 0) / DAYS_OF_YEAR for count in days]
        return [self._period_rate(rate)] * len(self.dues)

    def _rounded(self, exact: Fraction) -> int:
        return round_to_step(exact, self.product.charge_step, self.product.rounding)


def _level(principal: int, rates: Sequence[Fraction]) -> Fraction:
    """The exact instalment that repays so much, each period's charge at its own rate.

    Principal is what all instalments are worth on the first day: the n-th divided by one plus
    each rate up to its own. With one rate r it is P r / (1 - (1 + r)^-n).
    """
    if len(set(rates)) == 1:
        return principal * rates[0] / (1 - (1 + rates[0]) ** -len(rates))
    worth = Fraction(0)
    for rate in reversed(rates):
        worth = (1 + worth) / (1 + rate)
    return principal / worth
