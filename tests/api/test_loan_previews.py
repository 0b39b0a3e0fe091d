"""Loans tried before anyone signs, over HTTP and on the command line."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any, Final

import pytest
from typer.testing import CliRunner

from jobs.cli import app
from jobs.previewing import TermsMalformed
from service.loans.terms import ProductContradicts
from tests.api.helpers import good, refused

if TYPE_CHECKING:
    import httpx

URL: Final = "/v1/loan-previews"
TERMS: Final = {
    "charge": "declining",
    "repayment": "equal_instalment",
    "rate_percent": "24",
    "rate_per": "year",
    "frequency": "month",
}
AGAIN_AND_AGAIN: Final = {
    **TERMS,
    "frequency": "week",
    "fine": {"amount": "1.00", "every_period": True},
}
LOAN: Final = {
    "terms": TERMS,
    "principal": "15000.00",
    "disbursed_on": "2026-01-05",
    "first_due_on": "2026-02-05",
    "instalments": 12,
}


async def tried(client: httpx.AsyncClient, **more: object) -> Any:  # noqa: ANN401 - JSON
    """The answer to a loan with something else."""
    return good(await client.post(URL, json={**LOAN, **more}), 200)


async def test_a_product_that_is_written_down_is_tried(client: httpx.AsyncClient) -> None:
    """As in the examples of the onboarding bundle: 2,500, flat 18 % a year, three months."""
    asked = {**LOAN, "product": "FLAT", "principal": "2500.00", "instalments": 3}
    del asked["terms"]
    dates = {"disbursed_on": "2026-03-12", "first_due_on": "2026-04-12"}
    found = good(await client.post(URL, json={**asked, **dates}), 200)
    rows = [(row["principal"], row["charge"]) for row in found["instalments"]]
    assert rows == [("833.00", "38.00"), ("833.00", "38.00"), ("834.00", "37.00")]
    assert found["pay_off"] == "2613.00"


async def test_early_payments_lower_the_instalments(client: httpx.AsyncClient) -> None:
    """What they take off principal costs no charge any more."""
    terms = {**TERMS, "early": "smaller_instalments", "pay_off": "charge_to_day"}
    paid = [{"on": "2026-02-05", "amount": "3000.00"}]
    found = await tried(client, terms=terms, payments=paid)
    assert found["payments"] == [
        {
            "on": "2026-02-05",
            "amount": "3000.00",
            "fine": "0.00",
            "charge": "300.00",
            "principal": "2700.00",
            "over": "0.00",
        }
    ]
    assert {row["unpaid_principal"] for row in found["instalments"][:1]} == {"0.00"}
    totals = [float(row["total"]) for row in found["instalments"][1:-1]]
    assert set(totals) == {1257.0}


async def test_paying_off_what_it_says_pays_it_off(client: httpx.AsyncClient) -> None:
    """To the paisa, with a fine, on any day."""
    terms = {**TERMS, "pay_off": "charge_to_day", "fine": {"percent": "2"}}
    before = await tried(client, terms=terms, as_of="2026-03-20")
    paid = [{"on": "2026-03-20", "amount": before["pay_off"]}]
    after = await tried(client, terms=terms, payments=paid)
    assert before["figures"]["overdue_fine"] != "0.00"
    assert after["figures"]["closed"]
    assert after["pay_off"] == "0.00"
    assert after["payments"][0]["over"] == "0.00"


async def test_what_happens_later_does_not_count(client: httpx.AsyncClient) -> None:
    """Neither a payment nor a tranche nor a fine after the day."""
    later = {"on": "2026-06-05", "amount": "1000.00"}
    plain = await tried(client, as_of="2026-03-01")
    assert await tried(client, as_of="2026-03-01", payments=[later], fines=[later]) == plain


async def test_tranches_rates_and_other_days(client: httpx.AsyncClient) -> None:
    """Each changes what follows, and principal still comes to what was paid out."""
    found = await tried(
        client,
        tranches=[
            {"on": "2026-01-05", "amount": "10000.00"},
            {"on": "2026-03-05", "amount": "5000.00"},
        ],
        rate_changes=[{"on": "2026-05-05", "rate_percent": "30"}],
        reschedules=[
            {"on": "2026-06-05", "dues": ["2026-09-05", "2026-10-05"], "grace_principal": 1}
        ],
    )
    parts = found["instalments"]
    assert sum(float(part["principal"]) for part in parts) == 15000
    assert [part["due_on"] for part in parts[-2:]] == ["2026-09-05", "2026-10-05"]
    assert parts[-2]["principal"] == "0.00"


async def test_seasons_take_shares(client: httpx.AsyncClient) -> None:
    """After each harvest."""
    terms = {**TERMS, "repayment": "seasonal", "day_count": "actual_365"}
    seasons = [{"due_on": "2026-05-20", "parts": 2}, {"due_on": "2026-11-20", "parts": 1}]
    more = {"first_due_on": "2026-05-20", "instalments": 2}
    found = await tried(client, terms=terms, seasons=seasons, **more)
    charges = [round(15000 * 0.24 * 135 / 365), round(5000 * 0.24 * 184 / 365)]
    rows = [(row["principal"], row["charge"]) for row in found["instalments"]]
    assert rows == [("10000.00", f"{charges[0]}.00"), ("5000.00", f"{charges[1]}.00")]


async def test_fees_make_it_dearer(client: httpx.AsyncClient) -> None:
    """The yearly cost counts them where they are paid."""
    plain = await tried(client)
    terms = {**TERMS, "fees": [{"name": "form", "percent": "2", "taken": "deducted"}]}
    dearer = await tried(client, terms=terms)
    assert dearer["total_fees"] == "300.00"
    assert float(dearer["yearly_cost_percent"]) > float(plain["yearly_cost_percent"]) > 24


@pytest.mark.parametrize(
    ("more", "status", "code"),
    [
        ({"product": "FLAT"}, 422, "malformed"),
        ({"terms": None}, 422, "malformed"),
        ({"terms": None, "product": "NONE"}, 404, "not_found"),
        ({"terms": {**TERMS, "repayment": "open"}}, 422, "product_contradicts"),
        ({"terms": {**TERMS, "early": "shorter_term"}}, 422, "product_contradicts"),
        ({"terms": {**TERMS, "order": ["fine"]}}, 422, "product_contradicts"),
        ({"terms": {**TERMS, "grace_principal": 12}}, 422, "contract_contradicts"),
        ({"seasons": [{"due_on": "2026-02-05", "parts": 1}]}, 422, "contract_contradicts"),
        ({"payments": [{"on": "2026-02-05", "amount": "0.00"}]}, 422, "malformed"),
        ({"tranches": [{"on": "2026-01-05", "amount": "15000.01"}]}, 422, "malformed"),
        ({"instalments": 521}, 422, "malformed"),
        ({"terms": {**TERMS, "every": 52}, "instalments": 520}, 422, "product_contradicts"),
        ({"terms": AGAIN_AND_AGAIN, "instalments": 520, "as_of": "2055-01-01"}, 422, "malformed"),
    ],
)
async def test_what_cannot_be_tried_is_said(
    client: httpx.AsyncClient, more: dict[str, object], status: int, code: str
) -> None:
    """With the reason, and nothing is kept."""
    refused(await client.post(URL, json={**LOAN, **more}), status, code)


def test_the_command_line_tries_the_same() -> None:
    """From the input; as a table, or as the API answers."""
    runner = CliRunner()
    table = runner.invoke(app, ["loans", "preview", "-"], input=json.dumps(LOAN))
    assert table.exit_code == 0
    assert "17,023.00 pay it off." in table.output
    assert "It costs 26.97 % a year." in table.output
    answer = runner.invoke(app, ["loans", "preview", "--json", "-"], input=json.dumps(LOAN))
    assert len(json.loads(answer.output)["instalments"]) == 12


def test_the_command_line_says_what_is_wrong() -> None:
    """A field that is missing, a product that cannot be found, terms that contradict."""
    for said, trouble in (
        ({}, TermsMalformed),
        ({**LOAN, "terms": None, "product": "FLAT"}, TermsMalformed),
        ({**LOAN, "terms": {**TERMS, "repayment": "open"}}, ProductContradicts),
    ):
        found = CliRunner().invoke(app, ["loans", "preview", "-"], input=json.dumps(said))
        assert isinstance(found.exception, trouble)
