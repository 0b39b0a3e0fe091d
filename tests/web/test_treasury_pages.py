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
    client: httpx.AsyncClient, name: str, days: dict[str, str], node: str = NODE
) -> list[dict[str, Any]]:
    """The rows of a report of a node."""
    asked = {"node": node, "format": "json", **asked_of_api(days)}
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
        found = re.search(r'href="/loans/([^"?]+)', row)
        if found is None:
            continue
        loan = loans[unescape(found[1])]
        left = re.findall(r'class="m">([0-9,]+)<small>\.(\d\d)', row)[-1]
        assert int("".join(left).replace(",", "")) == paisa(loan["outstanding_principal"])


BEFORE_IT_LEFT: Final = "31-08-2025"
"""VO-03 and its three COs belonged to the union council that day, and have left it since."""


@pytest.mark.parametrize("which", ["", "late", "par_30", "rescheduled", "maturing_60"])
async def test_what_left_stands_without_a_name(treasurer: httpx.AsyncClient, which: str) -> None:
    """Its loans count on the day, in one sum; whatever is named can be opened."""
    page = await page_of(treasurer, f"/loans?at={NODE}&on={BEFORE_IT_LEFT}&which={which}")
    shown = set(re.findall(r'href="(/loans/[^"]+)"', page))
    if not which:
        assert "of organisations that have left since" in page
        assert shown
    for link in shown:
        assert (await treasurer.get(unescape(link))).status_code == 200, link
    assert "CO-07" not in page
    days = {"on": BEFORE_IT_LEFT}
    measured = {
        row["measure"]: paisa(row["numerator"])
        for row in await report(treasurer, "portfolio", days)
        if row["node"] == NODE
    }
    if which in measured:
        foot = page.partition("<tfoot>")[2]  # without a loan there is none
        amounts = re.findall(r'class="m">([0-9,]+)<small>\.(\d\d)', foot) or [("0", "0")]
        assert int("".join(amounts[-1]).replace(",", "")) == measured[which]


async def test_the_tree_of_a_day_has_what_may_be_read_today(treasurer: httpx.AsyncClient) -> None:
    """What left stands with the organisation itself, so that the sums hold."""
    for path in (f"/organisations/{NODE}", f"/organisations/{NODE}/parts/savings"):
        page = await page_of(treasurer, f"{path}?on={BEFORE_IT_LEFT}")
        assert "VO-01" in page
        assert "VO-03" not in page
        assert "CO-07" not in page
    page = await page_of(treasurer, f"/dues?at={NODE}&on={BEFORE_IT_LEFT}")
    assert "organisations that have left since" in page
    assert "CO-07" not in page


async def test_meetings_stand_as_they_stood_then(treasurer: httpx.AsyncClient) -> None:
    """A sheet of 9 March was written on the 11th, and taken back on the 24th."""

    async def row(days: str) -> str | None:
        page = await page_of(treasurer, f"/organisations/CO-05?{days}")
        found = re.search(r"<tr><th [^>]*><a [^>]*/sheets/S-0516/receipts.*?</tr>", page)
        return found and found[0]

    assert await row("on=20-03-2026&known=10-03-2026") is None
    assert "taken back" not in (await row("on=20-03-2026") or "taken back")
    assert "taken back" in (await row("on=24-03-2026") or "")
    assert "taken back" not in (await row("on=24-03-2026&known=23-03-2026") or "taken back")

    async def last_meeting(days: str) -> str:
        page = await page_of(treasurer, f"/organisations/VO-02?{days}")
        (tree,) = re.findall(r'class="led tree".*?</table>', page, re.DOTALL)
        (found,) = re.findall(r"/organisations/CO-05[?\"].*?</tr>", tree, re.DOTALL)
        return str(found).rpartition("<td>")[2]

    lags = "after <bdi"  # the other sheet of that day was written the same evening
    assert lags in await last_meeting("on=20-03-2026")
    assert lags not in await last_meeting("on=20-03-2026&known=10-03-2026")
    assert lags not in await last_meeting("on=24-03-2026")


