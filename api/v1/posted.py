"""The answer to every posting: the vouchers it made, which never change.

So a replay gives the first answer word for word, whatever happened in between.
"""

from __future__ import annotations

from datetime import date
from typing import Any, Final

from pydantic import Field
from starlette.responses import Response

from api.fields import Answer, PostedAt
from ledger.requests import Posted
from service import bookkeeping
from service.bookkeeping import Voucher
from service.books import Books

POSTED: Final[dict[str, Any]] = {
    "headers": {
        "Location": {"description": "Where the document is.", "schema": {"type": "string"}},
        "Idempotency-Replayed": {
            "description": "`true` where this key was answered before.",
            "schema": {"type": "string"},
        },
    }
}


class VoucherAnswer(Answer):
    """One entry in one book."""

    organisation: str
    no: int = Field(description="The voucher number in the organisation's book.")
    value_date: date
    posted_at: PostedAt
    kind: str
    reference: str = Field(description="The code of the sheet or event that it books.")
    hash: str = Field(description="The seal of the entry: SHA-256, in hexadecimal.")

    @classmethod
    def of(cls, voucher: Voucher) -> VoucherAnswer:
        """The answer for a voucher."""
        return cls(**{**voucher._asdict(), "hash": voucher.hash.hex()})


class PostedAnswer(Answer):
    """What was posted: all of it, or nothing would have been."""

    code: str = Field(description="The code of the document.")
    vouchers: list[VoucherAnswer]


async def present(
    books: Books, posted: Posted, code: str, *, at: str, response: Response
) -> PostedAnswer:
    """The vouchers of a posting; `at` is where its document is."""
    response.headers["Location"] = at
    if posted.replayed:
        response.headers["Idempotency-Replayed"] = "true"
    return await presented(books, posted, code)


async def presented(
    books: Books, posted: Posted, code: str, organisation: str | None = None
) -> PostedAnswer:
    """The vouchers of a posting; in the book of this organisation alone, where one is said."""
    found = await bookkeeping.vouchers_of(books, posted, organisation)
    return PostedAnswer(code=code, vouchers=[VoucherAnswer.of(voucher) for voucher in found])
