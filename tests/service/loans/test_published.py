"""Figures that others published: every case comes out exactly, or it is said why it is left out.

The cases are facts of Apache Fineract, Frappe Lending, handbooks and textbooks; each names its
source. A case whose convention a product of ours can express runs with that product.
"""

from __future__ import annotations

import json
from datetime import date, timedelta
from fractions import Fraction
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final, TypeAlias

import pytest
from dateutil.relativedelta import relativedelta

from ledger.money import Rounding, round_to_step
from service.loans.due_dates import due_dates
from service.loans.figures import figures
from service.loans.plan import FineImposed, Instalment, Move, Reschedule, plan, schedule
from service.loans.preview import Dated, Preview, preview
from service.loans.terms import (
    Charge,
    ChargeBasis,
    Contract,
    DayCount,
    Early,
    Fee,
    FeeTaken,
    Fine,
    FineOf,
    Frequency,
    OnHoliday,
    PayOff,
    Product,
    RatePer,
    Repayment,
    Season,
)

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

Case: TypeAlias = "dict[str, Any]"
PUBLISHED: Final = Path(__file__).parents[2] / "data" / "published"
CASES: Final = {
    case["id"]: case
    for path in sorted(PUBLISHED.glob("*.json"))
    for case in json.loads(path.read_text(encoding="utf-8"))
}
DAY: Final = date(2024, 1, 1)
"""Of cases that name no days."""
FREQUENCIES: Final = {
    "1 MONTHS": (Frequency.MONTH, 1),
    "12 MONTHS": (Frequency.MONTH, 12),
    "1 WEEKS": (Frequency.WEEK, 1),
    "14 DAYS": (Frequency.FORTNIGHT, 1),
}
BY_HAND: Final = "fees and penalties are entered by hand, and fees have a place in the order"
LEFT_OUT: Final = {
    "fin-rp04-late-exact": "each stretch of a period is rounded by itself, not its charge",
    "fin-rp07-late-partial": "each stretch of a period is rounded by itself, not its charge",
    "fin-s2-two-overdue": "a month is cut into thirtieths",
    "fin-emi-15day-360": "periods of fifteen days, in years of 360",
    "fin-reamortize-125-over-rest": "half a rupee goes down",
    "fin-dlq-days-pause-resume": "days in arrears are not counted while the loan is paused",
    "frappe-penal-interest-25pct": "a penalty by the day, on both first and last day",
    "ae-compound-bullet-1000": "charge earns charge",
    "ae-grace3-capitalised": "charge earns charge",
    "fin-je-accrual": "fees and penalties accrue too, and charges have no accounts of their own",
    "fin-je-chargeoff": "charge written off has accounts of its own",
    "shaalaa-sharma-q1-2008": "profit on savings is shared by what they came to on average",
    "shaalaa-swami-feb-jul-2009": "profit on savings is shared by what they came to on average",
    "fin-alloc-pfip-13": "a penalty is paid before it is due",
    "fin-alloc-pfip-15": BY_HAND,
    **{f"fin-alloc-pipf-uc{n}": BY_HAND for n in ("02", "04", "05", "10", "11")},
}


def paisa(amount: str) -> int:
    """Rupees as published, whatever the currency was."""
    exact = Fraction(amount) * 100
    assert exact.denominator == 1
    return int(exact)


def day(text: str) -> date:
    """A day as published; some are counted from the day of disbursement, D."""
    if text.startswith("D"):
        return DAY + timedelta(days=int(text[1:] or 0))
    return date.fromisoformat(text)


def kind_of(method: str) -> tuple[Charge, Repayment]:
    """The charge and the repayment that a method names."""
    if "flat" in method:
        return Charge.FLAT, Repayment.EQUAL_INSTALMENT
    if "falling" in method or "free principal" in method:
        return Charge.DECLINING, Repayment.OPEN
    if "equal_principal" in method or "interest only" in method:
        return Charge.DECLINING, Repayment.EQUAL_PRINCIPAL
    return Charge.DECLINING, Repayment.EQUAL_INSTALMENT


