"""The journal of a book as plain-text accounting: one text for hledger and for beancount.

Both read the very same lines. What only beancount knows (`open`, `balance`, tags, links) hledger
takes for transactions without postings, or for words of a description; what only hledger knows
(tags in comments) is a comment to beancount. A book begins with its accounts and their balances
on the day before the period, goes on with its entries in the order of their numbers, and ends
with the balances that beancount is to find on the day after: to the paisa (`~ 0`), of every fund
and code with all its parties, as the trial balance has them, and of every party.

    Assets:CO-01:1300-Loans-to-members-principal:Fund-own:L-0007
    kind   book  code of the chart of accounts   fund     party
"""

from __future__ import annotations

import re
from collections import defaultdict
from dataclasses import dataclass
from datetime import date, timedelta
from typing import TYPE_CHECKING, Final

from ledger.calendar import BUSINESS_ZONE
from ledger.chart import CHART
from ledger.money import CURRENCY, rupees

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping
    from datetime import datetime

    from ledger.entries import AccountKey, Entry, EntryRef
    from ledger.postgres.balances import AccountBalance

ROOTS: Final = {
    "1": "Assets",
    "2": "Liabilities",
    "3": "Equity",
    "4": "Income",
    "5": "Expenses",
}
"""What both programs call the accounts whose codes begin so."""
_DAY: Final = timedelta(days=1)
_PLAIN: Final = re.compile(r"[A-Za-z0-9]+(?:-[A-Za-z0-9]+)*")
_ODD: Final = re.compile(r"[^A-Za-z0-9-]|(?<![A-Za-z0-9])-|-(?![A-Za-z0-9])")
_BEGINS: Final = re.compile(r"[A-Z0-9]")
_SPACES: Final = re.compile(r"[\s\x00-\x1f\x7f\x85\u2028\u2029]+")
_NO_WORD: Final = re.compile(r"[^A-Za-z0-9]+")


@dataclass(frozen=True, slots=True)
class Stretch:
    """A period of a book, as known by a moment."""

    organisation: str
    first_on: date
    last_on: date
    known_by: datetime


def escaped(code: str) -> str:
    """A code in letters, digits and hyphens: no two codes are written alike.

    A hyphen between two of the others stays; whatever else is `--` and two digits for each byte.
    """
    if _PLAIN.fullmatch(code):
        return code
    return _ODD.sub(lambda odd: "".join(f"--{byte:02X}" for byte in odd[0].encode()), code)


def component(code: str) -> str:
    """A code as a part of an account's name, which begins with a capital or a digit.

    Before another beginning stands `X--`, which `escaped` never writes before one.
    """
    found = escaped(code)
    return found if _BEGINS.match(found) else f"X--{found}"


def account(organisation: str, code: str, fund: str, party: str = "") -> str:
    """The name of an account; without a party that of all accounts of its fund and code."""
    named = f"{code}-{_NO_WORD.sub('-', CHART[code].name).strip('-')}"
    parts = [ROOTS[code[0]], component(organisation), named, f"Fund-{escaped(fund)}"]
    return ":".join([*parts, component(party)] if party else parts)


def beginning(stretch: Stretch, opening: Iterable[AccountBalance], names: Iterable[str]) -> str:
    """What stands before the entries of a book: its accounts, and what they held until then."""
    day = (stretch.first_on - _DAY).isoformat()
    period = f"{stretch.first_on} to {stretch.last_on}, as known by {_moment(stretch.known_by)}"
    lines = [
        f"; {_line(stretch.organisation)}: {period}.",
        *(f"{day} open {name} {CURRENCY}" for name in names),
    ]
    held = [balance for balance in opening if balance.net]
    if held:
        lines += ["", f'{day} * "Opening balances" #opening']
        lines += [f"  ; organisation: {_line(stretch.organisation)}"]
        lines += [_posting(_name(stretch, balance), balance.net) for balance in held]
    return _text(lines)


def transaction(organisation: str, entry: Entry, codes: Mapping[int, str]) -> str:
    """An entry with all that it says of itself; `codes` are the organisations of other books."""
    other = entry.counterpart
    there = None if other is None or other.book not in codes else codes[other.book]
    linked = [entry.ref.no, *([] if entry.reverses is None else [entry.reverses])]
    links = [f"^{escaped(organisation)}.{no}" for no in linked]
    if other is not None and there is not None:
        links.append(f"^{escaped(there)}.{other.no}")
    said = {
        "organisation": organisation,
        "voucher": entry.ref.no,
        "kind": entry.kind.value,
        "reference": entry.reference,
        "actor": entry.actor,
        "posted_at": _moment(entry.posted_at),
        "recorded_at": _moment(entry.recorded_at),
        "reverses": entry.reverses,
        "other_half": _other_half(other, there),
        "hash": entry.hash.hex(),
    }
    quoted = _line(entry.narrative).replace("\\", "\\\\").replace('"', '\\"')
    return _text(
        [
            f'{entry.value_date} * "{quoted}" #{entry.kind.value} {" ".join(links)}',
            *(f"  ; {name}: {_line(str(value))}" for name, value in said.items() if value),
            *(
                _posting(
                    _account_of(organisation, line.account), line.debit - line.credit, line.subject
                )
                for line in entry.lines
            ),
        ]
    )


def ending(stretch: Stretch, closing: Iterable[AccountBalance]) -> str:
    """What the accounts must hold after the last day; zeros too."""
    day = (stretch.last_on + _DAY).isoformat()
    return _text(
        f"{day} balance {name}  {rupees(net)} ~ 0 {CURRENCY}"
        for name, net in held(stretch.organisation, closing).items()
    )


def held(organisation: str, balances: Iterable[AccountBalance]) -> dict[str, int]:
    """By name what every account holds, and what those of a fund and code hold together."""
    nets: defaultdict[str, int] = defaultdict(int)
    for balance in balances:
        nets[account(organisation, balance.code, balance.fund)] += balance.net
        if balance.party:
            nets[account(organisation, balance.code, balance.fund, balance.party)] += balance.net
    return dict(sorted(nets.items()))


def _name(stretch: Stretch, balance: AccountBalance) -> str:
    return account(stretch.organisation, balance.code, balance.fund, balance.party)


def _account_of(organisation: str, key: AccountKey) -> str:
    return account(organisation, key.code, key.fund, key.party)


def _posting(name: str, net: int, subject: str = "") -> str:
    """An amount on an account, debit above zero."""
    about = f" ; subject: {escaped(subject)}" if subject else ""
    return f"  {name}  {rupees(net)} {CURRENCY}{about}"


def _other_half(other: EntryRef | None, organisation: str | None) -> str:
    if other is None:
        return ""
    return f"voucher {other.no} of {organisation or 'another organisation'}"


def _line(text: str) -> str:
    """A text in one line."""
    return _SPACES.sub(" ", text)


def _moment(moment: datetime) -> str:
    return moment.astimezone(BUSINESS_ZONE).isoformat()


def _text(lines: Iterable[str]) -> str:
    return "".join(_ended(lines))


def _ended(lines: Iterable[str]) -> Iterator[str]:
    """Lines with their ends, and an empty one after them."""
    for line in lines:
        yield f"{line}\n"
    yield "\n"
