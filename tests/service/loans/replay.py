"""The onboarding bundles as loans, and a replay of everything that they say about loans.

The replay posts sheets and events in the order of `posted_at`, as a book does: it splits
each repayment from all that is posted by then, and turns a reversal around. It writes
down what each entry puts on the accounts of loans, so that it can be compared with the
journal, and what it did to each loan, so that figures can be taken from it.
"""

from __future__ import annotations

import csv
from collections import defaultdict
from dataclasses import dataclass, field
from datetime import date
from fractions import Fraction
from pathlib import Path
from typing import TYPE_CHECKING, TypeAlias

from ledger.money import Rounding, parse_rupees
from service.loans.allocation import Split, allocate
from service.loans.plan import Instalment, Move, schedule
from service.loans.terms import (
    Charge,
    ChargeBasis,
    Contract,
    Frequency,
    OnHoliday,
    Product,
    RatePer,
    Repayment,
)

if TYPE_CHECKING:
    from collections.abc import Collection, Sequence

DATA = Path(__file__).parents[2] / "data"

Row: TypeAlias = dict[str, str]
Account: TypeAlias = tuple[str, str, str, str, str, str]
"""Event, organisation, value date, fund, code and party."""
Side: TypeAlias = tuple[Account, str]
"""An account of one entry, and its side: debit or credit."""


@dataclass(frozen=True, slots=True)
class Bundle:
    """One bundle's loans that were paid out, its rows, and the figures expected of it."""

    name: str
    contracts: dict[str, Contract]
    schedules: dict[str, tuple[Instalment, ...]]
    loans: dict[str, Row]
    sheets: dict[str, Row]
    lines: dict[str, list[Row]]
    events: dict[str, Row]

    def expected(self, name: str) -> list[Row]:
        """The rows of one file of expected figures."""
        return read(DATA / self.name / "expected" / f"{name}.csv")


@dataclass(slots=True)
class Replay:
    """What posting a bundle did: lines on accounts in paisa, and moves of each loan."""

    bundle: Bundle
    lines: dict[Side, int] = field(default_factory=lambda: defaultdict(int))
    moves: dict[str, list[Move]] = field(default_factory=lambda: defaultdict(list))
    splits: dict[tuple[str, str], Split] = field(default_factory=dict)
    written: dict[str, list[tuple[Side, int]]] = field(default_factory=lambda: defaultdict(list))
    moved: dict[str, list[tuple[str, Move]]] = field(default_factory=lambda: defaultdict(list))

    def post(self) -> Replay:
        """Post every sheet and event, in the order in which the books learned of them."""
        rows = [*self.bundle.sheets.values(), *self.bundle.events.values()]
        for row in sorted(rows, key=lambda row: row["posted_at"]):
            if "held_on" in row:
                self._sheet(row)
            elif row["kind"] == "reversal":
                self._reversal(row)
            elif row["loan"]:
                self._event(row)
        return self

    def _sheet(self, sheet: Row) -> None:
        code, org, on = sheet["code"], sheet["co"], sheet["held_on"]
        lines = self.bundle.lines[code]
        for line in [line for line in lines if line["kind"] == "saving_voluntary"]:
            party = line["member"]
            self._line((code, org, on, "own", "2010", party), "credit", amount(line))
        for line in [line for line in lines if line["kind"] == "repayment"]:
            split = self._repay(code, line["loan"], on, amount(line))
            fund = self.bundle.contracts[line["loan"]].product.fund
            self._line((code, org, on, fund, "1300", line["loan"]), "credit", split.principal)
            self._line((code, org, on, fund, "4100", ""), "credit", split.charge)
            self._line((code, org, on, "own", "2010", line["member"]), "credit", split.over)
        for line in [line for line in lines if line["kind"] == "disbursement"]:
            self._disburse(code, org, on, "1300", line)

    def _event(self, event: Row) -> None:
        code, on, loan = event["code"], event["on"], event["loan"]
        if event["kind"] == "organisation_loan_disbursed":
            self._disburse(code, event["org"], on, "1310", event)
            account = (code, event["counterparty"], on, event["fund"], "2200", loan)
            self._line(account, "credit", amount(event))
        elif event["kind"] == "organisation_loan_repaid":
            self._organisation_repays(event)
        elif event["kind"] == "write_off":
            account = (code, event["org"], on, event["fund"], "1300", loan)
            self._line(account, "credit", amount(event))
            move = Move(value_date=date.fromisoformat(on), written_off=amount(event))
            self._move(code, loan, move)

    def _organisation_repays(self, event: Row) -> None:
        code, on, loan, fund = event["code"], event["on"], event["loan"], event["fund"]
        borrower, lender = event["org"], event["counterparty"]
        split = self._repay(code, loan, on, amount(event))
        assert split.over == 0
        self._line((code, borrower, on, fund, "2200", loan), "debit", split.principal)
        self._line((code, borrower, on, fund, "5000", lender), "debit", split.charge)
        self._line((code, lender, on, fund, "1310", loan), "credit", split.principal)
        self._line((code, lender, on, fund, "4100", borrower), "credit", split.charge)

    def _disburse(self, code: str, org: str, on: str, account: str, row: Row) -> None:
        loan = row["loan"]
        fund = self.bundle.contracts[loan].product.fund
        self._line((code, org, on, fund, account, loan), "debit", amount(row))
        move = Move(value_date=date.fromisoformat(on), disbursed=amount(row))
        self._move(code, loan, move)

    def _repay(self, code: str, loan: str, on: str, paid: int) -> Split:
        contract, instalments = self.bundle.contracts[loan], self.bundle.schedules[loan]
        split = split_payment(contract, instalments, self.moves[loan], date.fromisoformat(on), paid)
        self.splits[code, loan] = split
        move = Move(
            value_date=date.fromisoformat(on),
            principal_repaid=split.principal,
            charge_paid=split.charge,
        )
        self._move(code, loan, move)
        return split

    def _reversal(self, event: Row) -> None:
        on, undone = event["on"], event["reverses"]
        for ((_, org, _, fund, code, party), side), paisa in self.written[undone]:
            other = "debit" if side == "credit" else "credit"
            self._line((event["code"], org, on, fund, code, party), other, paisa)
        for loan, move in self.moved[undone]:
            undoing = Move(
                value_date=date.fromisoformat(on),
                disbursed=-move.disbursed,
                principal_repaid=-move.principal_repaid,
                charge_paid=-move.charge_paid,
                written_off=-move.written_off,
            )
            self._move(event["code"], loan, undoing)

    def _line(self, account: Account, side: str, paisa: int) -> None:
        if paisa:
            self.lines[account, side] += paisa
            self.written[account[0]].append(((account, side), paisa))

    def _move(self, code: str, loan: str, move: Move) -> None:
        self.moves[loan].append(move)
        self.moved[code].append((loan, move))