def terms(said: Case, **more: Any) -> Product:  # noqa: ANN401 - any terms
    """A product on the terms of a case."""
    frequency, every = FREQUENCIES[said.get("frequency", "1 MONTHS")]
    charge, repayment = kind_of(said.get("method", ""))
    rate = Fraction(
        said.get("annual_rate_percent") or 12 * Fraction(said["rate_per_month_percent"])
    )
    step = 100 if said.get("currency_decimals") == 0 else 1
    multiple = paisa(said.get("money_multiple", "0"))
    actual = "daily" in said.get("interest_basis", "") or said.get("days_in_month") == "actual"
    basis = "actual balance" in said.get("method", "") or "unpaid" in said.get("method", "")
    plain: dict[str, Any] = {
        "charge": charge if rate else Charge.ZERO,
        "repayment": repayment,
        "rate": rate / 100,
        "rate_per": RatePer.YEAR,
        "frequency": frequency,
        "every": every,
        "instalments": said.get("n", 1),
        "charge_step": multiple or step,
        "instalment_step": multiple or paisa(said.get("installment_multiple", "0")) or step,
        "rounding": {"HALF_UP": Rounding.HALF_UP}.get(said.get("rounding", ""), Rounding.HALF_EVEN),
        "grace_principal": said.get("grace_principal_periods", 0),
        "grace_charge": 0,
        "grace_days": said.get("grace_days", 0),
        "charge_basis": ChargeBasis.ACTUAL if basis else ChargeBasis.SCHEDULED,
        "day_count": DayCount.ACTUAL_365 if actual else DayCount.PERIOD,
        "on_holiday": OnHoliday.STAY,
    }
    return Product(code="P", name="As published", fund="own", **(plain | more))


def loan(said: Case, *, instalment: int | None = None, **more: Any) -> Contract:  # noqa: ANN401 - any terms
    """A loan on the terms of a case."""
    product = terms(said, **more)
    begun = (
        day(said.get("disburse_date", "D")) if "month" not in said.get("disburse_date", "") else DAY
    )
    first = said.get("first_date")
    step = {Frequency.WEEK: timedelta(7), Frequency.FORTNIGHT: timedelta(14)}
    next_one = begun + step.get(product.frequency, relativedelta(months=product.every))
    return Contract(
        code="L",
        product=product,
        principal=paisa(said["principal"]),
        disbursed_on=begun,
        first_due_on=day(first) if first else next_one,
        instalments=said.get("n", 1),
        instalment=instalment,
    )


def agree(rows: Sequence[Instalment], expected: Sequence[Case]) -> None:
    """What was published of each row is what each row is."""
    by_number = {row.n: row for row in rows}
    for published in expected:
        row = by_number[published["n"]]
        if "due" in published:
            assert row.due_on == day(published["due"])
        if "principal" in published:
            assert row.principal == paisa(published["principal"]), published
        if "interest" in published:
            assert row.charge == paisa(published["interest"]), published
        if "total" in published:
            assert row.total == paisa(published["total"]), published
    whole = [published for published in expected if "balance" in published]
    if len(whole) == len(expected):
        assert len(rows) == len(expected)


def scheduled(case: Case) -> None:
    """A schedule, row by row."""
    agree(schedule(loan(case["inputs"]), ()), [e for e in case["expected"] if "n" in e])


def instalment_alone(case: Case) -> None:
    """Only the instalment was published; some round it up, and its charge half-up."""
    said = case["inputs"]
    up = said.get("payment_rounding") == "UP"
    contract = loan(said, rounding=Rounding.UP if up else Rounding.HALF_UP)
    assert schedule(contract, ())[0].total == paisa(case["expected"][0]["installment"])


def paid(contract: Contract, payments: Sequence[Case]) -> list[Move]:
    """The moves of a loan after payments, each split when it came."""
    assert contract.disbursed_on
    dated = [Dated(day(p["date"]), paisa(p["amount"])) for p in payments]
    last = max((one.on for one in dated), default=contract.disbursed_on)
    moves = [Move(value_date=contract.disbursed_on, disbursed=contract.principal)]
    for one in preview(contract, on=last, payments=dated).payments:
        split = one.split
        moves.append(
            Move(value_date=one.on, principal_repaid=split.principal, charge_paid=split.charge)
        )
    return moves


def by_days(case: Case) -> None:
    """Charge by the day on what is outstanding; the instalment worked out from the first period."""
    said = case["inputs"]
    rate = Fraction(said["annual_rate_percent"]) / 100 * 30 / 365
    exact = paisa(said["principal"]) * rate / (1 - (1 + rate) ** -said["n"])
    level = round_to_step(exact, 100, Rounding.HALF_EVEN)
    contract = loan(said, instalment=level, early=Early.SMALLER_INSTALMENTS)
    moves = paid(contract, said["payments"])
    rows = plan(contract, due_dates(contract, ()), moves, on=day(said["as_of"])).instalments
    agree(rows, case["expected"])


