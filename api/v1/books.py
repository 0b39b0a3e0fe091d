"""The book of an organisation: its head, its entries, and the closing of periods."""

from __future__ import annotations

from datetime import date
from http import HTTPStatus
from typing import Annotated, Any, Final

from fastapi import APIRouter, Depends, Query, Request, Response
from pydantic import ConfigDict, Field

from api.dependencies import FirstOn, LastOn, ReadBooks, StreamedBooks, WriteBooks
from api.errors import declared, with_body
from api.fields import Answer, Asked, Code, Cursor, Day, PostedAt, Prose, Rupees, VoucherNo
from api.paging import LINKED, AfterNo, Limit, cut
from api.streaming import Streamed, as_ndjson
from ledger.entries import Entry, Kind, Line
from ledger.postgres.books import BookHead
from ledger.postgres.chain import ChainLink
from ledger.postgres.journal import Only
from ledger.refusals import DatedInFuture, PeriodClosed
from service import bookkeeping
from service.refusals import NotFound

router = APIRouter(prefix="/organisations/{code}", tags=["books"])


class BookAnswer(Answer):
    """The end of a book: what the next entry continues."""

    organisation: str
    last_no: int = Field(description="The newest voucher number; numbers have no gaps.")
    head_hash: str = Field(description="The seal of the newest entry, in hexadecimal.")
    last_posted_at: PostedAt | None
    closed_to: date | None = Field(description="Nothing is posted on this day or before.")

    @classmethod
    def of(cls, organisation: str, head: BookHead) -> BookAnswer:
        """The answer for a head."""
        return cls(
            organisation=organisation,
            last_no=head.last_no,
            head_hash=head.head_hash.hex(),
            last_posted_at=head.last_posted_at,
            closed_to=head.closed_to,
        )


class LineAnswer(Answer):
    """A debit or a credit."""

    code: str
    fund: str
    party: str
    subject: str
    debit: Rupees
    credit: Rupees

    @classmethod
    def of(cls, line: Line) -> LineAnswer:
        """The answer for a line."""
        account, subject = line.account._asdict(), line.subject
        return cls(**account, subject=subject, debit=line.debit, credit=line.credit)


class OtherHalf(Answer):
    """The other half of a transfer, in another book; its number there."""

    no: int


class EntryAnswer(Answer):
    """A posted entry: balanced, numbered, dated and sealed."""

    no: int
    value_date: date
    posted_at: PostedAt
    recorded_at: PostedAt
    kind: Kind
    narrative: str
    actor: str
    reference: str
    reverses: int | None = Field(description="The number of the entry that it undoes.")
    counterpart: OtherHalf | None
    lines: list[LineAnswer]
    hash: str

    @classmethod
    def of(cls, entry: Entry) -> EntryAnswer:
        """The answer for an entry."""
        return cls(
            no=entry.ref.no,
            value_date=entry.value_date,
            posted_at=entry.posted_at,
            recorded_at=entry.recorded_at,
            kind=entry.kind,
            narrative=entry.narrative,
            actor=entry.actor,
            reference=entry.reference,
            reverses=entry.reverses,
            counterpart=entry.counterpart and OtherHalf(no=entry.counterpart.no),
            lines=[LineAnswer.of(line) for line in entry.lines],
            hash=entry.hash.hex(),
        )


class EntryPage(Answer):
    """Entries in the order of their numbers."""

    items: list[EntryAnswer]


class ProofAnswer(Answer):
    """What was proven, and what does not hold."""

    books: int
    entries: int
    lines: int
    holds: bool
    findings: list[str] = Field(description="What does not hold: book, entry and account.")


Below = Annotated[bool, Query(description="With the books of all below it.")]
CHAIN: Final[dict[str, Any]] = {"content": {"application/x-ndjson": {"schema": {"type": "string"}}}}


class ClosingAsked(Asked):
    """Up to which day a book is closed for good, and why."""

    model_config = ConfigDict(
        json_schema_extra={
            "examples": [{"closed_to": "2026-03-31", "reason": "The third quarter is audited"}]
        }
    )

    closed_to: Day
    reason: Prose


@router.get("/book", responses=declared(NotFound))
async def get_book(code: Code, books: ReadBooks) -> BookAnswer:
    """The head of an organisation's book."""
    return BookAnswer.of(code, await bookkeeping.head(books, code))


async def _only(
    first_on: FirstOn = None,
    last_on: LastOn = None,
    kind: Annotated[Kind | None, Query(description="Entries of this kind alone.")] = None,
    actor: Annotated[
        Cursor | None,
        Query(description="Those that this person made, alone or as one of two officers."),
    ] = None,
    reference: Annotated[
        Cursor | None, Query(description="Those of this document, such as a sheet, by its code.")
    ] = None,
    fund: Annotated[Code | None, Query(description="Those with a line of this fund.")] = None,
    account_code: Annotated[
        Code | None,
        Query(description="Those with a line of this code of the chart of accounts, of that fund."),
    ] = None,
) -> Only:
    return Only(first_on, last_on, kind, actor, reference, fund, account_code)


@router.get("/entries", responses={200: LINKED, **declared(NotFound)})
async def list_entries(
    code: Code,
    books: ReadBooks,
    only: Annotated[Only, Depends(_only)],
    request: Request,
    response: Response,
    limit: Limit = 100,
    after: AfterNo = 0,
) -> EntryPage:
    """The entries of a book in the order of their numbers."""
    found = await bookkeeping.entries(books, code, only=only, after=after, limit=limit + 1)
    page = cut(found, limit, lambda entry: entry.ref.no, request=request, response=response)
    return EntryPage(items=[EntryAnswer.of(entry) for entry in page])


@router.get(
    "/chain",
    response_class=Response,
    responses={200: CHAIN, **declared(NotFound)},
)
async def get_chain(
    code: Code, _place: Streamed, books: StreamedBooks, after: AfterNo = 0
) -> Response:
    """The whole chain of a book: of each entry the text whose SHA-256 is its hash.

    One JSON object a line. The text of an entry names the hash before; the last hash is the
    head of the book. An object `{"links": n}` ends it.
    """
    found = await bookkeeping.chain(books, code, after=after)
    head = {"organisation": code, "after": after}
    return await as_ndjson(head, ChainLink._fields, found, totals=None)


@router.get("/proof", responses=declared(NotFound))
async def get_proof(code: Code, books: ReadBooks, below: Below = False) -> ProofAnswer:  # noqa: FBT002 - a query parameter
    """Prove a book again from its lines, or those of all below it, this moment."""
    found = await bookkeeping.proof(books, code, below=below)
    return ProofAnswer(
        books=found.books,
        entries=found.entries,
        lines=found.lines,
        holds=not found.findings,
        findings=[str(finding) for finding in found.findings],
    )


@router.get("/entries/{no}", responses=declared(NotFound))
async def get_entry(code: Code, no: VoucherNo, books: ReadBooks) -> EntryAnswer:
    """One entry by its voucher number."""
    return EntryAnswer.of(await bookkeeping.entry(books, code, no))


@router.post(
    "/closings",
    status_code=HTTPStatus.CREATED,
    responses=with_body(NotFound, PeriodClosed, DatedInFuture),
)
async def close_book(code: Code, asked: ClosingAsked, books: WriteBooks) -> BookAnswer:
    """Close a book up to and with a day that is over. It is never opened again."""
    head = await bookkeeping.close_period(books, code, asked.closed_to, reason=asked.reason)
    return BookAnswer.of(code, head)