async def test_an_unknown_list_of_loans_is_said(treasurer: httpx.AsyncClient) -> None:
    """With what to ask for instead."""
    english = {"Accept-Language": "en"}
    answer = await treasurer.get(f"/loans?at={NODE}&which=par_31", headers=english)
    assert answer.status_code == 422
    assert "par_30" in answer.text


async def test_a_loan_and_a_passbook_are_as_on_their_day(treasurer: httpx.AsyncClient) -> None:
    """What a figure opens to is of the same day, and says so."""
    for days in DAYS:
        query = "&".join(f"{name}={value}" for name, value in days.items())
        loans = [
            row
            for row in await report(treasurer, "loans", days)
            if Decimal(row["outstanding_principal"])
        ]
        assert loans
        for row in loans[::9]:
            page = await page_of(treasurer, f"/loans/{row['loan']}?{query}")
            left = re.findall(r'class="m"><small>Rs</small> ([0-9,]+)<small>\.(\d\d)', page)
            left_then = f"{paisa(row['outstanding_principal'])}"
            assert left_then in {"".join(one).replace(",", "") for one in left}, row
            assert "As it is today" in page
        saved = [
            row
            for row in await report(treasurer, "member-savings", days)
            if row["member"].startswith("M")
        ]
        assert saved
        for row in saved[::23]:
            page = await page_of(treasurer, f"/members/{row['member']}?{query}")
            amount = paisa(row["compulsory"]) + paisa(row["voluntary"])
            figures = re.findall(r'class="m"><small>Rs</small> ([0-9,]+)<small>\.(\d\d)', page)
            assert str(amount) == "".join(figures[0]).replace(",", "").lstrip("0") or amount == 0


async def test_dues_are_told_loan_by_loan(treasurer: httpx.AsyncClient) -> None:
    """The instalments of a lender add up to what stands in its row."""
    page = await page_of(treasurer, f"/dues?at={NODE}&on=01-03-2026")
    rows = re.findall(
        r'href="(/dues\?[^"]*lender=[^"]+)".*?data-part="(\d+)" data-column="month"',
        page,
    )
    assert rows
    for link, amount in rows:
        one = await page_of(treasurer, unescape(link))
        assert totals(one)["all"] == int(amount)


async def test_what_a_quarter_raised_opens_to_who_raised_it(treasurer: httpx.AsyncClient) -> None:
    """Each part is the report's of that organisation, and the parts are the whole."""
    page = await page_of(treasurer, f"/mobilisation?at={NODE}&on=30-06-2026")
    (link, *_) = re.findall(r'href="(/mobilisation\?[^"]*quarter=[^"]+)"', page)
    for path in (unescape(link), unescape(link).replace(NODE, "VO-01")):
        whole = await page_of(treasurer, path)
        node = NODE if NODE in path else "VO-01"
        mine = [
            row
            for row in await report(treasurer, "mobilisation", {"on": "30-06-2026"}, node)
            if row["node"] == node and row["period"] == "FY2026-Q4"
        ]
        assert mine
        shown = totals(whole)
        for row in mine:
            assert shown[row["category"]] == paisa(row["amount"])


async def test_who_reads_one_book_alone_has_a_home(of_one_book: httpx.AsyncClient) -> None:
    """It is the book; no word of her bar leads to what she may not see."""
    answer = await of_one_book.get("/")
    assert answer.headers["location"] == "/books/VO-01"
    answer = await of_one_book.get("/books/VO-01")
    bar = re.search(r'<header class="top">.*?<nav [^>]*>(.*?)</nav>', answer.text, re.DOTALL)
    assert bar is not None
    words = re.findall(r'href="([^"]+)"', bar[1])
    assert words
    for link in words:
        assert (await of_one_book.get(unescape(link))).status_code == 200, link
    assert (await of_one_book.get("/organisations/LSO-01")).status_code == 403


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
    whose = ("savings", "deposits", "borrowed", "owed", "to_pass_on", "capital")
    assert sides[1] == sum(shown[one] for one in whose)
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