def next_repayments(case: Case) -> None:
    """What is paid early takes the place of principal that falls due next."""
    said = case["inputs"]
    contract = loan(said, instalment=86200)
    moves = paid(contract, said["payments"])
    rows = plan(contract, due_dates(contract, ()), moves, on=day(said["as_of"])).instalments
    repaid = sum(move.principal_repaid for move in moves)
    asked = 0
    for row, published in zip(rows, case["expected"], strict=True):
        asked += row.principal
        assert row.charge == paisa(published["interest"])
        if published["paid"] == "0.00":
            assert min(max(asked - repaid, 0), row.principal) == paisa(published["principal"])


def tranches(case: Case) -> None:
    """Paid out three times, with a fixed instalment."""
    said = case["inputs"]
    contract = loan(said, instalment=paisa(said["fixed_installment"]))
    paid_out = [
        Move(value_date=day(one["date"]), disbursed=paisa(one["amount"]))
        for one in said["disbursements"]
    ]
    rows = plan(contract, due_dates(contract, ()), paid_out, on=paid_out[-1].value_date)
    agree(rows.instalments, case["expected"])


def overdue_redrawn(case: Case) -> None:
    """The charge of a week whose first day finds an instalment unpaid is on all of it."""
    said = case["inputs"]
    contract = loan(said)
    moves = paid(contract, said["payments"])
    rows = plan(contract, due_dates(contract, ()), moves, on=day(said["as_of"])).instalments
    agree(rows, case["expected"])


def closed_early(case: Case) -> None:
    """Paid off within a week, with the charge of the whole week."""
    said, published = case["inputs"], case["expected"][0]
    contract = loan(said, pay_off=PayOff.CHARGE_TO_PERIOD_END)
    assert contract.disbursed_on
    on = contract.disbursed_on + timedelta(days=said["payoff_after_days"])
    due = preview(contract, on=on).pay_off
    assert due == paisa(published["amount"])
    after = preview(contract, on=on, payments=[Dated(on, due)])
    assert after.figures.closed
    assert after.payments[0].split.charge == paisa(published["interest"])


def balloon(case: Case) -> None:
    """Five per cent a month, and the rest in the end: seasons, by the day."""
    said = case["inputs"]
    first = day(said["first_date"])
    days = [first + relativedelta(months=n) for n in range(said["n"])]
    shares = [Fraction(1, 20)] * (said["n"] - 1)
    seasons = tuple(map(Season, days, [*shares, 1 - sum(shares, Fraction(0))]))
    contract = Contract(
        code="L",
        product=terms(said, repayment=Repayment.SEASONAL),
        principal=paisa(said["principal"]),
        disbursed_on=day(said["disburse_date"]),
        first_due_on=first,
        instalments=said["n"],
        seasons=seasons,
    )
    agree(schedule(contract, ()), case["expected"])


def shorter_term(case: Case) -> None:
    """An early payment takes instalments off the end."""
    said = case["inputs"]
    early: dict[str, Any] = {"early": Early.SHORTER_TERM, "pay_off": PayOff.CHARGE_TO_DAY}
    contract = loan(said, **early)
    assert contract.disbursed_on
    extra = {one["period"]: paisa(one["amount"]) for one in said["extra_payments"]}
    payments = [
        Dated(row.due_on, row.total + extra.get(row.n, 0))
        for row in schedule(contract, ())
        if row.n <= max(extra)
    ]
    found = preview(contract, on=payments[-1].on, payments=payments)
    balance, totals = case["expected"]
    assert found.figures.outstanding_principal == paisa(balance["balance"])
    assert len(found.parts) == totals["n_periods"]
    assert found.total_charge == paisa(totals["total_interest"])


def totals_of(case: Case) -> None:
    """Rows, and what they come to."""
    said = case["inputs"]
    bullet = {"grace_principal": said["n"] - 1} if "bullet" in said["method"] else {}
    rows = schedule(loan(said, **bullet), ())
    agree(rows, [published for published in case["expected"] if "n" in published])
    for published in case["expected"]:
        if "total_interest" in published:
            assert sum(row.charge for row in rows) == paisa(published["total_interest"])
            assert sum(row.total for row in rows) == paisa(published["total_paid"])


