"""An oracle: the figures of a bundle, worked out a second time from the format's text alone.

Written from parts 3 to 9 of the onboarding format, and DOMAIN 10 where the format leaves a
question open; it shares no code with `ledger` or `service`. Deliberately naive: exact
fractions, plain dictionaries, every balance summed afresh. Amounts are paisa; a balance
is debits less credits. `Unsound` says why a bundle could not have been lived.
"""

from __future__ import annotations

import csv
from calendar import monthrange
from collections import defaultdict
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from fractions import Fraction
from typing import TYPE_CHECKING, Final, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence
    from pathlib import Path

Row = dict[str, str]
Rows = list[list[str]]

FILES: Final = (
    "organisations",
    "federation",
    "members",
    "nominations",
    "products",
    "loans",
    "sheets",
    "sheet_lines",
    "events",
    "holidays",
)
FLOORED: Final = ("1000", "1100", "1200", "1300", "1310", "2000", "2010", "2100", "2200", "2400")
DEBIT_NORMAL: Final = ("1", "5")
KINDS: Final = (
    "saving_compulsory",
    "saving_voluntary",
    "membership_fee",
    "fine",
    "donation",
    "repayment",
    "withdrawal",
    "disbursement",
)
TAKEN: Final = {
    "saving_compulsory": "2000",
    "saving_voluntary": "2010",
    "membership_fee": "4000",
    "fine": "4010",
    "donation": "4200",
}
INCOME: Final = {
    "grant_government": "4310",
    "grant_donor": "4320",
    "grant_ngo": "4330",
    "grant_private": "4340",
    "grant_rsp": "4350",
    "cif_capital": "3100",
    "donation_cash": "4200",
    "bank_profit": "4400",
}
CATEGORIES: Final = {
    "4000": "membership_fees",
    "4010": "fines",
    "4200": "donations_cash",
    "4210": "donations_in_kind",
    "4310": "government",
    "4320": "donors",
    "4330": "ngos",
    "4340": "private_sector",
    "4350": "rsp",
    "3100": "rsp",
}
BUCKETS: Final = (1, 30, 60, 90, 180, 365)
PERIODS_A_YEAR: Final = {"week": 52, "fortnight": 26, "month": 12}
DAYS: Final = {"week": 7, "fortnight": 14}
FOREVER: Final = date.max


class Unsound(Exception):
    """The format refuses this row; the sentence says why."""


class Account(NamedTuple):
    """An account: whose book, code, fund, party."""

    org: str
    fund: str
    code: str
    party: str


class Line(NamedTuple):
    """One side of an entry, in the book of an organisation."""

    account: Account
    debit: int
    credit: int
    faces: str = ""


class Posted(NamedTuple):
    """A line that stands, with what it came from."""

    event: str
    on: date
    posted_at: datetime
    reversal: bool
    line: Line


class Instalment(NamedTuple):
    """What falls due on a day."""

    due_on: date
    principal: int
    charge: int


class Move(NamedTuple):
    """What an event did to a loan."""

    on: date
    disbursed: int = 0
    principal: int = 0
    charge: int = 0
    written_off: int = 0

    @property
    def change(self) -> int:
        """By how much principal outstanding grew."""
        return self.disbursed - self.principal - self.written_off


class Standing(NamedTuple):
    """A loan on a day, as part 6 counts."""

    outstanding: int
    due_principal: int
    due_charge: int
    paid_principal: int
    paid_charge: int
    overdue_principal: int
    overdue_charge: int
    days: int
    listed: bool
    """Paid out and not closed."""


@dataclass
class _Entry:
    """What one sheet or event is about to do."""

    event: str
    on: date
    reversal: bool = False
    lines: list[Line] = field(default_factory=list)
    moves: list[tuple[str, Move]] = field(default_factory=list)

    def put(self, org: str, fund: str, code: str, party: str, amount: int, faces: str = "") -> None:
        """A debit, or a credit where the amount is below zero."""
        if amount:
            account = Account(org, fund, code, party)
            self.lines.append(Line(account, max(amount, 0), max(-amount, 0), faces))


