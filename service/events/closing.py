"""The close of a year: income and costs go into the general fund, per fund and counterparty.

What an organisation earned from another stays apart in the general fund, so that what two books
hold of each other is eliminated to nothing before the close and after it. An entry of this kind
is no turnover; taken back, it is taken back by another of its kind. Source: DOMAIN 4.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from ledger.chart import CHART
from ledger.entries import AccountKey, Draft, Kind, Line
from service.refusals import Malformed, NothingToClose, VersionChanged

if TYPE_CHECKING:
    from collections.abc import Iterator

    from ledger.entries import Entry
    from ledger.positions import Position
    from service.events.event import Event
    from service.events.setting import Setting

SURPLUS: Final = "3000"


def accounts(_event: Event, setting: Setting) -> set[AccountKey]:
    """All income and costs, and the general fund of each fund and counterparty."""
    return {*setting.accounts, *(_surplus(account) for account in setting.accounts)}


def lines(event: Event, setting: Setting, position: Position) -> list[Line]:
    """What each account of income and costs has at the end of the year, on its other side.

    Raises `NothingToClose`, and `VersionChanged` where the book has opened accounts meanwhile.
    """
    if position.heads[setting.book].last_account != setting.last_account:
        raise VersionChanged(f"The book of {event.organisation} has moved on. Ask again.")
    found: list[Line] = []
    sums: dict[tuple[AccountKey, bool], tuple[int, int | None]] = {}
    for key in sorted(setting.accounts):
        account = position.accounts[setting.book, key]
        net = account.net_on(event.happened_on)
        if net:
            found += _line(key, -net, account.faces)
            place = _surplus(key), CHART[key.code].sign > 0
            sums[place] = sums.get(place, (0, None))[0] + net, account.faces
    if not found:
        raise NothingToClose(
            f"{event.organisation} has neither income nor costs that are open on "
            f"{event.happened_on}."
        )
    for (key, _), (net, faces) in sorted(sums.items()):
        found += _line(key, net, faces)
    return found


def taken_back(event: Event, entry: Entry, actor: str) -> Draft:
    """The entry that undoes a close, of its own kind: it is no turnover either."""
    if event.happened_on != entry.value_date:
        raise Malformed(f"happened_on: a close is taken back on its own day, {entry.value_date}.")
    return Draft(
        book=entry.ref.book,
        value_date=event.happened_on,
        narrative=event.narrative,
        actor=actor,
        lines=entry.mirrored(),
        reference=event.code,
        kind=Kind.CLOSE,
    )


def _surplus(account: AccountKey) -> AccountKey:
    return AccountKey(SURPLUS, account.fund, account.party)


def _line(key: AccountKey, net: int, faces: int | None) -> Iterator[Line]:
    """So much more on the debit side, or below zero on the other; nothing for nothing."""
    if net:
        yield Line(key, debit=max(net, 0), credit=max(-net, 0), faces=faces)