def residue_in_charge(case: Case) -> None:
    """All rows but the last, whose residue is in the charge there, and in the instalment here."""
    rows = schedule(loan(case["inputs"]), ())
    agree(rows[:-1], [e for e in case["expected"] if e.get("n", len(rows)) < len(rows)])
    assert (rows[-1].charge, rows[-1].total) == (2781, 141845)


def interest_only(case: Case) -> None:
    """Charge alone, and the principal in the end: grace on all but the last instalment."""
    said = case["inputs"]
    rows = schedule(loan(said, grace_principal=said["n"] - 1), ())
    agree(rows, [{k: v for k, v in e.items() if k != "due"} for e in case["expected"]])


def falling_principal(case: Case) -> None:
    """Any principal at any meeting, and a month's charge on what the month began with."""
    said = case["inputs"]
    begun = date(2011, 5, 1)
    contract = Contract(
        code="L",
        product=terms(said, charge_basis=ChargeBasis.ACTUAL, instalments=12),
        principal=paisa(said["principal"]),
        disbursed_on=begun,
        first_due_on=begun + relativedelta(months=1),
        instalments=12,
    )
    amounts = {p["month"]: paisa(p["principal"]) for p in said["payments"]}
    balance = contract.principal
    payments = []
    for published in case["expected"]:
        principal = amounts.get(published["month"], 0)
        payments.append(
            Dated(day(f"{published['month']}-01"), paisa(published["interest"]) + principal)
        )
        found = preview(contract, on=payments[-1].on, payments=payments)
        assert found.payments[-1].split.charge == paisa(published["interest"])
        balance -= principal
        assert found.figures.outstanding_principal == balance
        assert found.figures.overdue_charge == 0


def down_payment(case: Case) -> None:
    """A quarter on the first day; what is unpaid of each row after early payments."""
    said = case["inputs"]
    early = {
        "excess to next instalment": Early.NEXT_INSTALMENTS,
        "excess to last instalment backwards": Early.SHORTER_TERM,
        "excess spread equally over all open future instalments": Early.SMALLER_INSTALMENTS,
    }[said["excess_rule"]]
    days = [day(published["due"]) for published in case["expected"]]
    product = terms({**said, "n": len(days), "frequency": "14 DAYS"}, early=early)
    contract = Contract(
        code="L",
        product=product,
        principal=paisa(said["principal"]),
        disbursed_on=days[0],
        first_due_on=days[0],
        instalments=len(days),
    )
    moves = [Move(value_date=days[0], disbursed=contract.principal, principal_repaid=10000)]
    moves += [
        Move(value_date=day(p["date"]), principal_repaid=paisa(p["amount"]))
        for p in said["payments"]
    ]
    rows = plan(contract, days, moves, on=moves[-1].value_date).instalments
    left = [0] * len(days)
    repaid = sum(move.principal_repaid for move in moves)
    for row in rows:
        covering = min(row.principal, repaid)
        repaid -= covering
        left[days.index(row.due_on)] = row.principal - covering
    published = [paisa(e["principal"]) - paisa(e["paid"]) for e in case["expected"]]
    assert left == published


def split_as_published(case: Case) -> None:
    """A payment before anything is due, by the order of what is next."""
    said = case["inputs"]
    contract = loan(said)
    payments = [
        Dated(day(e["date"]), paisa(e["amount"]))
        for e in said["events"]
        if e["type"] == "repayment"
    ]
    found = preview(contract, on=payments[-1].on, payments=payments)
    for one, published in zip(found.payments, case["expected"], strict=True):
        assert one.split.principal == paisa(published["principal"])
        assert one.split.charge == paisa(published["interest"])


def with_penalties(case: Case) -> None:
    """Penalties imposed by hand; one that is not due yet is not paid."""
    said = case["inputs"]
    contract = loan(said)
    imposed = [
        FineImposed(on=day(e["due"]), amount=paisa(e["amount"]))
        for e in said["events"]
        if e["type"] == "charge"
    ]
    payments = [
        Dated(day(e["date"]), paisa(e["amount"]))
        for e in said["events"]
        if e["type"] == "repayment"
    ]
    found = preview(contract, on=payments[-1].on, payments=payments, changes=imposed)
    for one, published in zip(found.payments, case["expected"], strict=True):
        assert one.split.fine == paisa(published["penalties"])
        assert one.split.principal == paisa(published["principal"])