class Oracle:
    """A bundle that is lived row by row, and asked for its figures afterwards."""

    def __init__(self, registers: dict[str, list[Row]]) -> None:
        self.organisations = {row["code"]: row for row in registers["organisations"]}
        self.parents: dict[str, list[tuple[date, date, str]]] = defaultdict(list)
        for row in registers["federation"]:
            until = day(row["to"]) if row["to"] else FOREVER
            for begin, end, _ in self.parents[row["code"]]:
                if day(row["from"]) < end and begin < until:
                    raise Unsound(f"{row['code']} has two parents")
            self.parents[row["code"]].append((day(row["from"]), until, row["parent"]))
        self.members = {row["code"]: row for row in registers["members"]}
        self.products = {row["code"]: row for row in registers["products"]}
        self.holidays = {day(row["on"]) for row in registers["holidays"]}
        self.loans: dict[str, Row] = {}
        self.schedules: dict[str, list[Instalment]] = {}
        for row in registers["loans"]:
            self.add_loan(row)
        self.posted: list[Posted] = []
        self.balances: dict[Account, dict[date, int]] = defaultdict(lambda: defaultdict(int))
        self.moves: dict[str, list[Move]] = defaultdict(list)
        self.documents: dict[str, _Entry] = {}
        self.reversed: set[str] = set()
        self.moments: set[datetime] = set()

    @classmethod
    def of(cls, folder: Path) -> Oracle:
        """The oracle of a bundle, everything posted."""
        files = {name: read(folder / f"{name}.csv") for name in FILES}
        oracle = cls(files)
        lines: dict[str, list[Row]] = defaultdict(list)
        for row in files["sheet_lines"]:
            lines[row["sheet"]].append(row)
        for row in sorted(files["sheets"] + files["events"], key=lambda r: moment(r["posted_at"])):
            if "held_on" in row:
                oracle.sheet(row, lines[row["code"]])
            else:
                oracle.event(row)
        return oracle

    def add_loan(self, row: Row) -> None:
        """Write down a loan; one with a day of disbursement has a schedule."""
        self.loans[row["code"]] = row
        if row["disbursed_on"]:
            self.schedules[row["code"]] = schedule(
                row, self.products[row["product"]], self.holidays
            )

    # -- Posting (part 4) ---------------------------------------------------------------

    def sheet(self, row: Row, lines: Sequence[Row]) -> None:
        """Post a sheet, or raise `Unsound` and leave everything as it was."""
        entry = _Entry(row["code"], day(row["held_on"]))
        co, net = row["co"], 0
        raised: dict[str, int] = defaultdict(int)
        for kind in KINDS:
            for line in (line for line in lines if line["kind"] == kind):
                if self.members[line["member"]]["co"] != co:
                    raise Unsound(f"{line['member']} is no member of {co}")
                if line["member"] not in row["present"].split():
                    raise Unsound(f"{line['member']} is not present")
                net += self._sheet_line(entry, co, line, raised)
        over = paisa(row["cash_counted"]) - net
        entry.put(co, "own", "1000", "", over)
        entry.put(co, "own", "4990" if over > 0 else "5990", "", -over)
        self._post(entry, row)

    def _sheet_line(self, entry: _Entry, co: str, line: Row, raised: dict[str, int]) -> int:
        """Put one line; what it brings in cash, paid out below zero."""
        kind, member, amount = line["kind"], line["member"], paisa(line["amount"])
        if kind in TAKEN:
            party = member if kind.startswith("saving") else ""
            entry.put(co, "own", "1000", "", amount)
            entry.put(co, "own", TAKEN[kind], party, -amount)
            raised[member] += amount if kind == "saving_voluntary" else 0
            return amount
        if kind == "withdrawal":
            account = Account(co, "own", "2010", member)
            voluntary = min(amount, max(-self.most_from(account, entry.on), 0) + raised[member])
            entry.put(co, "own", "2010", member, voluntary)
            entry.put(co, "own", "2000", member, amount - voluntary)
            entry.put(co, "own", "1000", "", -amount)
            return -amount
        loan = self.loans[line["loan"]]
        if (loan["lender"], loan["borrower"]) != (co, member):
            raise Unsound(f"{loan['code']} is not between {co} and {member}")
        fund = self.products[loan["product"]]["fund"]
        if kind == "disbursement":
            self._disburse(entry, loan, amount, fund)
            entry.put(co, fund, "1300", loan["code"], amount)
            entry.put(co, fund, "1000", "", -amount)
            return -amount
        charge, principal = self.split(loan, amount, entry.on)
        over = amount - charge - principal
        entry.put(co, fund, "1000", "", charge + principal)
        entry.put(co, fund, "4100", "", -charge)
        entry.put(co, fund, "1300", loan["code"], -principal)
        entry.put(co, "own", "1000", "", over)
        entry.put(co, "own", "2010", member, -over)
        entry.moves.append((loan["code"], Move(entry.on, principal=principal, charge=charge)))
        raised[member] += over
        return amount

    def _disburse(self, entry: _Entry, loan: Row, amount: int, fund: str) -> None:
        if amount != paisa(loan["principal"]) or loan["disbursed_on"] != entry.on.isoformat():
            raise Unsound(f"{loan['code']} is paid out otherwise than agreed")
        if fund != self.products[loan["product"]]["fund"]:
            raise Unsound(f"{loan['code']} is of another fund")
        entry.moves.append((loan["code"], Move(entry.on, disbursed=amount)))

    def event(self, row: Row) -> None:
        """Post an event, or raise `Unsound` and leave everything as it was."""
        entry = _Entry(row["code"], day(row["on"]), reversal=row["kind"] == "reversal")
        org, other, kind, fund = row["org"], row["counterparty"], row["kind"], row["fund"]
        if kind == "reversal":
            self._reverse(entry, row["reverses"])
            self._post(entry, row)
            self.reversed.add(row["reverses"])
            return
        amount = paisa(row["amount"])
        cash = ("1100", "BANK") if row["paid_by"] == "bank" else ("1000", "")
        if kind in {"bank_deposit", "bank_draw"}:
            banked = amount if kind == "bank_deposit" else -amount
            entry.put(org, fund, "1100", "BANK", banked)
            entry.put(org, fund, "1000", "", -banked)
        elif kind in INCOME:
            entry.put(org, fund, *cash, amount)
            entry.put(org, fund, INCOME[kind], "", -amount)
        elif kind == "donation_in_kind":
            entry.put(org, fund, "5900", "", amount)
            entry.put(org, fund, "4210", "", -amount)
        elif kind in {"expense", "withheld"}:
            entry.put(org, fund, "5000" if kind == "expense" else "5300", "", amount)
            entry.put(org, fund, *cash, -amount)
        elif kind in {"igg_received", "igg_paid"}:
            received = amount if kind == "igg_received" else -amount
            entry.put(org, fund, *cash, received)
            entry.put(org, fund, "2400", other, -received)
        elif kind in {"write_off", "recovery"}:
            self._lost_or_found(entry, row, amount, cash)
        else:
            self._transfer(entry, row, amount)
            entry.put(org, fund, *cash, -amount)
            entry.put(other, fund, *cash, amount)
        self._post(entry, row)

    def _lost_or_found(self, entry: _Entry, row: Row, amount: int, cash: tuple[str, str]) -> None:
        org, fund, loan = row["org"], row["fund"], self.loans[row["loan"]]
        written_off = sum(move.written_off for move in self.moves[loan["code"]])
        if loan["lender"] != org or self.products[loan["product"]]["fund"] != fund:
            raise Unsound(f"{loan['code']} is not this lender's or not of this fund")
        if row["kind"] == "recovery":
            if not written_off or day(loan["disbursed_on"]) > entry.on:
                raise Unsound(f"{loan['code']} is not written off")
            entry.put(org, fund, *cash, amount)
            entry.put(org, fund, "4900", "", -amount)
            return
        if amount != sum(move.change for move in self.moves[loan["code"]]):
            raise Unsound(f"{loan['code']} is not written off whole")
        reserve = -self.net(Account(org, fund, "1390", ""))
        entry.put(org, fund, "1390", "", min(amount, max(reserve, 0)))
        entry.put(org, fund, "5100", "", amount - min(amount, max(reserve, 0)))
        entry.put(org, fund, "1300", loan["code"], -amount)
        entry.moves.append((loan["code"], Move(entry.on, written_off=amount)))

    def _transfer(self, entry: _Entry, row: Row, amount: int) -> None:
        """Beside the money: what the giver debits and the receiver credits."""
        org, other, kind, fund = row["org"], row["counterparty"], row["kind"], row["fund"]
        if kind in {"deposit_placed", "deposit_returned"}:
            gives, takes = ("1200", "2100") if kind == "deposit_placed" else ("2100", "1200")
            entry.put(org, fund, gives, other, amount, other)
            entry.put(other, fund, takes, org, -amount, org)
        elif kind == "fee_to_parent":
            if self.parent(org, entry.on) != other:
                raise Unsound(f"{other} is not the parent of {org}")
            entry.put(org, fund, "5000", other, amount, other)
            entry.put(other, fund, "4000", org, -amount, org)
        elif kind == "organisation_loan_disbursed":
            loan = self.loans[row["loan"]]
            if (loan["lender"], loan["borrower"]) != (org, other):
                raise Unsound(f"{loan['code']} is between others")
            self._disburse(entry, loan, amount, fund)
            entry.put(org, fund, "1310", loan["code"], amount, other)
            entry.put(other, fund, "2200", loan["code"], -amount, org)
        else:
            loan = self.loans[row["loan"]]
            if (loan["lender"], loan["borrower"]) != (other, org):
                raise Unsound(f"{loan['code']} is between others")
            charge, principal = self.split(loan, amount, entry.on)
            if charge + principal < amount:
                raise Unsound(f"{loan['code']} is not owed so much")
            entry.put(org, fund, "2200", loan["code"], principal, other)
            entry.put(org, fund, "5000", other, charge, other)
            entry.put(other, fund, "1310", loan["code"], -principal, org)
            entry.put(other, fund, "4100", org, -charge, org)
            entry.moves.append((loan["code"], Move(entry.on, principal=principal, charge=charge)))

    def _reverse(self, entry: _Entry, undone: str) -> None:
        was = self.documents.get(undone)
        if was is None or was.reversal or undone in self.reversed:
            raise Unsound(f"{undone} is unknown, a reversal, or reversed already")
        if entry.on < was.on:
            raise Unsound(f"{undone} is reversed before its day")
        entry.lines += [line._replace(debit=line.credit, credit=line.debit) for line in was.lines]
        entry.moves += [
            (loan, Move(entry.on, *(-amount for amount in move[1:]))) for loan, move in was.moves
        ]

    def _post(self, entry: _Entry, row: Row) -> None:
        posted_at = moment(row["posted_at"])
        if posted_at in self.moments or posted_at.date() < entry.on:
            raise Unsound(f"{entry.event} is posted at a moment used, or before its day")
        self._refuse_passed_floors(entry)
        self.moments.add(posted_at)
        self.documents[entry.event] = entry
        for line in entry.lines:
            self.posted.append(Posted(entry.event, entry.on, posted_at, entry.reversal, line))
            self.balances[line.account][entry.on] += line.debit - line.credit
        for loan, move in entry.moves:
            self.moves[loan].append(move)

    def _refuse_passed_floors(self, entry: _Entry) -> None:
        changes: dict[Account, int] = defaultdict(int)
        for line in entry.lines:
            changes[line.account] += line.debit - line.credit
        for account, change in changes.items():
            if account.code not in FLOORED:
                continue
            sign = 1 if account.code.startswith(DEBIT_NORMAL) else -1
            days = dict(self.balances.get(account, {}))
            days[entry.on] = days.get(entry.on, 0) + change
            balance = 0
            for on in sorted(days):
                balance += sign * days[on]
                if balance < 0:
                    raise Unsound(f"{account} falls below zero on {on}")

    # -- What the book knows ------------------------------------------------------------

    def net(self, account: Account, on: date = FOREVER) -> int:
        """The balance of an account by everything posted."""
        return sum(net for then, net in self.balances.get(account, {}).items() if then <= on)

    def most_from(self, account: Account, on: date) -> int:
        """The highest balance (of a credit-normal account: the least owed) from a day on."""
        later = [then for then in self.balances.get(account, {}) if then > on]
        return max(self.net(account, then) for then in [on, *later])

    def parent(self, org: str, on: date) -> str:
        """Whom an organisation belongs to on a day, or nobody."""
        return next((p for begin, end, p in self.parents[org] if begin <= on < end), "")

    def nodes_over(self, org: str, on: date) -> list[str]:
        """The organisation, and all that it belongs to on a day."""
        nodes = [org]
        while above := self.parent(nodes[-1], on):
            nodes.append(above)
        return nodes

    # -- Loans (part 5) -----------------------------------------------------------------

    def split(self, loan: Row, amount: int, on: date) -> tuple[int, int]:
        """Charge and principal of a payment, by all that is posted."""
        moves = self.moves[loan["code"]]
        if not loan["disbursed_on"] or day(loan["disbursed_on"]) > on:
            raise Unsound(f"{loan['code']} is not paid out by {on}")
        if sum(move.disbursed for move in moves) <= 0:
            raise Unsound(f"{loan['code']} is not paid out yet in the book")
        if sum(move.written_off for move in moves):
            raise Unsound(f"{loan['code']} is written off")
        if self.products[loan["product"]]["repayment"] == "open":
            return self._split_open(loan, amount, on)
        principal_before = sum(move.principal for move in moves)
        charge_before = sum(move.charge for move in moves)
        charge = principal = 0
        for part in self.schedules[loan["code"]]:
            covered = min(part.charge, charge_before)
            charge_before -= covered
            paid = min(amount, part.charge - covered)
            charge, amount = charge + paid, amount - paid
            covered = min(part.principal, principal_before)
            principal_before -= covered
            paid = min(amount, part.principal - covered)
            principal, amount = principal + paid, amount - paid
        return charge, principal

    def _split_open(self, loan: Row, amount: int, on: date) -> tuple[int, int]:
        moves = self.moves[loan["code"]]
        before = sum(move.charge for move in moves)
        charges = self.open_charges(loan["code"], moves)
        due = sum(charge for _, due_on, charge in charges if due_on <= on)
        first = min(amount, max(due - before, 0))
        outstanding = sum(move.change for move in moves)
        principal = min(amount - first, outstanding)
        running = 0
        if principal == outstanding:
            begun = sum(charge for starts_on, _, charge in charges if starts_on < on)
            running = min(amount - first - principal, max(begun - before - first, 0))
        return first + running, principal

    def open_charges(self, loan: str, moves: Sequence[Move]) -> list[tuple[date, date, int]]:
        """First day, due date and charge of each period, by these moves."""
        row = self.loans[loan]
        product = self.products[row["product"]]
        charges = []
        starts_on = day(row["disbursed_on"])
        for part in self.schedules[loan]:
            outstanding = sum(move.change for move in moves if move.on <= starts_on)
            exact = rate(product, int(row["instalments"])) * outstanding
            charge = rounded(exact, paisa(product["charge_step"]), product["rounding"])
            charges.append((starts_on, part.due_on, charge))
            starts_on = part.due_on
        return charges

    # -- Figures as at a day (part 6) ---------------------------------------------------

    def standing(self, loan: str, on: date) -> Standing:
        """A loan at the close of a day."""
        row = self.loans[loan]
        product = self.products[row["product"]]
        moves = [move for move in self.moves[loan] if move.on <= on]
        plan = self.schedules[loan]
        is_open = product["repayment"] == "open"
        if is_open:
            charges = self.open_charges(loan, moves)
            plan = [p._replace(charge=c) for p, (_, _, c) in zip(plan, charges, strict=True)]
        disbursed = sum(move.disbursed for move in moves)
        outstanding = sum(move.change for move in moves)
        paid_principal = sum(move.principal for move in moves)
        paid_charge = sum(move.charge for move in moves)
        closed = not outstanding and (
            sum(move.written_off for move in moves) > 0
            or paid_charge >= sum(part.charge for part in plan)
        )
        due = [part for part in plan if part.due_on <= on]
        gaps = _gaps(due, paid_principal, paid_charge, is_open=is_open)
        late = [part.due_on for part, gap in zip(due, gaps, strict=True) if any(gap)]
        days = (on - late[0]).days if late else 0
        if days <= int(product["grace_days"]):
            days, gaps = 0, []
        return Standing(
            outstanding,
            sum(part.principal for part in due),
            sum(part.charge for part in due),
            paid_principal,
            paid_charge,
            sum(principal for principal, _ in gaps),
            sum(charge for _, charge in gaps),
            days,
            listed=disbursed > 0 and not closed,
        )

    # -- The expected files (part 9) ----------------------------------------------------

    def files(self, as_of: Sequence[date]) -> dict[str, Rows]:
        """All nine files by name, without their headers."""
        as_of = sorted(as_of)
        return {
            "schedules": self.schedules_file(),
            "journal": self.journal_file(),
            "member_savings": [row for on in as_of for row in self._savings(on)],
            "trial_balance": [row for on in as_of for row in self._trial_balance(on)],
            "trial_balance_known": [
                row for on in as_of if is_quarter_end(on) for row in self._known(on)
            ],
            "rollup": [row for on in as_of for row in self._rollup(on)],
            "loans": [row for on in as_of for row in self._loans(on)],
            "par": [row for on in as_of for row in self._par(on)],
            "mobilisation": self.mobilisation_file(),
        }

    def schedules_file(self) -> Rows:
        """The schedule of every loan paid out."""
        return [
            [
                loan,
                str(n),
                part.due_on.isoformat(),
                *map(rupees, (part.principal, part.charge, part.principal + part.charge)),
            ]
            for loan in sorted(self.schedules)
            for n, part in enumerate(self.schedules[loan], start=1)
        ]

    def journal_file(self) -> Rows:
        """What each sheet or event puts on each account, each side summed."""
        sums: dict[tuple[str, str, str, str, str, str], list[int]] = defaultdict(lambda: [0, 0])
        for event, on, _, _, line in self.posted:
            org, fund, code, party = line.account
            both = sums[event, org, fund, code, party, on.isoformat()]
            both[0] += line.debit
            both[1] += line.credit
        return [
            [event, org, on, fund, code, party, rupees(debit), rupees(credit)]
            for (event, org, fund, code, party, on), (debit, credit) in sorted(sums.items())
        ]

    def _accounts(self, on: date, known_by: datetime | None = None) -> dict[Account, int]:
        balances: dict[Account, int] = defaultdict(int)
        for line in self.posted:
            if line.on <= on and (known_by is None or line.posted_at <= known_by):
                balances[line.line.account] += line.line.debit - line.line.credit
        return balances

    def _savings(self, on: date) -> Rows:
        saved: dict[str, list[int]] = defaultdict(lambda: [0, 0])
        for account, net in self._accounts(on).items():
            if account.code in {"2000", "2010"}:
                saved[account.party][account.code == "2010"] -= net
        return [
            [on.isoformat(), member, *map(rupees, both)]
            for member, both in sorted(saved.items())
            if any(both)
        ]

    def _trial_balance(self, on: date, known_by: datetime | None = None) -> Rows:
        sums: dict[tuple[str, str, str], int] = defaultdict(int)
        for account, net in self._accounts(on, known_by).items():
            sums[account.org, account.fund, account.code] += net
        known = [known_by.isoformat()] if known_by else []
        return [
            [on.isoformat(), *known, *key, rupees(max(net, 0)), rupees(max(-net, 0))]
            for key, net in sorted(sums.items())
            if net
        ]

    def _known(self, on: date) -> Rows:
        night = datetime.fromisoformat(f"{on}T23:59:59+05:00")
        both = (night, night + timedelta(days=14))
        return [row for known_by in both for row in self._trial_balance(on, known_by)]

    def _rollup(self, on: date) -> Rows:
        sums: dict[tuple[str, str, str], list[int]] = defaultdict(lambda: [0, 0])
        facing = {p.line.account: p.line.faces for p in self.posted if p.line.faces}
        for account, net in self._accounts(on).items():
            other = facing.get(account)
            for node in self.nodes_over(account.org, on):
                sums[node, account.fund, account.code][0] += net
                if other and node in self.nodes_over(other, on):
                    sums[node, account.fund, account.code][1] += net
        return [
            [on.isoformat(), node, fund, code, *map(rupees, (net, inside, net - inside))]
            for (node, fund, code), (net, inside) in sorted(sums.items())
            if (net or inside)
            and self.organisations[node]["kind"] != "CO"
            and day(self.organisations[node]["formed_on"]) <= on
        ]

    def _loans(self, on: date) -> Rows:
        standings = {loan: self.standing(loan, on) for loan in sorted(self.schedules)}
        return [
            [on.isoformat(), loan, *map(rupees, found[:7]), str(found.days)]
            for loan, found in standings.items()
            if found.listed
        ]

    def _par(self, on: date) -> Rows:
        under: dict[str, list[Standing]] = defaultdict(list)
        for loan, row in self.loans.items():
            if loan not in self.schedules:
                continue
            found = self.standing(loan, on)
            for node in self.nodes_over(row["lender"], on):
                if row["borrower"] not in self.organisations or node not in self.nodes_over(
                    row["borrower"], on
                ):
                    under[node].append(found)
        rows = []
        for node, counted in sorted(under.items()):
            total = sum(found.outstanding for found in counted)
            for days in BUCKETS if total else ():
                late = sum(found.outstanding for found in counted if found.days > days)
                rows.append([on.isoformat(), node, str(days), rupees(late), rupees(total)])
        return rows

    def mobilisation_file(self) -> Rows:
        """Resources mobilised (part 8)."""
        sums: dict[tuple[str, str, str], int] = defaultdict(int)
        for _, on, _, reversal, line in self.posted:
            for category, amount in _raised(line, reversal=reversal):
                for node in self.nodes_over(line.account.org, on):
                    if not line.faces or node not in self.nodes_over(line.faces, on):
                        sums[quarter(on), node, category] += amount
        return [[*key, rupees(amount)] for key, amount in sorted(sums.items()) if amount]


