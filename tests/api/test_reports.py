"""Reports over HTTP, against the reference files."""

from __future__ import annotations

import csv
import io
import re
from typing import TYPE_CHECKING, Any

import pytest

from service.reports.rendering import FORMS
from service.tables.columns import Column, Form
from tests.api.helpers import ONE_CO, good, refused
from tests.support import workbooks

if TYPE_CHECKING:
    import httpx

EXPECTED = ONE_CO / "expected"
FILES = {path.stem.replace("_", "-"): path.read_bytes().decode() for path in EXPECTED.glob("*.csv")}
"""The reference files by the names of their reports."""
KNOWN = list(csv.DictReader(io.StringIO(FILES.pop("trial-balance-known"))))
"""The one of two moments, which is compared moment by moment."""
AMOUNT = re.compile(r"-?\d+\.\d\d")
UNDATED = {"schedules", "journal", "mobilisation"}


async def test_all_reports_are_listed(client: httpx.AsyncClient) -> None:
    """With whether each needs a day."""
    items = good(await client.get("/v1/reports"))["items"]
    assert {item["name"] for item in items if not item["dated"]} == UNDATED
    assert {item["name"] for item in items} == {*FILES, "portfolio"}


async def test_the_portfolio_of_a_node_is_that_of_the_paper(client: httpx.AsyncClient) -> None:
    """FORMAT, part 6: VO-01 on 15 June, without its own loan to its CO."""
    asked = {"as_of": "2026-06-15", "node": "VO-01"}
    rows = good(await client.get("/v1/reports/portfolio", params=asked))["rows"]
    assert {row["denominator"] for row in rows} == {"4167.00"}
    found = {row["measure"]: row["numerator"] for row in rows}
    assert (found["par_0"], found["par_1"], found["par_30"], found["par_60"]) == (
        "4167.00",
        "4167.00",
        "3667.00",
        "0.00",
    )
    assert (found["rescheduled"], found["maturing_90"]) == ("0.00", "0.00")


@pytest.mark.parametrize("name", FILES)
async def test_csv_is_the_reference_file_byte_for_byte(
    client: httpx.AsyncClient, name: str
) -> None:
    """Columns, order, line ends."""
    expected = FILES[name]
    days = {row["as_of"] for row in csv.DictReader(io.StringIO(expected)) if "as_of" in row}
    asked = {"as_of": sorted(days), "format": "csv"}
    response = await client.get(f"/v1/reports/{name}", params=asked)
    assert response.headers["content-type"] == "text/csv; charset=utf-8"
    assert response.content == expected.encode()


async def test_trial_balances_as_known_are_those_of_the_file(client: httpx.AsyncClient) -> None:
    """For each day and moment of the reference file."""
    rows = KNOWN
    for day, moment in sorted({(row["as_of"], row["known_by"]) for row in rows}):
        asked = {"as_of": day, "known_by": moment}
        found = good(await client.get("/v1/reports/trial-balance", params=asked))
        wanted = [r for r in rows if (r["as_of"], r["known_by"]) == (day, moment)]
        assert found["rows"] == wanted


async def test_json_is_the_same_table(client: httpx.AsyncClient) -> None:
    """Name, columns, and rows by column."""
    asked = {"as_of": "2026-06-30"}
    found = await client.get("/v1/reports/par", params=asked)
    table = good(found)
    text = (await client.get("/v1/reports/par", params={**asked, "format": "csv"})).text
    rows = list(csv.DictReader(io.StringIO(text)))
    assert (table["name"], table["columns"]) == ("par", list(rows[0]))
    assert [{k: str(v) for k, v in row.items()} for row in table["rows"]] == rows
    assert found.headers["content-type"] == "application/json"


async def test_reports_refuse_what_cannot_be_asked(client: httpx.AsyncClient) -> None:
    """An unknown report or node, no day, a moment to come, an odd format."""
    cases: tuple[tuple[str, dict[str, Any], int, str], ...] = (
        ("nothing", {}, 404, "not_found"),
        ("par", {}, 422, "malformed"),
        ("par", {"as_of": "2026-06-30", "node": "VO-99"}, 404, "not_found"),
        ("par", {"as_of": "30-06-2026"}, 422, "malformed"),
        ("par", {"as_of": ["2026-06-30"] * 101}, 422, "malformed"),
        ("par", {"as_of": "2026-06-30", "format": "pdf"}, 422, "malformed"),
        (
            "par",
            {"as_of": "2026-06-30", "known_by": "2199-01-01T00:00:00Z"},
            422,
            "moment_unsettled",
        ),
    )
    for name, asked, status, code in cases:
        refused(await client.get(f"/v1/reports/{name}", params=asked), status, code)


@pytest.mark.parametrize("name", [*FILES, "portfolio"])
async def test_the_workbook_of_a_report_has_what_json_has(
    client: httpx.AsyncClient, name: str
) -> None:
    """Every amount is a number, every day a day, every code text."""
    asked = {"as_of": "2026-06-30", "known_by": "2026-08-01T00:00:00+05:00"}
    table = good(await client.get(f"/v1/reports/{name}", params=asked))
    response = await client.get(f"/v1/reports/{name}", params=asked | {"format": "xlsx"})
    columns = [Column(column, FORMS.get(column, Form.TEXT)) for column in table["columns"]]
    found = workbooks.read(response.content, columns)
    assert found.columns == table["columns"]
    assert found.rows == [[str(cell) for cell in row.values()] for row in table["rows"]]
    assert found.rows
    assert found.head["as_of"] == "2026-06-30"
    texts = {column for column in table["columns"] if column not in FORMS}
    assert not any(AMOUNT.fullmatch(str(row[text])) for row in table["rows"] for text in texts)