def fined(case: Case) -> None:
    """So much per cent of what an instalment lacks, once."""
    said = case["inputs"]
    of = FineOf.PRINCIPAL_AND_CHARGE if "+interest" in said["penalty"] else FineOf.PRINCIPAL
    contract = loan(said, fine=Fine(rate=Fraction(15, 1000), of=of))
    found = preview(contract, on=day(said["as_of"]))
    agree(
        [part.instalment for part in found.parts],
        [{k: v for k, v in e.items() if k not in {"total", "balance"}} for e in case["expected"]],
    )
    assert [part.fine for part in found.parts] == [paisa(e["penalties"]) for e in case["expected"]]


def fee(case: Case) -> None:
    """So much per cent of the principal, when it is paid out."""
    said, published = case["inputs"], case["expected"][0]
    taken = Fee(name="fee", rate=Fraction(15, 1000), taken=FeeTaken.UP_FRONT)
    contract = loan({**said, "annual_rate_percent": "0"}, fees=(taken,))
    assert preview(contract, on=day(published["date"])).total_fees == paisa(published["fee"])


def days_late(case: Case) -> None:
    """The days since the oldest unpaid due date, once the days of grace are over."""
    said = case["inputs"]
    for published in case["expected"]:
        on = day(published["as_of"])
        found = late_on(said, on)
        begun = published["delinquent_days"] > 0
        assert found.figures.days_past_due == (published["past_due_days"] if begun else 0)
        assert found.figures.overdue_principal == (paisa(published["amount"]) if begun else 0)


def aged(case: Case) -> None:
    """What is overdue by how long it has been."""
    said = case["inputs"]
    on = day(said["as_of"])
    by_age: dict[str, int] = {}
    for part in late_on(said, on).parts:
        age = (on - part.instalment.due_on).days
        if age > 0 and part.unpaid_principal:
            bucket = next(b for b in said["buckets"] if within(age, b))
            by_age[bucket] = by_age.get(bucket, 0) + part.unpaid_principal
    published = {e["bucket"]: paisa(e["overdue_amount"]) for e in case["expected"]}
    assert by_age == published


def within(age: int, bucket: str) -> bool:
    """Whether so many days belong to a bucket such as 31-60 or >240."""
    if bucket.startswith(">"):
        return age > int(bucket[1:])
    low, high = map(int, bucket.split("-"))
    return low <= age <= high


def late_on(said: Case, on: date) -> Preview:
    """A loan without charge that falls due as published, of which nothing is paid."""
    days = [day(one["due"]) for one in said["installments"]]
    whole = sum(paisa(one["amount"]) for one in said["installments"])
    shares = [Fraction(paisa(one["amount"]), whole) for one in said["installments"]]
    product = terms(
        {"annual_rate_percent": "0", "n": len(days), **said}, repayment=Repayment.SEASONAL
    )
    contract = Contract(
        code="L",
        product=product,
        principal=whole,
        disbursed_on=days[0] - timedelta(days=1),
        first_due_on=days[0],
        instalments=len(days),
        seasons=tuple(map(Season, days, shares)),
    )
    return preview(contract, on=on)


def demand_loan(case: Case) -> None:
    """One charge for so many days."""
    said = case["inputs"]
    contract = Contract(
        code="L",
        product=terms({**said, "n": 1}, repayment=Repayment.BULLET, day_count=DayCount.ACTUAL_365),
        principal=paisa(said["principal"]),
        disbursed_on=DAY,
        first_due_on=DAY + timedelta(days=said["days"]),
        instalments=1,
    )
    assert schedule(contract, ())[0].charge == paisa(case["expected"][0]["interest"])


def accrued(case: Case) -> None:
    """What a loan by days earns each day, and in its period."""
    said = case["inputs"]
    whole: dict[str, Any] = {"repayment": Repayment.BULLET, "day_count": DayCount.ACTUAL_365}
    contract = loan({**said, "n": 1}, **whole)
    rows = schedule(contract, ())
    published = case["expected"][-1]
    assert rows[0].charge == paisa(published["period_interest"])
    assert rows[0].total == paisa(published["charge_off_amount"])


def rescheduled(case: Case) -> None:
    """Other days, more of them, or a rest, from an instalment on."""
    said = case["inputs"]
    contract = loan({**said, "grace_principal_periods": 0})
    dues = due_dates(contract, ())
    begins = day(said["reschedule_from"])
    before = max(due for due in dues if due < begins)
    count = len([due for due in dues if due >= begins])
    count += said.get("extra_terms", 0) + said.get("grace_principal_periods", 0)
    first = day(said.get("new_due", said["reschedule_from"]))
    change = Reschedule(
        on=before,
        dues=tuple(first + relativedelta(months=n) for n in range(count)),
        grace_principal=said.get("grace_principal_periods", 0),
    )
    moves = [Move(value_date=day(said["disburse_date"]), disbursed=contract.principal)]
    rows = plan(contract, dues, moves, [change], on=before).instalments
    agree(rows, case["expected"])


