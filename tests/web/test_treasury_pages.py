"""A treasurer's pages: every figure is the API's, on the day asked and as known then."""

from __future__ import annotations

import re
from decimal import Decimal
from html import unescape
from typing import TYPE_CHECKING, Any, Final

import pytest

from tests.web.forms import page_of

if TYPE_CHECKING:
    import httpx

NODE: Final = "LSO-01"
DAYS: Final = (
    {"on": "31-03-2026"},
    {"on": "30-06-2026"},
    {"on": "30-06-2026", "known": "30-04-2026"},
)
SAVINGS: Final = ("2000", "2010")
MONEY: Final = ("1000", "1010", "1100", "1110")
_CELL: Final = re.compile(r'data-total="(-?\d+)" data-column="(\w+)"')


def asked_of_api(days: dict[str, str]) -> dict[str, str]:
    """The same days as the API is asked for them."""

    def iso(typed: str) -> str:
        return "-".join(reversed(typed.split("-")))

    found = {"as_of": iso(days["on"])}
    if "known" in days:
        found["known_by"] = f"{iso(days['known'])}T23:59:59.999999+05:00"
    return found


def totals(page: str) -> dict[str, int]:
    """The totals of a page in paisa, by column; the last where one comes twice."""
    return {column: int(paisa) for paisa, column in _CELL.findall(page)}


def paisa(amount: str) -> int:
    """Rupees of the API in paisa."""
    return int(Decimal(amount) * 100)


async def report(
    client: httpx.AsyncClient, name: str, days: dict[str, str]
) -> list[dict[str, Any]]:
    """The rows of a report of the node."""
    asked = {"node": NODE, "format": "json", **asked_of_api(days)}
    answer = await client.get(f"/v1/reports/{name}", params=asked)
    assert answer.status_code == 200, answer.text
    found: list[dict[str, Any]] = answer.json()["rows"]
    return found


@pytest.mark.parametrize("days", DAYS)
async def test_the_figures_of_a_union_council_are_those_of_the_reports(
    treasurer: httpx.AsyncClient, days: dict[str, str]
) -> None:
    """Savings, money and loans by the roll-up; what is late and at risk by the portfolio."""
    query = "&".join(f"{name}={value}" for name, value in days.items())
    page = await page_of(treasurer, f"/organisations/{NODE}?{query}")
    tree = page[page.index('class="led tree"') : page.index('id="heat"')]
    shown = totals(tree)
    rollup = await report(treasurer, "rollup", days)

    def consolidated(codes: tuple[str, ...]) -> int:
        return sum(paisa(row["consolidated"]) for row in rollup if row["code"] in codes)

    assert shown["saved"] == -consolidated(SAVINGS)
    assert shown["money"] == consolidated(MONEY)
    assert shown["lent"] == consolidated(("1300", "1310"))
    (risk,) = [row for row in await report(treasurer, "par", days) if row["days"] == 30]
    assert shown["lent"] == paisa(risk["denominator"])
    figures = re.findall(r'class="m"><small>Rs</small> ([0-9,]+)<small>(\.\d\d)', page)
    assert risk["numerator"] in ["".join(one).replace(",", "") for one in figures]


@pytest.mark.parametrize("days", DAYS)
async def test_the_loans_of_a_union_council_add_up_to_its_portfolio(
    treasurer: httpx.AsyncClient, days: dict[str, str]
) -> None:
    """Loan by loan as the report has them; those between two of its books are not among them."""
    query = "&".join(f"{name}={value}" for name, value in days.items())
    page = await page_of(treasurer, f"/loans?at={NODE}&{query}")
    (risk,) = [row for row in await report(treasurer, "par", days) if row["days"] == 30]
    foot = page[page.index("<tfoot>") :]
    amounts = re.findall(r'class="m">([−0-9,]+)<small>\.(\d\d)', foot)  # noqa: RUF001 - minus as the pages have it
    assert int("".join(amounts[-1]).replace(",", "")) == paisa(risk["denominator"])
    loans = {row["loan"]: row for row in await report(treasurer, "loans", days)}
    rows = re.findall(r"<tr><th scope=\"row\">.*?</tr>", page, re.DOTALL)
    for row in rows:
        found = re.search(r'href="/loans/([^"]+)"', row)
        if found is None:
            continue
        loan = loans[unescape(found[1])]
        left = re.findall(r'class="m">([0-9,]+)<small>\.(\d\d)', row)[-1]
        assert int("".join(left).replace(",", "")) == paisa(loan["outstanding_principal"])


