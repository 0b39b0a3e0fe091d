"""The CIF statement: what capital was received, borrowed, lent, recovered, and is outstanding.

Of one book, or consolidated over the books under a node on the last day, each with its whole
history: then loans between two of them stand apart as eliminated, and what is lent agrees with
the roll-up of 1300 and 1310 less what is eliminated. Principal only. In every row

    opening + given - returned - written off = closing

Where a book is counted that is under the node no more, parties are not named, for it is no longer
the node's to read: rows are by part and tier alone.

By part: `capital`, CIF received from outside (3100); `borrowed`, from each lender above (2200);
`lent`, to each member and organisation (1300, 1310), by tier; `eliminated`. Source: DOMAIN 8.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final, NamedTuple

from ledger.calendar import business_date
from ledger.postgres.settled import refuse_unsettled
from ledger.postgres.sql import beside
from service import access
from service.statements.statement import Content, each, summed
from service.tables.columns import Column, Form

if TYPE_CHECKING:
    from service.books import Books
    from service.statements.statement import Scope

CIF: Final = (
    Column("part"),
    Column("tier"),
    Column("party"),
    Column("opening", Form.MONEY),
    Column("given", Form.MONEY),
    Column("returned", Form.MONEY),
    Column("written_off", Form.MONEY),
    Column("closing", Form.MONEY),
)
_STATEMENT: Final = beside(__file__, "cif.sql")


class CifRow(NamedTuple):
    """What passed between a fund and one party over a period, in paisa."""

    part: str
    tier: str
    """What the party is: a kind of organisation, a member, or nobody in particular, outside."""
    party: str
    opening: int
    given: int
    """Received as capital, borrowed, or lent."""
    returned: int
    """Of capital, of what was borrowed, or recovered of what was lent."""
    written_off: int

    @property
    def closing(self) -> int:
        """What is outstanding at the end."""
        return self.opening + self.given - self.returned - self.written_off


async def statement(books: Books, scope: Scope) -> Content:
    """Capital, borrowings and loans of a fund, by party; totals by part and tier."""
    asked = scope.asked
    await refuse_unsettled(books.ledger, asked.known_by)
    await access.refuse_shut(books, scope.book)
    async with books.whole_house():
        found = await books.ledger.fetch(
            _STATEMENT,
            scope.book,
            scope.first_on,
            scope.last_on,
            asked.known_by,
            asked.fund,
            not asked.consolidated,
            business_date(books.now),
        )
    rows = [CifRow(*row) for row in found]
    return Content(each(rows), [*summed(rows, CIF, "part"), *summed(rows, CIF, "part", "tier")])
