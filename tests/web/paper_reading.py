"""Reading papers back: their pages, their text, the amounts in it."""

from __future__ import annotations

import re
from decimal import Decimal
from io import BytesIO
from typing import TYPE_CHECKING, Final

from pypdf import PdfReader

if TYPE_CHECKING:
    import httpx

MOST_S: Final = 120
"""A child on a machine that runs all the other tests beside it."""
AMOUNT: Final = re.compile(r"−?\d[\d,]*\.\d\d(?!\d)")  # noqa: RUF001 - minus as papers have it
_ISOLATES: Final = re.compile("[\u2066-\u2069]")


async def paper(client: httpx.AsyncClient, address: str, language: str = "en") -> PdfReader:
    """A paper of the service, read back."""
    headers = {"Accept-Language": language}
    answer = await client.get(address, headers=headers, timeout=MOST_S)
    assert answer.status_code == 200, answer.text
    assert answer.headers["content-type"] == "application/pdf"
    assert answer.headers["cache-control"] == "no-store"
    return PdfReader(BytesIO(answer.content))


def text_of(read: PdfReader) -> str:
    """All text of a paper."""
    return _ISOLATES.sub("", "\n".join(page.extract_text() for page in read.pages))


def amounts(text: str) -> list[Decimal]:
    """Every amount of a text, in its order."""
    return [
        Decimal(found.replace(",", "").replace("−", "-"))  # noqa: RUF001 - as above
        for found in AMOUNT.findall(text)
    ]