def _gaps(
    due: Sequence[Instalment], principal: int, charge: int, *, is_open: bool
) -> list[tuple[int, int]]:
    """Principal and charge of each instalment fallen due that is not covered."""
    gaps = []
    if is_open:
        principal += max(charge - sum(part.charge for part in due), 0)
    for part in due:
        if is_open:
            to_charge, to_principal = min(part.charge, charge), min(part.principal, principal)
            charge, principal = charge - to_charge, principal - to_principal
        else:
            to_charge = min(part.charge, principal + charge)
            to_principal = min(part.principal, principal + charge - to_charge)
            charge -= to_charge + to_principal
        gaps.append((part.principal - to_principal, part.charge - to_charge))
    return gaps


def _raised(line: Line, *, reversal: bool) -> Iterator[tuple[str, int]]:
    code = line.account.code
    if code in CATEGORIES:
        yield CATEGORIES[code], line.credit - line.debit
    if code in {"2000", "2010"}:
        yield "savings_deposited", -line.debit if reversal else line.credit
        yield "savings_withdrawn", -line.credit if reversal else line.debit


def schedule(loan: Row, product: Row, holidays: set[date]) -> list[Instalment]:
    """The instalments of a loan; for an open one the plan."""
    n, principal = int(loan["instalments"]), paisa(loan["principal"])
    if product["repayment"] == "bullet":
        whole = charge_of(product, n, principal * n)
        return [Instalment(_due(loan, product, 0, holidays), principal, whole)]
    dues = [_due(loan, product, k, holidays) for k in range(n)]
    if product["repayment"] == "open":
        charge = charge_of(product, n, principal)
        return [
            Instalment(due_on, principal if k == n - 1 else 0, charge)
            for k, due_on in enumerate(dues)
        ]
    parts = _parts(product, n, principal)
    return [Instalment(due_on, *part) for due_on, part in zip(dues, parts, strict=True)]