def split_payment(
    contract: Contract,
    instalments: Sequence[Instalment],
    posted: Collection[Move],
    paid_on: date,
    paid: int,
) -> Split:
    """Split a payment of value date `paid_on` from all the moves posted before it."""
    return allocate(contract, instalments, list(posted), paid_on=paid_on, amount=paid)


def read(path: Path) -> list[Row]:
    """The rows of a CSV file."""
    with path.open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def amount(row: Row) -> int:
    """The paisa of a row's amount."""
    return parse_rupees(row["amount"])


def product(row: Row) -> Product:
    """The product of a row of `products.csv`."""
    return Product(
        code=row["code"],
        name=row["name"],
        fund=row["fund"],
        charge=Charge(row["charge"]),
        repayment=Repayment(row["repayment"]),
        rate=Fraction(row["rate_percent"]) / 100,
        rate_per=RatePer(row["rate_per"]),
        frequency=Frequency(row["frequency"]),
        instalments=int(row["instalments"]),
        charge_step=parse_rupees(row["charge_step"]),
        instalment_step=parse_rupees(row["instalment_step"]),
        rounding=Rounding(row["rounding"]),
        grace_principal=int(row["grace_principal"]),
        grace_charge=int(row["grace_charge"]),
        grace_days=int(row["grace_days"]),
        charge_basis=ChargeBasis(row["charge_basis"]),
        on_holiday=OnHoliday(row["on_holiday"]),
    )


def contract(row: Row, products: dict[str, Product]) -> Contract:
    """The contract of a row of `loans.csv` that was paid out."""
    return Contract(
        code=row["code"],
        product=products[row["product"]],
        principal=parse_rupees(row["principal"]),
        disbursed_on=date.fromisoformat(row["disbursed_on"]),
        first_due_on=date.fromisoformat(row["first_due_on"]),
        instalments=int(row["instalments"]),
    )


def load(name: str) -> Bundle:
    """One bundle, read from its folder."""
    folder = DATA / name
    products = {row["code"]: product(row) for row in read(folder / "products.csv")}
    holidays = frozenset(date.fromisoformat(row["on"]) for row in read(folder / "holidays.csv"))
    loans = {row["code"]: row for row in read(folder / "loans.csv") if row["disbursed_on"]}
    contracts = {code: contract(row, products) for code, row in loans.items()}
    lines: dict[str, list[Row]] = defaultdict(list)
    for row in read(folder / "sheet_lines.csv"):
        lines[row["sheet"]].append(row)
    return Bundle(
        name=name,
        contracts=contracts,
        schedules={code: schedule(contract, holidays) for code, contract in contracts.items()},
        loans=loans,
        sheets={row["code"]: row for row in read(folder / "sheets.csv")},
        lines=lines,
        events={row["code"]: row for row in read(folder / "events.csv")},
    )
