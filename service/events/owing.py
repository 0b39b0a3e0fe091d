"""What a member still owes after her settlement: it stays on her loans."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ledger.money import rupees
from service.loans import contracts, history
from service.loans.figures import figures

if TYPE_CHECKING:
    from service.books import Books
    from service.events.event import Event


async def still_owed(books: Books, event: Event) -> list[dict[str, str]]:
    """Every loan of hers that is not closed at the end of the day, with its parts in rupees."""
    found = await contracts.of_lender(
        books, event.organisation, member=event.counterparty, limit=MOST_LOANS
    )
    moves = await history.moves_of(books, found, event.happened_on)
    owed = []
    for loan in found:
        stands = figures(
            loan.contract, loan.schedule, moves[loan.code], event.happened_on, loan.changes
        )
        if stands.paid_out and not stands.closed:
            owed.append(
                {
                    "loan": loan.code,
                    "principal": rupees(stands.outstanding_principal),
                    "overdue_charge": rupees(stands.overdue_charge),
                    "overdue_fine": rupees(stands.overdue_fine),
                }
            )
    return owed


MOST_LOANS = 10_000
"""More than any member ever had."""
