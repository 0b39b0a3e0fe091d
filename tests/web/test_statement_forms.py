"""A statement or report is the same as paper, workbook and plain columns that its page offers."""

from __future__ import annotations

import csv
import io
import re
from decimal import Decimal
from html import unescape
from typing import TYPE_CHECKING, Final

import pytest

from service.reports.registry import REPORTS
from service.statements.registry import STATEMENTS
from tests.api.helpers import one_officer
from tests.support.workbooks import sheets
from tests.web.forms import page_of
from tests.web.paper_reading import MOST_S, amounts, paper, text_of

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

    import httpx
    from fastapi import FastAPI

AMOUNT: Final = re.compile(r"-?\d+\.\d\d")
DAYS: Final = "from=01-04-2026&on=30-06-2026&known=01-07-2026"
DAY: Final = "on=30-06-2026&known=01-07-2026"
LONG: Final = frozenset({"journal", "schedules"})
"""Of these a CO has pages enough."""
REPORTED: Final = [
    (f"{'CO-01' if name in LONG else 'VO-01'}/{name}?{DAY}", "en")
    for name in REPORTS
    if name not in STATEMENTS
]
ASKED: Final = [
    *REPORTED,
    (f"VO-01/trial-balance?{DAYS}&consolidated=1", "en"),
    (f"VO-01/trial-balance?{DAYS}&consolidated=1", "ur"),
    (f"VO-01/on-time-collection?{DAYS}&consolidated=1", "en"),
]


@pytest.fixture
async def auditor(council: FastAPI) -> AsyncIterator[httpx.AsyncClient]:
    """The browser of the auditor of the union council."""
    async with one_officer(council, "auditor") as client:
        yield client


@pytest.mark.parametrize(("at", "language"), ASKED, ids=[f"{at} {ln}" for at, ln in ASKED])
async def test_every_form_has_the_same_amounts(
    auditor: httpx.AsyncClient, at: str, language: str
) -> None:
    """Of the same days, as known then; the paper has the totals, too, and leads back here."""
    links = await _links(auditor, f"/books/{at}")
    assert list(links) == ["PDF", "XLSX", "CSV"]
    columns, *rows = csv.reader(io.StringIO((await auditor.get(links["CSV"])).text))
    assert rows
    workbook = sheets((await auditor.get(links["XLSX"], timeout=MOST_S)).content)
    (cells,) = workbook.values()
    begins = cells.index([*columns, *[""] * (len(cells[0]) - len(columns))])
    for row, of_workbook in zip(rows, cells[begins + 1 :], strict=False):
        assert _amounts(row) == [
            _in_paisa(cell)
            for said, cell in zip(row, of_workbook, strict=False)
            if AMOUNT.fullmatch(said)
        ]
    totals: list[dict[str, str]] = []
    if "/statements/" in links["CSV"]:
        totals = (await auditor.get(links["CSV"].replace("format=csv", ""))).json()["totals"]
    said = _amounts([cell for row in rows for cell in row])
    said += _amounts([value for total in totals for value in total.values()])
    text = text_of(await paper(auditor, links["PDF"], language))
    assert sorted(amounts(text)) == sorted(said)
    assert "30-06-2026" in text


async def test_a_consolidated_trial_balance_has_what_is_left(auditor: httpx.AsyncClient) -> None:
    """In its last column, in every form: the closing less what is eliminated."""
    at = f"/books/LSO-01/trial-balance?{DAYS}&consolidated=1"
    links = await _links(auditor, at)
    rows = [*csv.DictReader(io.StringIO((await auditor.get(links["CSV"])).text))]
    assert list(rows[0])[-1] == "consolidated"
    for row in rows:
        left = Decimal(row["closing"]) - Decimal(row["closing_eliminated"])
        assert Decimal(row["consolidated"]) == left
    assert any(Decimal(row["closing_eliminated"]) for row in rows)
    assert "Consolidated" in await page_of(auditor, at)


async def test_measures_of_a_portfolio_are_said_in_words(auditor: httpx.AsyncClient) -> None:
    """None as programs have it, in either language."""
    for language, said in (("en", "days late, or rescheduled"), ("ur", "دن سے زیادہ تاخیر")):
        at = f"/books/VO-01/portfolio?{DAY}"
        answer = await auditor.get(at, headers={"Accept-Language": language})
        assert said in answer.text
        assert not re.search(r"\b(par|maturing)_\d", answer.text)


@pytest.mark.parametrize("asked", ["from=2026-04-01", "fund=cif", "consolidated=true", "party=M-1"])
async def test_a_report_refuses_what_it_does_not_take(
    auditor: httpx.AsyncClient, asked: str
) -> None:
    """As a statement does: a paper that says less than it was asked would mislead."""
    answer = await auditor.get(f"/books/VO-01/par.pdf?{asked}", headers={"Accept-Language": "en"})
    assert answer.status_code == 422
    assert "Leave it out" in answer.text


async def _links(client: httpx.AsyncClient, at: str) -> dict[str, str]:
    """The forms that a page offers, by what they are called."""
    found = re.findall(
        r'<a class="btn" href="([^"]+)"><svg.*?</svg><bdi dir="ltr">(\w+)</bdi></a>',
        await page_of(client, at),
    )
    return {said: unescape(link) for link, said in found}


def _amounts(cells: list[str]) -> list[Decimal]:
    return [Decimal(cell) for cell in cells if AMOUNT.fullmatch(cell)]


def _in_paisa(cell: object) -> Decimal:
    return Decimal(str(cell)).quantize(Decimal("0.01"))
