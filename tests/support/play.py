"""Scenarios in the domain's own language: lines of text in, an accountant's journal out.

A line is a day and what happened on it; `(on DAY)` behind the day says when the book learned
of it, where that was later. Nothing is guessed: a line that no rule reads fails the scenario.

    2026-01-05 form CO-01 under VO-01
    2026-01-05 join Zainab CO-01
    2026-01-10 CO-01 meets: Zainab saves 200.00, Amina adds 500.00, counted 5.00 over
    2026-02-05 CO-01 meets: Zainab borrows 10,000.00 on QH
    2026-03-05 (on 2026-03-09) CO-01 meets: Zainab repays 1,500.00
    2026-03-31 CO-01 pays fee 100.00 to VO-01
    2026-04-01 refused: CO-01 spends 1,000,000.00 for a tractor
    2026-04-02 show rollup VO-01

Meetings and events are numbered as they come (S-1, E-1); the loan of a borrower is L-borrower.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field, replace
from datetime import date
from typing import TYPE_CHECKING, Final

from ledger.chart import CHART
from ledger.money import grouped_rupees
from ledger.postgres import journal
from ledger.refusals import Refusal
from service import arrears, federation, organisations
from service.events import corrections
from service.events.event import EventKind
from service.reports import registry
from service.reports.report import Query

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable, Iterator

    from ledger.entries import Entry, Line
    from service.sheets.sheet import Sheet
    from tests.support.world import World

MONEY: Final = r"([\d,]+\.\d\d)"
NAME: Final = r"([A-Z][a-z]+)"
CODE: Final = r"([A-Z]+-\d\d)"
FUND: Final = r"(?: of (own|cif|igg|project))?"
BY: Final = r"(?: (by bank|in cash))?"
LINE_KINDS: Final = {
    "saves": "saving_compulsory",
    "adds": "saving_voluntary",
    "joins for": "membership_fee",
    "is fined": "fine",
    "gives": "donation",
    "repays": "repayment",
    "withdraws": "withdrawal",
    "borrows": "disbursement",
}
GIFTS: Final = {
    "government": "grant_government",
    "donor": "grant_donor",
    "ngo": "grant_ngo",
    "shop": "grant_private",
    "rsp": "grant_rsp",
    "neighbours": "donation_cash",
    "cif": "cif_capital",
}
WIDTHS: Final = "{:10}  {:>3}  {:6}  {:46}  {:9}  {:>14}  {:>14}"
ROLLUP: Final = "{:12}  {:46}  {:>14}  {:>14}  {:>14}"


class NotUnderstood(ValueError):
    """No rule reads this line of a scenario."""


@dataclass
class Play:
    """A scenario as it is played."""

    world: World
    today: date = date.min
    posted: date = date.min
    shown: list[str] = field(default_factory=list)

    async def run(self, text: str) -> str:
        """Play the lines; the journal, what was shown, and the trial balance at the end."""
        for line in filter(None, map(str.strip, text.splitlines())):
            match = re.fullmatch(r"(\d{4}-\d\d-\d\d)(?: \(on (\d{4}-\d\d-\d\d)\))? (.+)", line)
            if match is None:
                raise NotUnderstood(line)
            self.today = date.fromisoformat(match[1])
            self.posted = date.fromisoformat(match[2] or match[1])
            await self._do(match[3])
        sections = [await self._journal(), *self.shown, await self._trial_balance()]
        return "\n\n".join(sections) + "\n"

    async def _do(self, said: str) -> None:
        if said.startswith("refused: "):
            try:
                await self._do(said.removeprefix("refused: "))
            except Refusal as refusal:
                told = f"{said.removeprefix('refused: ')}\n  {refusal.code}: {refusal}"
                self.shown.append(f"REFUSED ON {self.today}\n{told}")
                return
            raise AssertionError(f"not refused: {said}")
        for pattern, rule in RULES:
            if match := re.fullmatch(pattern, said):
                await rule(self, *match.groups())
                return
        raise NotUnderstood(said)

    # -- Rules --------------------------------------------------------------------------

    async def form(self, code: str, parent: str | None) -> None:
        """An organisation is formed, perhaps under another."""
        await self.world.form(code, under=parent, on=self.today)

    async def join(self, name: str, co: str) -> None:
        """A member joins a CO."""
        await self.world.join(name, co, on=self.today)

    async def move(self, code: str, parent: str) -> None:
        """An organisation moves to another parent."""
        async with self.world.at(self.posted) as books:
            await federation.move(books, code, to=parent, on=self.today)

    async def meet(self, co: str, said: str) -> None:
        """A meeting is held and its sheet closed."""
        await self.world.close(await self._sheet(co, said), posted=self.posted)

    async def correct(self, code: str, co: str, said: str) -> None:
        """A closed sheet is reversed and written again, in one posting."""
        right = replace(await self._sheet(co, said), held_on=await self._held_on(code))
        async with self.world.at(self.posted) as books:
            await corrections.correct_sheet(
                books,
                code,
                right,
                on=self.today,
                reason=f"Correction of {code}",
                resolution=None,
                key=right.code,
            )

    async def gift(
        self, org: str, amount: str, giver: str, fund: str | None, by: str | None
    ) -> None:
        """A grant, or a donation in cash; CIF capital is of the fund cif."""
        fund = fund or ("cif" if giver == "cif" else None)
        await self._happen(GIFTS[giver], org, amount, fund=fund, by=by, narrative=f"From {giver}")

    async def in_kind(self, org: str, amount: str, what: str) -> None:
        """Labour, land or material."""
        await self._happen("donation_in_kind", org, amount, narrative=what)

    async def spend(
        self, org: str, amount: str, fund: str | None, by: str | None, what: str
    ) -> None:
        """Running costs."""
        await self._happen("expense", org, amount, fund=fund, by=by, narrative=what)

    async def bank(self, org: str, way: str, amount: str, fund: str | None) -> None:
        """Cash goes to the bank, or comes from it."""
        kind, by = ("bank_deposit", None) if way == "banks" else ("bank_draw", "by bank")
        await self._happen(
            kind, org, amount, fund=fund, by=by, narrative=f"{way} cash".capitalize()
        )

    async def igg(self, org: str, way: str, amount: str, name: str, by: str | None) -> None:
        """A grant to the poorest is received for a household, or handed over."""
        kind = "igg_received" if way == "receives IGG" else "igg_paid"
        said = f"IGG {'for' if kind == 'igg_received' else 'to'} {name}"
        await self._happen(kind, org, amount, fund="igg", by=by, to=name, narrative=said)

    async def transfer(
        self, org: str, way: str, amount: str, other: str, fund: str | None, by: str | None
    ) -> None:
        """A fee, a deposit, or a deposit returned."""
        kind = {
            "pays fee": "fee_to_parent",
            "places": "deposit_placed",
            "returns": "deposit_returned",
        }[way]
        said = kind.replace("_", " ").capitalize()
        await self._happen(kind, org, amount, fund=fund, by=by, to=other, narrative=said)

    async def lend(self, lender: str, amount: str, borrower: str, product: str) -> None:
        """A loan between organisations is agreed and paid out."""
        loan = f"L-{borrower}"
        await self.world.agree(
            loan, product, amount.replace(",", ""), lender=lender, borrower=borrower, on=self.today
        )
        await self._happen(
            "organisation_loan_disbursed", lender, amount, fund="cif", to=borrower, loan=loan
        )

    async def repay(self, borrower: str, amount: str, lender: str) -> None:
        """An organisation repays its loan."""
        await self._happen(
            "organisation_loan_repaid",
            borrower,
            amount,
            fund="cif",
            to=lender,
            loan=f"L-{borrower}",
        )

    async def lose(self, org: str, amount: str, name: str) -> None:
        """A member's loan is written off."""
        await self._happen("write_off", org, amount, loan=f"L-{name}", narrative="Written off")

    async def recover(self, org: str, amount: str, name: str) -> None:
        """Something comes in after the write-off."""
        await self._happen("recovery", org, amount, loan=f"L-{name}", narrative="Recovered")

    async def reverse(self, org: str, code: str) -> None:
        """A sheet or an event is undone."""
        await self._happen("reversal", org, None, narrative=f"Reversal of {code}", reverses=code)

    async def show_rollup(self, node: str) -> None:
        """The roll-up of a node on this day."""
        query = Query(as_of=(self.today,), node=node)
        async with self.world.reading() as books:
            table = await registry.run(books, "rollup", query)
        rows = [
            ROLLUP.format(str(fund), _named(str(code)), *map(_grouped, figures))
            for _, _, fund, code, *figures in table.rows
        ]
        head = ROLLUP.format("fund", "account", "balance", "eliminated", "consolidated").rstrip()
        self.shown.append("\n".join([f"ROLL-UP OF {node} ON {self.today}", head, *rows]))

    async def show_loan(self, name: str) -> None:
        """What a loan owes on this day, and how late it is."""
        async with self.world.reading() as books:
            standings = await arrears.standings(books, self.today)
        found = {one.loan: one for one in standings}
        if (figures := found.get(f"L-{name}")) is None:
            self.shown.append(f"LOAN L-{name} ON {self.today}\nclosed, or not paid out")
            return
        rows = (
            ("outstanding principal", figures.outstanding_principal),
            ("fallen due", figures.due_principal + figures.due_charge),
            ("paid", figures.paid_principal + figures.paid_charge),
            ("overdue principal", figures.overdue_principal),
            ("overdue charge", figures.overdue_charge),
        )
        told = [f"{what:22}  {grouped_rupees(paisa):>14}" for what, paisa in rows]
        told.append(f"{'days past due':22}  {figures.days_past_due:>14}")
        self.shown.append("\n".join([f"LOAN L-{name} ON {self.today}", *told]))

    # -- Telling ------------------------------------------------------------------------

    async def _happen(
        self,
        kind: str,
        org: str,
        amount: str | None,
        *,
        fund: str | None = None,
        by: str | None = None,
        to: str | None = None,
        loan: str | None = None,
        narrative: str = "",
        reverses: str | None = None,
    ) -> None:
        await self.world.happen(
            kind,
            self.today,
            org,
            None if amount is None else amount.replace(",", ""),
            fund=fund or "own",
            by="bank" if by == "by bank" else "cash",
            to=to,
            loan=loan,
            narrative=narrative or EventKind(kind).value.replace("_", " ").capitalize(),
            reverses=reverses,
            posted=self.posted,
        )

    async def _sheet(self, co: str, said: str) -> Sheet:
        lines, over = [], "0"
        for part in said.split(", "):
            if counted := re.fullmatch(rf"counted {MONEY} (over|short)", part):
                over = counted[1] if counted[2] == "over" else f"-{counted[1]}"
                continue
            match = re.fullmatch(
                rf"{NAME} ({'|'.join(LINE_KINDS)}) {MONEY}(?: on ([A-Z-]+))?", part
            )
            if match is None or (match[2] == "borrows") != (match[4] is not None):
                raise NotUnderstood(part)
            name, way, amount, product = match.groups()
            paid = amount.replace(",", "")
            if product:
                await self.world.agree(
                    f"L-{name}", product, paid, lender=co, borrower=name, on=self.today
                )
            loan = f" L-{name}" if way in {"repays", "borrows"} else ""
            lines.append(f"{name} {LINE_KINDS[way]} {paid}{loan}")
        return self.world.sheet(self.today, *lines, co=co, over=over)

    async def _held_on(self, code: str) -> date:
        async with self.world.reading() as books:
            row = await books.fetch_one(
                "SELECT held_on FROM service.sheet WHERE code = :code", code=code
            )
        assert row
        return date.fromisoformat(str(row[0]))

    async def _journal(self) -> str:
        """Every entry in the order of its posting: day, voucher, book, lines."""
        entries: list[tuple[str, Entry]] = []
        async with self.world.reading() as books:
            for one in await organisations.organisations(books):
                book = await organisations.book_of(books, one.code)
                entries += [
                    (one.code, entry) for entry in await journal.page(books.ledger, book, limit=500)
                ]
        entries.sort(key=lambda pair: (pair[1].posted_at, not _gives(pair[1]), pair[1].ref))
        head = WIDTHS.format(
            "date", "no", "book", "narrative / account", "party", "debit", "credit"
        )
        told = ["JOURNAL", head]
        for org, entry in entries:
            late = entry.posted_at.date() - entry.value_date
            known = f", known {entry.posted_at.date()}" if late.days else ""
            what = f"{entry.narrative} ({entry.reference}{known})"
            told.append(WIDTHS.format(str(entry.value_date), entry.ref.no, org, what, "", "", ""))
            told += [_line(line) for line in entry.lines]
        return "\n".join(line.rstrip() for line in told)

    async def _trial_balance(self) -> str:
        """Each book's balances by fund on the last day, with its totals."""
        query = Query(as_of=(self.today,))
        async with self.world.reading() as books:
            table = await registry.run(books, "trial-balance", query)
        layout = "{:6}  {:8}  {:46}  {:>14}  {:>14}"
        told = [
            f"TRIAL BALANCE ON {self.today}",
            layout.format("book", "fund", "account", "debit", "credit").rstrip(),
        ]
        for _, org, fund, code, debit, credit in table.rows:
            sides = [_grouped(debit), _grouped(credit)]
            sides = ["" if side == "0.00" else side for side in sides]
            told.append(layout.format(str(org), str(fund), _named(str(code)), *sides).rstrip())
        return "\n".join(told)