def _parts(product: Row, n: int, principal: int) -> Iterator[tuple[int, int]]:
    r, mode = rate(product, n), product["rounding"]
    charge_step, instalment_step = paisa(product["charge_step"]), paisa(product["instalment_step"])
    grace_principal, grace_charge = int(product["grace_principal"]), int(product["grace_charge"])
    m = n - grace_principal
    flat = product["charge"] == "flat"
    declining = product["charge"] == "declining"
    left, put_off = principal, 0
    flat_left = rounded(principal * r * n, charge_step, mode) if flat else 0
    for k in range(1, n + 1):
        charge = 0
        if flat and k > grace_charge:
            share = rounded(principal * r * n / (n - grace_charge), charge_step, mode)
            charge = flat_left if k == n else min(share, flat_left)
            flat_left -= charge
        elif declining:
            charge = rounded(left * r, charge_step, mode)
        if declining and product["repayment"] == "equal_instalment" and r:
            target = principal * r / (1 - 1 / (1 + r) ** m)
        elif declining and product["repayment"] == "equal_instalment":
            target = Fraction(principal, m)
        else:
            target = Fraction(principal, m) + charge
        part = min(max(rounded(target, instalment_step, mode) - charge, 0), left)
        part = 0 if k <= grace_principal else part
        part = left if k == n else part
        left -= part
        asked = charge + put_off
        put_off = 0
        if declining and k <= grace_charge:
            asked, put_off = 0, asked
        yield part, asked


