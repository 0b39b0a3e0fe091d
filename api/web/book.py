"""The book of an organisation: whether it holds, how far it is, and what can be read of it."""

from __future__ import annotations

from typing import Final

from fastapi import Request, Response

from api.web import desk, headings, trial
from api.web.desk import Known, On
from api.web.doors import to_read
from api.web.reader import Reader
from api.web.route import router
from service import bookkeeping, organisations
from service.organisations import OrganisationKind

pages = router()


def _(message: str) -> str:
    """Marks a string for the catalogues; it is said where the reader is known."""
    return message


SHELVES: Final = (
    (_("What the book says"), ("trial-balance", "balance-sheet", "income-and-expenditure",
        "receipts-and-payments", "cif-statement", "mobilisation")),
    (_("Line by line"), ("day-book", "cash-book", "general-ledger", "journal")),
    (_("Loans and savings"), ("dcbo", "on-time-collection", "loans", "schedules", "par",
        "portfolio", "member-savings")),
    (_("For whoever checks"), ("reversal-log", "number-gaps")),
)  # fmt: skip
"""All statements and reports there are of a book, but the roll-up, as they stand on its page.

The statement of one account is opened from the list of accounts.
"""
OF_NODES: Final = ("rollup",)
"""Reports that only an organisation with others below it has."""


@pages.get("/books/{code}")
async def book_page(request: Request, code: str, on: On = "", known: Known = "") -> Response:
    """The proof of a book, its head, and all that can be read of it."""
    async with to_read(request) as books:
        at = await organisations.organisation(books, code)
        head = await bookkeeping.head(books, code)
        proof = await bookkeeping.proof(books, code, below=False)
        last = await bookkeeping.entry(books, code, head.last_no) if head.last_no else None
        reader = Reader.of(request)
        return await desk.render(
            request,
            books,
            "book.html",
            at=at,
            days=desk.days(books, on, known),
            word="statements",
            head=head,
            proof=proof,
            missing=head.last_no - proof.entries,
            last=last,
            now=books.now,
            shelves=SHELVES,
            of_co=at.kind is OrganisationKind.CO,
            of_nodes=OF_NODES,
            statement_title=lambda name: headings.title(reader, name),
            **trial.names(reader),
        )
