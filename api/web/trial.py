"""The trial balance at a desk: both sides of every account, and one that is open in its place."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final, NamedTuple

from api.web import accounts as titles
from api.web import headings
from api.web.books import parties
from api.web.tables import OF_LOANS, moment
from ledger.chart import CHART
from ledger.postgres.balances import AccountsAsked
from service import bookkeeping

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import date, datetime

    from api.web.desk import Days
    from api.web.reader import Reader
    from ledger.entries import Entry
    from ledger.postgres.movements import CodeMovement
    from ledger.postgres.verify import Proof
    from service.bookkeeping import Move
    from service.books import Books
    from service.organisations import Organisation

MOST_MOVES: Final = 12
"""The last entries of an account that is open in its place; its own page has all."""


class Sides(NamedTuple):
    """Opening, turnover and balance of a row, each debit and credit, in paisa."""

    opening_debit: int
    opening_credit: int
    debit: int
    credit: int
    closing_debit: int
    closing_credit: int


class Line(NamedTuple):
    """What a voucher has on one fund and code, of how many accounts, and whose the only one is."""

    code: str
    fund: str
    whose: str
    accounts: int
    debit: int
    credit: int


@dataclass(frozen=True, slots=True)
class Opened:
    """An account of the trial balance with its entries, and one of them beside it."""

    fund: str
    code: str
    moves: list[Move]
    accounts: int
    """For how many it is kept: members, loans, organisations."""
    entry: Entry | None
    lines: list[Line]
    before: Entry | None
    after: Entry | None
    reversed_by: int | None
    people: dict[str, Any]


@dataclass(frozen=True, slots=True)
class Balance:
    """A trial balance: its rows with both sides, their sums, and whether those agree."""

    rows: list[tuple[CodeMovement, Sides]]
    sums: Sides
    opened: Opened | None
    proof: Proof
    made_at: datetime

    @property
    def both_sides_equal(self) -> bool:
        """Whether debits and credits agree, before, in the period, and at its end."""
        return self.sums[0::2] == self.sums[1::2]


async def balance(
    books: Books,
    at: Organisation,
    days: Days,
    found: Sequence[CodeMovement],
    *,
    first_on: date,
    opened: str,
    voucher: int,
) -> Balance:
    """The trial balance of what moved; `opened` is open, `voucher` the entry beside it."""
    rows = [(row, _sides(row)) for row in found]
    sums = Sides(*(sum(side[n] for _, side in rows) for n in range(len(Sides._fields))))
    code, _, fund = opened.partition(".")
    open_at = None
    if any((row.code, row.fund) == (code, fund) for row, _ in rows):
        open_at = await _opened(books, at.code, days, first_on, (fund, code), voucher)
    proof = await bookkeeping.proof(books, at.code, below=False)
    return Balance(rows, sums, open_at, proof, books.now)


def names(reader: Reader) -> dict[str, Any]:
    """What templates say of accounts, and of moments."""
    return {
        "account_title": lambda code: titles.title(reader, code),
        "cell_said": lambda column, said: headings.cell(reader, column, said),
        "fund_short": lambda fund: headings.cell(reader, "fund", fund),
        "moment": lambda at: moment(reader, at),
        "side": lambda code: CHART[code].sign,
        "of_loans": OF_LOANS,
        "most_moves": MOST_MOVES,
    }


def _sides(row: CodeMovement) -> Sides:
    whole = row.whole
    return Sides(
        max(whole.opening, 0),
        max(-whole.opening, 0),
        whole.debit,
        whole.credit,
        max(whole.closing, 0),
        max(-whole.closing, 0),
    )


async def _opened(
    books: Books, at: str, days: Days, first_on: date, account: tuple[str, str], voucher: int
) -> Opened:
    fund, code = account
    moves = await bookkeeping.moves(
        books,
        at,
        account,
        first_on=first_on,
        last_on=days.on,
        known_by=days.known_by,
        limit=MOST_MOVES,
    )
    of_code = await bookkeeping.accounts(
        books, at, days.on, known_by=days.known_by, asked=AccountsAsked((code,), fund)
    )
    kept = [one for one in of_code if one.party]
    chosen = next((one.no for one in moves if one.no == voucher), moves[-1].no if moves else 0)
    entry = await bookkeeping.entry(books, at, chosen) if chosen else None
    head = await bookkeeping.head(books, at)
    lines = _lines(entry) if entry else []
    return Opened(
        fund,
        code,
        moves,
        len(kept),
        entry,
        lines,
        await bookkeeping.entry(books, at, chosen - 1) if chosen > 1 else None,
        await bookkeeping.entry(books, at, chosen + 1) if 0 < chosen < head.last_no else None,
        await bookkeeping.reversed_by(books, at, chosen) if chosen else None,
        await parties(books, (line.whose for line in lines)),
    )


def _lines(entry: Entry) -> list[Line]:
    """The lines of an entry by side, code and fund: those of members or loans together."""
    found: defaultdict[tuple[bool, str, str], list[Any]] = defaultdict(list)
    for line in entry.lines:
        found[bool(line.credit), line.account.code, line.account.fund].append(line)
    return [
        Line(
            code,
            fund,
            (lines[0].account.party or lines[0].subject) if len(lines) == 1 else "",
            len({line.account.party or line.subject for line in lines}),
            sum(line.debit for line in lines),
            sum(line.credit for line in lines),
        )
        for (_, code, fund), lines in found.items()
    ]
