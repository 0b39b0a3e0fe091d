"""Random histories: small, valid bundles that reach into every corner of the format.

A seed gives one bundle. Documents are made up one by one in the order in which the books
learn of them, and each is tried on the oracle first: what the oracle finds unsound is
dropped, so what is left is a history that could have been lived. Codes are drawn from a
hat, so that no order of codes or rows says anything.
"""

from __future__ import annotations

import csv
import random
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from itertools import count
from typing import TYPE_CHECKING, Final

from tests.support.oracle import FILES, INCOME, Oracle, Unsound, day, paisa, rupees

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from pathlib import Path

    from tests.support.oracle import Row

COLUMNS: Final = {
    "organisations": "code,kind,name,name_ur,gender,province,district,tehsil,union_council,village,"
    "formed_on",
    "federation": "code,parent,from,to",
    "members": "code,co,name,name_ur,father_or_husband,gender,cnic,phone,household,psc,psc_on,"
    "joined_on,left_on",
    "nominations": "member,org,role,from,to",
    "holidays": "on,name",
    "products": "code,name,fund,charge,repayment,rate_percent,rate_per,frequency,instalments,"
    "charge_step,instalment_step,rounding,grace_principal,grace_charge,grace_days,charge_basis,"
    "on_holiday",
    "loans": "code,lender,borrower_kind,borrower,product,principal,applied_on,approved_on,"
    "resolution,disbursed_on,first_due_on,instalments,purpose",
    "sheets": "code,co,held_on,posted_at,present,cash_counted",
    "sheet_lines": "sheet,member,kind,loan,amount",
    "events": "code,on,posted_at,org,kind,fund,paid_by,counterparty,loan,amount,narrative,"
    "resolution,reverses",
}
OVER_COS: Final = {
    "RSPN": "RSPN",
    "RSP-01": "RSP",
    "NET-01": "NETWORK",
    "LSO-01": "LSO",
    "LSO-02": "LSO",
    "VO-01": "VO",
    "VO-02": "VO",
    "VO-03": "VO",
}
COS: Final = ("CO-01", "CO-02", "CO-03", "CO-04")
FIRST_PARENTS: Final = {
    "RSP-01": "RSPN",
    "NET-01": "RSP-01",
    "LSO-01": "NET-01",
    "LSO-02": "RSP-01",
    "VO-01": "LSO-01",
    "VO-02": "LSO-01",
    "VO-03": "LSO-02",
    "CO-01": "VO-01",
    "CO-02": "VO-01",
    "CO-03": "VO-02",
    "CO-04": "VO-03",
}
OTHER_PARENTS: Final = {
    "CO": ("VO-01", "VO-02", "VO-03"),
    "VO": ("LSO-01", "LSO-02"),
    "LSO": ("NET-01", "RSP-01"),
}
STEPS: Final = ("0.01", "1.00", "10.00", "100.00")
SIGNS: Final = {"withdrawal": -1, "disbursement": -1}
GRANTS: Final = tuple(sorted(INCOME))
DAYS_OF_HISTORY: Final = 330


@dataclass
class Bundle:
    """A generated bundle: its rows by file, the days worth asking for, and its oracle."""

    rows: dict[str, list[Row]]
    as_of: list[date]
    oracle: Oracle

    def write(self, folder: Path) -> Path:
        """The ten files, in a folder."""
        folder.mkdir(parents=True, exist_ok=True)
        for name in FILES:
            with (folder / f"{name}.csv").open("w", encoding="utf-8", newline="") as file:
                columns = COLUMNS[name].split(",")
                writer = csv.DictWriter(file, columns, restval="", lineterminator="\n")
                writer.writeheader()
                writer.writerows(self.rows[name])
        return folder


def generate(seed: int, *, documents: int = 250) -> Bundle:
    """The bundle of a seed, with about so many sheets and events."""
    for attempt in count():
        world = _World(random.Random(seed * 1000 + attempt))  # noqa: S311 - reproducible, no secret
        world.found()
        for _ in range(documents):
            world.live()
        if world.all_undone():
            return world.bundle()
    raise AssertionError


