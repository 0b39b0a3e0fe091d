"""What the drafts of a request do to a position, tried on the side.

A trial is merged into the position only if nothing of the request is refused. It opens
accounts and moves them; it keeps the numbers and the newest entry of each book; it knows
which floored accounts were lowered, and since when (I6).
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from ledger.chart import CHART, SAVINGS
from ledger.money import rupees
from ledger.positions import Account
from ledger.refusals import AccountFacesAnother, BookUnknown, FloorPassed, SavingsPledged
from ledger.sealing import Opening, SealedLine

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import date

    from ledger.entries import AccountKey, Draft, EntryRef
    from ledger.pledges import Savings
    from ledger.positions import Head, Position
    from ledger.requests import Record


@dataclass(slots=True)
class Trial:
    """What drafts do to a position; merged into it only if nothing is refused."""

    position: Position
    heads: dict[int, Head] = field(default_factory=dict)
    accounts: dict[tuple[int, AccountKey], Account] = field(default_factory=dict)
    lowered: dict[tuple[int, AccountKey], date] = field(default_factory=dict)
    records: list[Record] = field(default_factory=list)
    drafts: list[Draft] = field(default_factory=list)
    reversed: set[EntryRef] = field(default_factory=set)
    pledged: dict[tuple[int, str], Savings] = field(default_factory=dict)

    def head(self, book: int) -> Head:
        """The end of a book, as moved so far. Raises `BookUnknown`."""
        return self.heads.get(book) or head_of(self.position.heads, book)

    def merged(self, position: Position) -> Position:
        """The position, moved on by the trial."""
        position.heads.update(self.heads)
        position.accounts.update(self.accounts)
        position.pledged.update(self.pledged)
        for draft in self.drafts:
            position.learn(draft)
        return position

    def move_accounts(self, draft: Draft) -> tuple[list[Opening], list[SealedLine]]:
        """Open what is not there yet, and move every account by what the draft nets on it."""
        nets: dict[AccountKey, int] = {}
        faces: dict[AccountKey, int | None] = {}
        for line in draft.lines:
            key = line.account
            nets[key] = nets.get(key, 0) + line.debit - line.credit
            if faces.setdefault(key, line.faces) != line.faces:
                raise AccountFacesAnother(f"The account {key} faces another organisation.")
        last_account = self.head(draft.book).last_account
        openings: list[Opening] = []
        numbers: dict[AccountKey, int] = {}
        for key, net in nets.items():
            account = self._found((draft.book, key))
            if account is None:
                opening = Opening(last_account + len(openings) + 1, key, faces[key])
                openings.append(opening)
                account = Account(opening.no, key, opening.faces, 0)
            elif account.faces != faces[key]:
                raise AccountFacesAnother(f"The account {key} faces another organisation.")
            numbers[key] = account.no
            self._move(draft, account, net)
        return openings, [
            SealedLine(numbers[line.account], line.subject, line.debit, line.credit)
            for line in draft.lines
        ]

    def refuse_passed_floors(self) -> None:
        """I6: no floored account that it lowers is below zero on any day from then on."""
        for place, since in self.lowered.items():
            account = self.accounts.get(place) or self.position.accounts[place]
            if (lowest := account.lowest_from(since)) < 0:
                name = CHART[account.key.code].name
                raise FloorPassed(
                    f"{name} ({account.key}) would fall to Rs {rupees(lowest)} "
                    f"on {since} or a later day; it never falls below zero."
                )
        if self.position.pledged:
            self._refuse_pledged()

    def _refuse_pledged(self) -> None:
        """I6: no savings that it lowers are below what is pledged of them, from then on."""
        for (book, key), since in self.lowered.items():
            savings = self._savings(book, key)
            if savings is not None and (free := savings.least_free(since)).amount < 0:
                before = self.position.pledged[book, key.party].least_free(since).amount
                raise SavingsPledged(
                    f"Rs {rupees(max(before, 0))} of what {key.party} has saved are free from "
                    f"{since} on; this would leave Rs {rupees(-free.amount)} less than is pledged "
                    f"on {free.day}. Withdraw less, or have the pledge released first."
                )

    def _savings(self, book: int, key: AccountKey) -> Savings | None:
        """The savings of the party of an account, as moved so far, where any are pledged."""
        if key.code not in SAVINGS:
            return None
        place = (book, key.party)
        return self.pledged.get(place) or self.position.pledged.get(place)

    def _found(self, place: tuple[int, AccountKey]) -> Account | None:
        return self.accounts.get(place) or self.position.accounts.get(place)

    def _move(self, draft: Draft, account: Account, net: int) -> None:
        place = (draft.book, account.key)
        day = draft.value_date
        self.accounts[place] = account.moved(day, net)
        code = CHART[account.key.code]
        if code.floored and net * code.sign < 0:
            self.lowered[place] = min(self.lowered.get(place, day), day)
        if self.position.pledged and (savings := self._savings(*place)) is not None:
            self.pledged[draft.book, account.key.party] = savings.moved(day, -net)


def head_of(heads: Mapping[int, Head], book: int) -> Head:
    """The end of a book. Raises `BookUnknown`."""
    head = heads.get(book)
    if head is None:
        raise BookUnknown(f"There is no book {book}.")
    return head