def _gives(entry: Entry) -> bool:
    """Whether money goes out: of a transfer, the half of the book that gives."""
    return any(line.credit for line in entry.lines if line.account.code in {"1000", "1100"})


def _line(line: Line) -> str:
    code, fund, party = line.account
    name = _named(code) + ("" if fund == "own" else f" [{fund}]")
    debit = grouped_rupees(line.debit) if line.debit else ""
    credit = grouped_rupees(line.credit) if line.credit else ""
    return WIDTHS.format("", "", "", f"  {name}", party, debit, credit)


def _named(code: str) -> str:
    return f"{code} {CHART[code].name}"


def _grouped(rupees: object) -> str:
    """Rupees with two decimals, grouped by lakh and crore."""
    return grouped_rupees(int(str(rupees).replace(".", "")))


def _rules() -> Iterator[tuple[str, Callable[..., Awaitable[None]]]]:
    yield rf"form {CODE}(?: under {CODE})?", Play.form
    yield rf"join {NAME} {CODE}", Play.join
    yield rf"move {CODE} to {CODE}", Play.move
    yield rf"{CODE} meets: (.+)", Play.meet
    yield rf"correct (S-\d+) of {CODE}: (.+)", Play.correct
    yield rf"{CODE} receives {MONEY} from ({'|'.join(GIFTS)}){FUND}{BY}", Play.gift
    yield rf"{CODE} is given (?:work|goods) worth {MONEY}: (.+)", Play.in_kind
    yield rf"{CODE} spends {MONEY}{FUND}{BY} for (.+)", Play.spend
    yield rf"{CODE} (banks|draws) {MONEY}{FUND}", Play.bank
    yield rf"{CODE} (receives IGG|hands over IGG) {MONEY} (?:for|to) {NAME}{BY}", Play.igg
    yield rf"{CODE} (pays fee|places|returns) {MONEY} (?:to|with) {CODE}{FUND}{BY}", Play.transfer
    yield rf"{CODE} lends {MONEY} to {CODE} on ([A-Z]+)", Play.lend
    yield rf"{CODE} repays {MONEY} to {CODE}", Play.repay
    yield rf"{CODE} writes off {MONEY} of {NAME}", Play.lose
    yield rf"{CODE} recovers {MONEY} from {NAME}", Play.recover
    yield rf"{CODE} reverses ([SE]-\d+)", Play.reverse
    yield rf"show rollup {CODE}", Play.show_rollup
    yield rf"show loan {NAME}", Play.show_loan


RULES: Final = tuple(_rules())