@dataclass
class _World:
    """Everything that has happened so far."""

    chance: random.Random
    rows: dict[str, list[Row]] = field(default_factory=lambda: {name: [] for name in FILES})
    codes: set[str] = field(default_factory=set)
    running: dict[str, Row] = field(default_factory=dict)
    """Loans paid out by what is posted."""
    sheets: list[tuple[Row, list[Row]]] = field(default_factory=list)
    posted: list[tuple[str, str, str, date]] = field(default_factory=list)
    """Code, the book, the other book, and the day of everything that a reversal might undo."""
    twice: list[Row] = field(default_factory=list)
    """Sheets entered a second time that pay a loan out again, and so must be reversed."""

    def found(self) -> None:
        """Organisations, federation, members, rules, and the first money."""
        months = self.chance.randrange(11)
        self.begin = date(2024 + (months + 6) // 12, (months + 6) % 12 + 1, 1)
        self.end = self.begin + timedelta(days=DAYS_OF_HISTORY)
        self.now = datetime.fromisoformat(f"{self.begin}T09:00:00+05:00")
        self._organisations()
        self._federation()
        self._members()
        self._holidays()
        self._products()
        self.oracle = Oracle(self.rows)
        for org in ("LSO-01", "LSO-02", "VO-01", "VO-03"):
            for kind, fund in (("cif_capital", "cif"), ("grant_rsp", "own")):
                self._event_on(self.begin, org, kind, fund=fund, amount="250000.00")
        for co in COS:
            self._event_on(self.begin, co, "donation_cash", fund="own", amount="6000.00")
            self._event_on(self.begin, co, "cif_capital", fund="cif", amount="20000.00")

    def live(self) -> None:
        """One thing that happens, if it can."""
        if self.twice and self.chance.random() < 0.2:
            self.all_undone()
        self._tick(self.chance.randrange(1, 1500))
        if self.chance.random() < 0.6:
            self._next_morning(round(self.chance.random() * 4))
        if self.chance.random() < 0.05 and self.now.hour < 23:
            self.now = self.now.replace(hour=23, minute=59, second=59)
        things: Sequence[tuple[int, Callable[[], None]]] = (
            (60, self._meet),
            (10, self._lend_between),
            (14, self._repay_between),
            (10, self._deposit),
            (5, self._fee),
            (12, self._plain_event),
            (5, self._igg),
            (5, self._write_off),
            (4, self._recover),
            (7, self._reverse),
            (5, self._enter_twice),
            (5, self._correct),
            (14, self._settle_open),
            (2, self._approve_only),
        )
        (thing,) = self.chance.choices([t for _, t in things], [weight for weight, _ in things])
        thing()

    def all_undone(self) -> bool:
        """Whether every loan that was paid out twice could be put right."""
        self.twice = [
            sheet
            for sheet in self.twice
            if sheet["code"] not in self.oracle.reversed
            and not self._undo(sheet["code"], sheet["co"], self._day_from(day(sheet["held_on"])))
        ]
        standing = [
            row["loan"]
            for row in self.rows["sheet_lines"]
            if row["kind"] == "disbursement" and row["sheet"] not in self.oracle.reversed
        ]
        return len(standing) == len(set(standing))

    def bundle(self) -> Bundle:
        """What was lived, as a bundle whose rows stand in no order."""
        for name in ("federation", "members", "loans", "sheets", "sheet_lines", "events"):
            self.chance.shuffle(self.rows[name])
        days = {self.begin + timedelta(days=n * 31 + 14) for n in range(0, 11, 4)}
        days |= {date(y, m, d) for y in (2024, 2025, 2026) for m, d in _QUARTER_ENDS}
        for row in self.rows["federation"]:
            changes = [day(row["from"])] + ([day(row["to"])] if row["to"] else [])
            days |= {change - timedelta(days=ago) for change in changes for ago in (0, 1)}
        days |= {self._day() for _ in range(3)}
        until = min(self.end + timedelta(days=100), date(2026, 6, 30))
        return Bundle(self.rows, sorted(d for d in days if self.begin <= d <= until), self.oracle)

    # -- Registers ----------------------------------------------------------------------

    def _organisations(self) -> None:
        for code, kind in OVER_COS.items():
            formed = "2020-01-01"
            if code == "VO-03" and self.chance.random() < 0.5:
                formed = (self.begin - timedelta(days=30)).isoformat()
            self._add("organisations", code=code, kind=kind, name=code, formed_on=formed)
        for code in COS:
            self._add(
                "organisations",
                code=code,
                kind="CO",
                name=f"CO, {code}",
                gender=self.chance.choice(["women", "men", "mixed"]),
                formed_on="2022-03-01",
            )

    def _federation(self) -> None:
        for code, parent in FIRST_PARENTS.items():
            begins = date(2023, 1, 1)
            if code.startswith("CO") and self.chance.random() < 0.2:
                begins = self._day()
            moves = self._moves(code, begins)
            dates = [begins, *(on for on, _ in moves)]
            parents = [parent, *(to for _, to in moves)]
            for place, (begin, belongs) in enumerate(zip(dates, parents, strict=True)):
                end = dates[place + 1].isoformat() if place + 1 < len(dates) else ""
                if belongs:
                    row = {"code": code, "parent": belongs, "from": begin.isoformat(), "to": end}
                    self.rows["federation"].append(row)

    def _moves(self, code: str, begins: date) -> list[tuple[date, str]]:
        """When an organisation goes elsewhere, to nobody, or back."""
        others = OTHER_PARENTS.get(code.split("-", maxsplit=1)[0])
        if others is None or self.chance.random() < 0.35:
            return []
        days = {self._day() for _ in range(self.chance.randrange(1, 4))}
        return [
            (on, self.chance.choice([*others, *others, ""])) for on in sorted(days) if on > begins
        ]

    def _members(self) -> None:
        for n in range(14):
            code, co = f"M-{n + 1:04d}", COS[n % len(COS)]
            male = self.chance.random() < 0.3
            self._add(
                "members",
                code=code,
                co=co,
                name=f"Member {n + 1}",
                gender="male" if male else "female",
                cnic=f"10000-{n + 1:07d}-{'1' if male else '2'}" if n % 3 else "",
                psc=str(n * 7) if n % 2 else "",
                psc_on="2023-05-01" if n % 2 else "",
                joined_on="2023-01-01",
            )
        self.rows["nominations"].append(
            {"member": "M-0001", "org": "VO-01", "role": "president", "from": "2023-01-01"}
        )

    def _holidays(self) -> None:
        days = {self.begin + timedelta(days=self.chance.randrange(500)) for _ in range(35)}
        days |= {on + timedelta(days=1) for on in list(days)[:12]}
        days |= {date(2025, 1, 31), date(2025, 2, 28), date(2025, 12, 31)}
        for on in sorted(days):
            self._add("holidays", on=on.isoformat(), name="Holiday")

    def _products(self) -> None:
        forms = [
            ("open", "declining", "month"),
            ("open", "declining", "week"),
            ("open", "zero", "month"),
            ("bullet", "flat", "month"),
            ("bullet", "declining", "week"),
            ("equal_instalment", "zero", "month"),
            ("equal_instalment", "flat", "week"),
            ("equal_instalment", "flat", "month"),
            ("equal_instalment", "declining", "week"),
            ("equal_instalment", "declining", "month"),
            ("equal_instalment", "declining", "fortnight"),
            ("equal_principal", "declining", "month"),
            ("equal_principal", "declining", "week"),
            ("equal_principal", "flat", "fortnight"),
            ("equal_principal", "zero", "week"),
        ]
        for n, (repayment, charge, frequency) in enumerate(forms):
            graced = repayment.startswith("equal") and self.chance.random() < 0.5
            self._add(
                "products",
                code=f"P-{n:02d}",
                name=f"{repayment}, {charge}",
                fund=self.chance.choice(["own", "own", "cif"]),
                charge=charge,
                repayment=repayment,
                rate_percent=self._rate(charge, repayment),
                rate_per=self.chance.choice(["year", "month", "month", "term"]),
                frequency=frequency,
                instalments=str(self.chance.randrange(1, 7)),
                charge_step=self.chance.choice(STEPS),
                instalment_step=self.chance.choice(STEPS),
                rounding=self.chance.choice(["half_up", "half_even", "up"]),
                grace_principal=str(self.chance.randrange(3) if graced else 0),
                grace_charge=str(self.chance.randrange(3) if graced else 0),
                grace_days=self.chance.choice(["0", "0", "3", "7", "15"]),
                charge_basis="actual" if repayment == "open" else "scheduled",
                on_holiday=self.chance.choice(["stay", "next", "previous"]),
            )

    def _rate(self, charge: str, repayment: str) -> str:
        rates = ["1", "2", "2.5", "12", "18", "19.5", "24", "33.333"]
        if repayment != "open":
            rates.append("0")
        return "0" if charge == "zero" else self.chance.choice(rates)

    # -- Loans --------------------------------------------------------------------------

    def _loan(self, lender: str, borrower: str, on: date | None, funds: Sequence[str]) -> Row:
        products = [row for row in self.rows["products"] if row["fund"] in funds]
        weights = [4 if row["repayment"] == "open" else 1 for row in products]
        (product,) = self.chance.choices(products, weights)
        first = self.chance.choice([0, 0, 1]) if product["frequency"] == "month" else 0
        base = on or self.now.date()
        due = base + timedelta(days=self.chance.choice([7, 14, 30, 31, 5]) + 31 * first)
        if self.chance.random() < 0.25:
            due = (base.replace(day=1) + timedelta(days=64)).replace(day=1) - timedelta(days=1)
        least = max(int(product["grace_principal"]), int(product["grace_charge"])) + 1
        amounts = ["1000.00", "2500.00", "60.00", "333.33", "5000.00", "100.00", "1999.99"]
        return {
            "code": self._code("L"),
            "lender": lender,
            "borrower_kind": "member" if borrower.startswith("M-") else "organisation",
            "borrower": borrower,
            "product": product["code"],
            "principal": self.chance.choice(amounts),
            "applied_on": base.isoformat(),
            "approved_on": base.isoformat(),
            "disbursed_on": on.isoformat() if on else "",
            "first_due_on": due.isoformat(),
            "instalments": str(least + self.chance.randrange(5)),
            "purpose": "goats, or a shop",
        }

    def _approve_only(self) -> None:
        """A loan that is approved and never paid out."""
        row = self._loan("CO-01", "M-0001", None, ["own", "cif"])
        self.oracle.add_loan(row)
        self.rows["loans"].append(row)

    def _owed(self, code: str) -> int:
        """About what it takes to pay a loan off."""
        found = self.oracle.standing(code, date(2199, 1, 1))
        return found.outstanding + found.due_charge - found.paid_charge

    def _payment(self, code: str, on: date) -> str:
        found = self.oracle.standing(code, on)
        due = found.due_principal + found.due_charge - found.paid_principal - found.paid_charge
        owed = self._owed(code)
        following = [p.principal + p.charge for p in self.oracle.schedules[code]]
        amount = self.chance.choice(
            [due, following[0], due // 2, owed // 3, owed, owed + 12_345, 10_050, 37, due + 5]
        )
        return rupees(max(amount, 1))

    # -- Meetings -----------------------------------------------------------------------

    def _meet(self) -> None:
        co = self.chance.choice(COS)
        held = self._value_date()
        sheet = {"code": self._code("S"), "co": co, "held_on": held.isoformat()}
        people = [row["code"] for row in self.rows["members"] if row["co"] == co]
        sheet["present"] = " ".join(self.chance.sample(people, self.chance.randrange(2, 4)))
        lines, loans = self._lines(sheet, held)
        self._keep_sheet(sheet, lines, loans)

    def _lines(self, sheet: Row, held: date) -> tuple[list[Row], list[Row]]:
        lines: list[Row] = []
        loans: list[Row] = []

        def line(member: str, kind: str, amount: str, loan: str = "") -> None:
            row = {"sheet": sheet["code"], "member": member, "kind": kind}
            lines.append(row | {"loan": loan, "amount": amount})

        for member in sheet["present"].split():
            for kind, odds, amounts in _SMALL_LINES:
                if self.chance.random() < odds:
                    line(member, kind, self.chance.choice(amounts))
            for code, loan in self.running.items():
                mine = loan["borrower"] == member and day(loan["disbursed_on"]) <= held
                if mine and self.chance.random() < 0.55:
                    line(member, "repayment", self._payment(code, held), code)
            if self.chance.random() < 0.2:
                loans.append(self._loan(sheet["co"], member, held, ["own", "cif"]))
                line(member, "disbursement", loans[-1]["principal"], loans[-1]["code"])
        return lines, loans

    def _keep_sheet(self, sheet: Row, lines: list[Row], loans: list[Row]) -> bool:
        """Count the cash, and post what is left once nothing is unsound."""
        for loan in loans:
            self.oracle.add_loan(loan)
        while lines:
            self.chance.shuffle(lines)
            net = sum(paisa(row["amount"]) * SIGNS.get(row["kind"], 1) for row in lines)
            odd = self.chance.choice([0, 0, 0, 0, 500, -250, 1, -1])
            sheet |= {"cash_counted": rupees(net + odd), "posted_at": self.now.isoformat()}
            try:
                self.oracle.sheet(sheet, lines)
            except Unsound:
                lines = [row for row in lines if self.chance.random() < 0.7]
                continue
            self.rows["sheets"].append(sheet)
            self.rows["sheet_lines"] += lines
            self.sheets.append((sheet, lines))
            self.posted.append((sheet["code"], sheet["co"], "", day(sheet["held_on"])))
            self._keep_loans(loans, lines)
            return True
        self._keep_loans(loans, lines)
        return False

    def _keep_loans(self, loans: list[Row], lines: list[Row]) -> None:
        paid_out = {row["loan"] for row in lines if row["kind"] == "disbursement"}
        for loan in loans:
            if loan["code"] in paid_out:
                self.rows["loans"].append(loan)
                self.running[loan["code"]] = loan
            else:
                del self.oracle.loans[loan["code"]], self.oracle.schedules[loan["code"]]

    def _settle_open(self) -> None:
        """Late and back-dated payments on an open loan, and its pay-off."""
        open_ones = [
            loan
            for loan in self.running.values()
            if self.oracle.products[loan["product"]]["repayment"] == "open"
            and loan["borrower_kind"] == "member"
        ]
        if not open_ones:
            return
        loan = self.chance.choice(open_ones)
        held = max(self._value_date(), day(loan["disbursed_on"]))
        sheet = {"code": self._code("S"), "co": loan["lender"], "held_on": held.isoformat()}
        sheet["present"] = loan["borrower"]
        amount = self._payment(loan["code"], held)
        line = {"sheet": sheet["code"], "member": loan["borrower"], "kind": "repayment"}
        if held <= self.now.date():
            self._keep_sheet(sheet, [line | {"loan": loan["code"], "amount": amount}], [])

    def _enter_twice(self) -> None:
        """A meeting that is entered a second time; its reversal may come later."""
        if not self.sheets:
            return
        sheet, lines = self.chance.choice(self.sheets[-6:])
        again = sheet | {"code": self._code("S")}
        if sheet["code"] in self.oracle.reversed:
            return
        lines = [row | {"sheet": again["code"]} for row in lines]
        if self._keep_sheet(again, lines, []) and any(
            row["kind"] == "disbursement" for row in self.sheets[-1][1]
        ):
            self.twice.append(again)

    def _correct(self) -> None:
        """A sheet is reversed, and the meeting written again with one line more or less."""
        if not self.sheets:
            return
        sheet, lines = self.chance.choice(self.sheets[-8:])
        if not self._undo(sheet["code"], sheet["co"], self._day_from(day(sheet["held_on"]))):
            return
        self._tick()
        again = sheet | {"code": self._code("S")}
        kept = [row | {"sheet": again["code"]} for row in lines[1:] or lines]
        self._keep_sheet(again, kept, [])

    # -- Events -------------------------------------------------------------------------

    def _event(self, org: str, kind: str, **more: str) -> bool:
        """Post an event if it is sound."""
        return self._event_on(self._value_date(), org, kind, **more)

    def _event_on(self, on: date, org: str, kind: str, **more: str) -> bool:
        self._tick()
        row = {"code": self._code("E"), "on": on.isoformat(), "posted_at": self.now.isoformat()}
        row |= {"org": org, "kind": kind, "counterparty": "", "loan": "", "amount": ""}
        row |= {"fund": "", "paid_by": self.chance.choice(["cash", "cash", "bank"]), "reverses": ""}
        row |= more
        try:
            self.oracle.event(row)
        except Unsound:
            return False
        self.rows["events"].append(row)
        if kind != "reversal":
            other = row["counterparty"] if row["counterparty"] in FIRST_PARENTS else ""
            self.posted.append((row["code"], org, other, on))
        return True

    def _plain_event(self) -> None:
        org = self.chance.choice([*COS, "VO-01", "VO-02", "VO-03", "LSO-01", "LSO-02"])
        kinds = [*GRANTS, "bank_deposit", "bank_draw", "expense", "withheld", "donation_in_kind"]
        kind = self.chance.choice(kinds)
        fund = self.chance.choice(["own", "own", "own", "cif", "project"])
        paid_by = {"donation_in_kind": "none", "bank_deposit": "cash", "bank_draw": "bank"}
        more = {"paid_by": paid_by[kind]} if kind in paid_by else {}
        if kind in GRANTS:
            more["counterparty"] = self.chance.choice(["", "A shopkeeper", "LSO-01"])
        self._event(org, kind, fund=fund, amount=self._amount(), **more)

    def _igg(self) -> None:
        org, member = self.chance.choice(["LSO-01", "VO-01", "CO-01"]), f"M-{1:04d}"
        for kind in self.chance.choices(["igg_received", "igg_paid"], k=2):
            self._event(org, kind, fund="igg", counterparty=member, amount=self._amount())

    def _deposit(self) -> None:
        giver, taker = self.chance.choice(_PAIRS)
        kind, fund = "deposit_placed", self.chance.choice(["own", "own", "cif"])
        paid_by = self.chance.choice(["cash", "bank"])
        placed = [a for a in self.oracle.balances if a.code == "1200" and self.oracle.net(a) > 0]
        if placed and self.chance.random() < 0.45:
            kind = "deposit_returned"
            taker, fund, _, giver = self.chance.choice(placed)
            paid_by = "cash"
        more = {"paid_by": paid_by, "amount": self._amount()}
        self._event(giver, kind, counterparty=taker, fund=fund, **more)

    def _fee(self) -> None:
        org, on = self.chance.choice([*COS, "VO-01", "VO-02"]), self._value_date()
        parent = self.oracle.parent(org, on)
        if parent:
            amount = self._amount()
            self._event_on(on, org, "fee_to_parent", counterparty=parent, fund="own", amount=amount)

    def _lend_between(self) -> None:
        borrower, lender = self.chance.choice(_PAIRS)
        on = self._value_date()
        loan = self._loan(lender, borrower, on, ["cif", "own"])
        self.oracle.add_loan(loan)
        fund = self.oracle.products[loan["product"]]["fund"]
        more = {"counterparty": borrower, "loan": loan["code"], "amount": loan["principal"]}
        if self._event_on(on, lender, "organisation_loan_disbursed", fund=fund, **more):
            self.rows["loans"].append(loan)
            self.running[loan["code"]] = loan
        else:
            del self.oracle.loans[loan["code"]], self.oracle.schedules[loan["code"]]

    def _repay_between(self) -> None:
        lent = [row for row in self.running.values() if row["borrower_kind"] == "organisation"]
        if not lent:
            return
        loan, on = self.chance.choice(lent), self._value_date()
        self._event_on(
            on,
            loan["borrower"],
            "organisation_loan_repaid",
            counterparty=loan["lender"],
            loan=loan["code"],
            fund=self.oracle.products[loan["product"]]["fund"],
            amount=self._payment(loan["code"], on),
        )

    def _write_off(self) -> None:
        lent = [row for row in self.running.values() if row["borrower_kind"] == "member"]
        if not lent:
            return
        loan, on = self.chance.choice(lent), self._value_date()
        outstanding = sum(move.change for move in self.oracle.moves[loan["code"]])
        fund = self.oracle.products[loan["product"]]["fund"]
        if outstanding > 0 and on >= day(loan["disbursed_on"]):
            more = {"fund": fund, "paid_by": "none", "amount": rupees(outstanding)}
            self._event_on(on, loan["lender"], "write_off", loan=loan["code"], **more)

    def _recover(self) -> None:
        for code, loan in self.running.items():
            if sum(move.written_off for move in self.oracle.moves[code]):
                fund = self.oracle.products[loan["product"]]["fund"]
                self._event(loan["lender"], "recovery", loan=code, fund=fund, amount=self._amount())

    def _reverse(self) -> None:
        """Undo something, now and then asked for by the other half of a transfer."""
        code, org, other, on = self.chance.choice(self.posted[-25:])
        by = other if other and self.chance.random() < 0.4 else org
        self._undo(code, by, self._day_from(on))

    def _undo(self, code: str, org: str, on: date) -> bool:
        return self._event_on(on, org, "reversal", paid_by="none", reverses=code)

    # -- Chance -------------------------------------------------------------------------

    def _tick(self, seconds: int = 1) -> None:
        self.now += timedelta(seconds=seconds)

    def _next_morning(self, days: int) -> None:
        """So many days on, but not beyond the end of the history."""
        if days and (then := self.now + timedelta(days=days)).date() <= self.end:
            self.now = then.replace(hour=7, minute=0, second=0)

    def _day(self) -> date:
        return self.begin + timedelta(days=self.chance.randrange(10, DAYS_OF_HISTORY))

    def _day_from(self, on: date) -> date:
        """That day or a later one, up to today."""
        later = max((self.now.date() - on).days, 0)
        return on + timedelta(days=self.chance.choice([0, later, later // 2]))

    def _value_date(self) -> date:
        """Today, or, where the paper came in late, some earlier day."""
        late = self.chance.choice([0, 0, 0, 0, 1, 5, 20, 45])
        return max(self.now.date() - timedelta(days=late), self.begin)

    def _amount(self) -> str:
        return self.chance.choice(["50.00", "100.00", "333.33", "1200.00", "0.01", "2750.50"])

    def _code(self, prefix: str) -> str:
        while (code := f"{prefix}-{self.chance.randrange(100_000):05d}") in self.codes:
            pass
        self.codes.add(code)
        return code

    def _add(self, file: str, **row: str) -> None:
        self.rows[file].append(row)


_SMALL_LINES: Final = (
    ("saving_compulsory", 0.8, ("200.00", "150.50", "1000.00")),
    ("saving_voluntary", 0.5, ("100.00", "0.75", "640.00")),
    ("membership_fee", 0.15, ("10.00", "50.00")),
    ("fine", 0.15, ("5.00",)),
    ("donation", 0.1, ("20.00", "500.00")),
    ("withdrawal", 0.25, ("50.00", "333.00", "900.00", "2000.25")),
)
_PAIRS: Final = (
    ("CO-01", "VO-01"),
    ("CO-02", "VO-01"),
    ("CO-03", "VO-02"),
    ("CO-04", "VO-03"),
    ("CO-04", "VO-01"),
    ("VO-01", "LSO-01"),
    ("VO-02", "LSO-01"),
    ("VO-03", "LSO-02"),
    ("CO-01", "LSO-01"),
    ("CO-04", "LSO-02"),
    ("CO-02", "LSO-02"),
)
_QUARTER_ENDS: Final = ((3, 31), (6, 30), (9, 30), (12, 31))