async def test_mobilised_is_what_the_report_says(treasurer: httpx.AsyncClient) -> None:
    """Every category of every quarter."""
    days = {"on": "30-06-2026"}
    page = await page_of(treasurer, f"/mobilisation?at={NODE}&on=30-06-2026")
    rows = [row for row in await report(treasurer, "mobilisation", days) if row["node"] == NODE]
    sums: dict[str, int] = {}
    for row in rows:
        sums[row["category"]] = sums.get(row["category"], 0) + paisa(row["amount"])
    shown = totals(page)
    assert {key: sums.get(key, 0) for key in shown if key != "all"} == {
        key: value for key, value in shown.items() if key != "all"
    }
    for row in rows:
        if row["category"] != "savings_withdrawn":
            assert f'data-part="{paisa(row["amount"])}" data-column="{row["category"]}"' in page


async def test_funds_are_the_trial_balance_of_the_book(treasurer: httpx.AsyncClient) -> None:
    """Where a fund is, and whose: both sides are equal."""
    days = {"on": "30-06-2026"}
    page = await page_of(treasurer, f"/funds?at={NODE}&on=30-06-2026")
    asked = {"node": NODE, "format": "json", **asked_of_api(days)}
    answer = await treasurer.get("/v1/reports/trial-balance", params=asked)
    mine = [row for row in answer.json()["rows"] if row["org"] == NODE]

    def net(*codes: str) -> int:
        return sum(
            paisa(row["debit"]) - paisa(row["credit"]) for row in mine if row["code"] in codes
        )

    shown = totals(page)
    assert shown["money"] == net(*MONEY)
    assert shown["lent"] == net("1300", "1310")
    assert shown["borrowed"] == -net("2200")
    sides = [int(one) for one in re.findall(r'data-total="(-?\d+)" data-column="all"', page)]
    assert len(sides) == 2
    assert sides[0] == sides[1]


async def test_a_part_adds_up_to_its_book(treasurer: httpx.AsyncClient) -> None:
    """The savings of the union council by book are those of each CO's accounts."""
    page = await page_of(treasurer, f"/organisations/{NODE}/parts/savings?on=30-06-2026")
    rows = dict(
        re.findall(
            r'href="/books/([^/"]+)/accounts\?[^"]*".*?</a></th><td class="num" data-part="(\d+)"',
            page,
        )
    )
    assert rows
    for code, amount in rows.items():
        accounts = await page_of(treasurer, f"/books/{code}/accounts?codes=2000,2010&on=30-06-2026")
        sums = re.findall(r'data-total="(-?\d+)" data-column="net"', accounts)
        assert sum(map(int, sums)) == int(amount)


async def test_days_that_cannot_be_are_said(treasurer: httpx.AsyncClient) -> None:
    """A day to come, or none at all; the page says what to do."""
    for on in ("31-12-2199", "31-02-2026", "yesterday"):
        answer = await treasurer.get(f"/organisations/{NODE}?on={on}")
        assert answer.status_code == 422
        assert "malformed" in answer.text
    answer = await treasurer.get(f"/books/{NODE}/accounts/3?after=nowhere")
    assert answer.status_code == 422


async def test_nobody_sees_a_union_council_that_is_not_theirs(
    treasurer: httpx.AsyncClient, of_a_village: httpx.AsyncClient
) -> None:
    """Whoever looks after a village sees that it is there, and nothing of its books."""
    for path in (
        f"/organisations/{NODE}",
        f"/organisations/{NODE}/parts/savings",
        f"/loans?at={NODE}",
        f"/funds?at={NODE}",
        f"/funds?at={NODE}&below=1",
        f"/mobilisation?at={NODE}",
        f"/dues?at={NODE}",
        f"/books/{NODE}/accounts",
        f"/books/{NODE}/accounts/1",
        f"/books/{NODE}/entries/1",
        "/organisations/VO-02",
        "/books/CO-06/accounts",
    ):
        assert (await treasurer.get(path)).status_code == 200, path
        assert (await of_a_village.get(path)).status_code in {403, 404}, path
    assert (await of_a_village.get("/organisations/VO-01")).status_code == 200