def charge_of(product: Row, n: int, principal: int) -> int:
    """One period's charge on so much principal."""
    exact = principal * rate(product, n)
    return rounded(exact, paisa(product["charge_step"]), product["rounding"])


def rate(product: Row, n: int) -> Fraction:
    """The exact rate of one period."""
    if product["charge"] == "zero":
        return Fraction(0)
    yearly = Fraction(product["rate_percent"]) / 100
    if product["rate_per"] == "term":
        return yearly / n
    periods = PERIODS_A_YEAR[product["frequency"]]
    return yearly * (12 if product["rate_per"] == "month" else 1) / periods


def _due(loan: Row, product: Row, k: int, holidays: set[date]) -> date:
    first = day(loan["first_due_on"])
    if product["frequency"] == "month":
        months = first.year * 12 + first.month - 1 + k
        year, month = months // 12, months % 12 + 1
        due = date(year, month, min(first.day, monthrange(year, month)[1]))
    else:
        due = first + k * timedelta(days=DAYS[product["frequency"]])
    step = {"stay": 0, "next": 1, "previous": -1}[product["on_holiday"]]
    while step and due in holidays:
        due += timedelta(days=step)
    return due


def rounded(exact: Fraction, step: int, mode: str) -> int:
    """The multiple of a step that an exact amount rounds to."""
    below = exact // step
    rest = exact - below * step
    if mode == "up":
        return (below + (rest > 0)) * step
    if 2 * rest == step:
        return (below + (mode == "half_up" or below % 2)) * step
    return (below + (2 * rest > step)) * step