def aged_anew(case: Case) -> None:
    """All that is overdue is taken in, and spread over new instalments."""
    said = case["inputs"]
    old = [day(e["due"]) for e in case["expected"][:4]]
    contract = Contract(
        code="L",
        product=terms({"annual_rate_percent": "0", "n": len(old)}),
        principal=100000,
        disbursed_on=old[0],
        first_due_on=old[0],
        instalments=len(old),
    )
    moves = [Move(value_date=old[0], disbursed=100000, principal_repaid=25000)]
    first = day(said["first_date"])
    change = Reschedule(
        on=day(said["reage_date"]),
        dues=tuple(first + relativedelta(months=n) for n in range(said["n"])),
        overdue_too=True,
    )
    rows = plan(contract, old, moves, [change], on=change.on).instalments
    agree(rows, case["expected"])
    asked = [Instalment(n, due, 25000, 0) for n, due in enumerate(old, start=1)]
    assert figures(contract, asked, moves, change.on, [change]).days_past_due == 0


def reserved(case: Case) -> None:
    """Reserves are a share of what is outstanding in each class."""
    portfolio = case["inputs"]["portfolio"]
    shares = [Fraction(row["provision_percent"]) / 100 for row in portfolio]
    lines = [
        int(int(row["outstanding"]) * share) for row, share in zip(portfolio, shares, strict=True)
    ]
    published = case["expected"][0]
    assert lines == [int(line) for line in published["lines"]]
    assert sum(lines) == int(published["provision"])


RUN: Final[dict[str, Callable[[Case], None]]] = {
    **dict.fromkeys(
        (
            "fin-rs01-flat-18m",
            "fin-zero-interest-1000-6m",
            "fin-annuity-100-7pct-30-360",
            "fin-it-weekly-annuity-10000-2pm",
            "fin-it-equal-principal-grace5-multiple100",
            "fin-emi-100-act365",
            "fin-emi-zero-1000-4m",
        ),
        scheduled,
    ),
    **{name: instalment_alone for name in CASES if CASES[name]["kind"] == "payment_only"},
    "fin-rp02-ontime-exact": by_days,
    "fin-rp08-ontime-excess": by_days,
    "fin-rp13-prepay-skip-next": next_repayments,
    "fin-rp16-tranches-fixed-1725": tranches,
    "fin-it-weekly-overdue-redraw": overdue_redrawn,
    "fin-it-preclose-weekly-rest": closed_early,
    "fin-it-fixed-principal-5pct-balloon-daily365": balloon,
    "ae-extra2000-reduce-term": shorter_term,
    "ae-equal-principal-15000-24-12m": totals_of,
    "ae-bullet-10000-12-12m": totals_of,
    "ae-annuity-15000-24-12m": residue_in_charge,
    "mifos5182-interest-only-then-bullet": interest_only,
    "mifos5182-interest-on-falling-principal": falling_principal,
    **{name: down_payment for name in CASES if name.startswith("fin-adv-")},
    "fin-alloc-pfip-05": split_as_published,
    "fin-alloc-pfip-12": with_penalties,
    "fin-penalty-overdue-1.5pct-principal": fined,
    "fin-penalty-overdue-1.5pct-total": fined,
    "fin-fee-disbursement-1.5pct": fee,
    "fin-dlq-days-grace3": days_late,
    "fin-dlq-default-loan": days_late,
    "fin-dlq-2023-11-16": aged,
    "fin-dlq-30day-2024-03-05": aged,
    "frappe-demand-loan-34days": demand_loan,
    "fin-daily-accrual-stops": accrued,
    **{name: rescheduled for name in CASES if name.startswith("fin-resched-")},
    "fin-reage-750-into-6": aged_anew,
    "lheon-aged-arrears-2015": reserved,
}


@pytest.mark.parametrize("name", RUN)
def test_a_published_case_comes_out(name: str) -> None:
    """To the paisa."""
    RUN[name](CASES[name])


def test_every_case_runs_or_is_left_out_for_a_reason() -> None:
    """None is forgotten, and none is both."""
    assert not RUN.keys() & LEFT_OUT.keys()
    assert RUN.keys() | LEFT_OUT.keys() == CASES.keys()
