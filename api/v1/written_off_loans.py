"""Loans that were written off and are still owed."""

from __future__ import annotations

from datetime import date

from fastapi import APIRouter, Request, Response

from api.dependencies import AsOfDay, ReadBooks
from api.errors import declared
from api.fields import Answer, Code, Rupees
from api.paging import LINKED, After, Limit, cut
from ledger.calendar import business_date
from service.loans import written_off
from service.loans.written_off import WrittenOff
from service.refusals import NotFound

router = APIRouter(tags=["loans"])


class WrittenOffTotals(Answer):
    """Of all loans that are written off, whatever page they are on."""

    loans: int
    written_off: Rupees
    recovered: Rupees
    still_owed: Rupees


class WrittenOffAnswer(Answer):
    """A loan that was written off, and what came in since."""

    loan: str
    borrower: str
    written_off: Rupees
    recovered: Rupees
    still_owed: Rupees

    @classmethod
    def of(cls, found: WrittenOff) -> WrittenOffAnswer:
        """The answer for one loan."""
        return cls(**found._asdict(), still_owed=found.still_owed)


class WrittenOffPage(Answer):
    """Loans in the order of their codes, as at the close of a day."""

    as_of: date
    items: list[WrittenOffAnswer]
    totals: WrittenOffTotals


@router.get(
    "/organisations/{code}/written-off-loans", responses={200: LINKED, **declared(NotFound)}
)
async def list_written_off_loans(
    code: Code,
    books: ReadBooks,
    request: Request,
    response: Response,
    as_of: AsOfDay = None,
    limit: Limit = 100,
    after: After = "",
) -> WrittenOffPage:
    """The loans that an organisation gave and wrote off, with what borrowers brought since."""
    on = as_of or business_date(books.now)
    found = await written_off.of_lender(books, code, on)
    later = [one for one in found if one.loan > after][: limit + 1]
    page = cut(later, limit, lambda one: one.loan, request=request, response=response)
    return WrittenOffPage(
        as_of=on,
        items=[WrittenOffAnswer.of(one) for one in page],
        totals=WrittenOffTotals(
            loans=len(found),
            written_off=sum(one.written_off for one in found),
            recovered=sum(one.recovered for one in found),
            still_owed=sum(one.still_owed for one in found),
        ),
    )