def day(text: str) -> date:
    """A day as a bundle writes it."""
    return date.fromisoformat(text)


def moment(text: str) -> datetime:
    """A moment as a bundle writes it."""
    return datetime.fromisoformat(text)


def paisa(text: str) -> int:
    """Paisa of rupees with decimals, exactly."""
    exact = Fraction(text) * 100
    assert exact.denominator == 1
    return exact.numerator


def rupees(amount: int) -> str:
    """Rupees with two decimals."""
    sign = "-" if amount < 0 else ""
    return f"{sign}{abs(amount) // 100}.{abs(amount) % 100:02d}"


def quarter(on: date) -> str:
    """The fiscal quarter of a day."""
    year = on.year + (on.month > 6)
    return f"FY{year}-Q{(on.month + 5) % 12 // 3 + 1}"


def is_quarter_end(on: date) -> bool:
    """Whether the next day begins a quarter."""
    following = on + timedelta(days=1)
    return following.day == 1 and following.month in {1, 4, 7, 10}


def read(path: Path) -> list[Row]:
    """The rows of a CSV file."""
    with path.open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def records(path: Path) -> Iterable[list[str]]:
    """The records of a CSV file, header and all."""
    with path.open(encoding="utf-8", newline="") as file:
        return list(csv.reader(file))
