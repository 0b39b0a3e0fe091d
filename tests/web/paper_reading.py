"""Reading papers back: their pages, their text, the amounts in it."""

from __future__ import annotations

import re
from decimal import Decimal
from typing import TYPE_CHECKING, Final

from pypdfium2 import PdfDocument

if TYPE_CHECKING:
    import httpx

MOST_S: Final = 120
"""A child on a machine that runs all the other tests beside it."""
AMOUNT: Final = re.compile(r"−?\d[\d,]*\.\d\d(?!\d)")  # noqa: RUF001 - minus as papers have it
_ISOLATES: Final = re.compile("[\u2066-\u2069]")


async def paper(client: httpx.AsyncClient, address: str, language: str = "en") -> PdfDocument:
    """A paper of the service, read back."""
    headers = {"Accept-Language": language}
    answer = await client.get(address, headers=headers, timeout=MOST_S)
    assert answer.status_code == 200, answer.text
    assert answer.headers["content-type"] == "application/pdf"
    assert answer.headers["cache-control"] == "no-store"
    return PdfDocument(answer.content)


def text_of(read: PdfDocument) -> str:
    """All text of a paper, as a reader of papers finds it: PDFium, which browsers have."""
    pages = (page.get_textpage().get_text_range() for page in read)
    return _ISOLATES.sub("", "\n".join(pages)).replace("\r\n", "\n")


def amounts(text: str) -> list[Decimal]:
    """Every amount of a text, in its order."""
    return [
        Decimal(found.replace(",", "").replace("−", "-"))  # noqa: RUF001 - as above
        for found in AMOUNT.findall(text)
    ]
