"""What the loans of a book ask to be reserved on a day, what is held, and the entry between them.

Each running loan, to a member or an organisation, is in the class of its days past due; a class
reserves its per cent of the principal outstanding in it, per fund, rounded half up to the paisa.
Held is the balance of 1390. What is required and not held is proposed to be raised, what is held
and not required to be released; an officer posts it. Amounts are paisa. Source: DOMAIN 4 and 6.
"""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass
from decimal import ROUND_HALF_UP, Decimal
from typing import TYPE_CHECKING, Final, NamedTuple

from ledger.postgres import balances
from service import access
from service.access import Right
from service.arrears import Lenders, from_standings
from service.events.event import EventKind
from service.reserves.scheme import WHOLE, scheme_on

if TYPE_CHECKING:
    from datetime import date, datetime

    from service.books import Books
    from service.reserves.scheme import ReserveClass, Scheme

RESERVE: Final = "1390"


class InClass(NamedTuple):
    """The loans of a fund in a class, and what they ask to be reserved."""

    of: ReserveClass
    loans: int
    principal: int

    @property
    def required(self) -> int:
        """Per cent of the principal, rounded half up to the paisa."""
        exact = self.principal * self.of.percent / WHOLE
        return int(exact.quantize(Decimal(1), ROUND_HALF_UP))


@dataclass(frozen=True, slots=True)
class FundReserve:
    """What a fund's loans ask for, by every class of the scheme, and what is held."""

    fund: str
    classes: tuple[InClass, ...]
    held: int

    @property
    def principal(self) -> int:
        """Outstanding, of all classes."""
        return sum(one.principal for one in self.classes)

    @property
    def required(self) -> int:
        """To be reserved, of all classes."""
        return sum(one.required for one in self.classes)

    @property
    def proposed(self) -> tuple[EventKind, int] | None:
        """The event that makes what is held what is required, and its amount."""
        missing = self.required - self.held
        if not missing:
            return None
        kind = EventKind.PROVISION_RAISED if missing > 0 else EventKind.PROVISION_RELEASED
        return kind, abs(missing)


@dataclass(frozen=True, slots=True)
class Reserves:
    """What the loans of a book ask to be reserved at the close of a day, fund by fund."""

    organisation: str
    as_of: date
    scheme: Scheme
    funds: tuple[FundReserve, ...]


_BY_DAYS: Final = """
    SELECT p.fund, s.days_past_due, count(*) AS loans,
        sum(s.outstanding_principal)::bigint AS principal
    FROM standing AS s
    JOIN service.loan AS l ON l.code = s.loan
    JOIN service.product AS p ON p.code = l.product AND p.version = l.product_version
    WHERE s.state = 'paid_out'
    GROUP BY p.fund, s.days_past_due
    ORDER BY p.fund, s.days_past_due
"""


async def reserves(
    books: Books, organisation: str, on: date, *, known_by: datetime | None = None
) -> Reserves:
    """The reserves of a book on a day, by the scheme that holds then.

    Raises `NotFound`, `Forbidden`, `MomentUnsettled`.
    """
    book = await access.authorise(books, Right.READ, organisation)
    await access.refuse_shut(books, book)
    scheme = await scheme_on(books, on)
    async with books.whole_house():
        found = await from_standings(
            books, _BY_DAYS, on, known_by=known_by, lenders=Lenders([book])
        )
    held = {
        balance.fund: -balance.net
        for balance in await balances.trial_balance(
            books.ledger, on, known_by=known_by, books=[book]
        )
        if balance.code == RESERVE
    }
    sums: defaultdict[tuple[str, int], list[int]] = defaultdict(lambda: [0, 0])
    for row in found:
        in_class = sums[row["fund"], scheme.place(row["days_past_due"])]
        in_class[0] += row["loans"]
        in_class[1] += row["principal"]
    funds = sorted({fund for fund, _ in sums} | {fund for fund, amount in held.items() if amount})
    return Reserves(
        organisation,
        on,
        scheme,
        tuple(
            FundReserve(
                fund,
                tuple(InClass(one, *sums[fund, n]) for n, one in enumerate(scheme.classes)),
                held.get(fund, 0),
            )
            for fund in funds
        ),
    )
