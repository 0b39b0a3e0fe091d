"""Loans, products and holidays over HTTP."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from tests.api.helpers import all_pages, good, keyed, refused

if TYPE_CHECKING:
    import httpx

PRODUCT = {
    "code": "GOATS",
    "name": "Livestock",
    "fund": "own",
    "charge": "declining",
    "repayment": "equal_instalment",
    "rate_percent": "18.50",
    "rate_per": "year",
    "frequency": "month",
    "instalments": 10,
}
LOAN = {
    "code": "L-91",
    "lender": "CO-01",
    "member": "M-0003",
    "product": "FLAT",
    "principal": "600.00",
    "applied_on": "2026-06-20",
    "approved_on": "2026-06-25",
    "disbursed_on": "2026-06-29",
    "first_due_on": "2026-07-29",
    "instalments": 3,
}


async def test_a_product_is_written_down_once(client: httpx.AsyncClient) -> None:
    """With the steps and the rounding that go without saying."""
    made = good(await client.post("/v1/products", json=PRODUCT, headers=keyed("k-1")), 201)
    assert (made["rate_percent"], made["charge_step"], made["rounding"]) == (
        "18.5",
        "1.00",
        "half_up",
    )
    assert made in good(await client.get("/v1/products"))["items"]
    refused(
        await client.post("/v1/products", json=PRODUCT, headers=keyed("k-2")), 409, "already_exists"
    )


@pytest.mark.parametrize(
    "terms",
    [
        {"charge": "zero"},
        {"charge_basis": "actual", "grace_charge": 1},
        {"repayment": "open"},
    ],
)
async def test_terms_that_contradict_each_other_are_refused(
    client: httpx.AsyncClient, terms: dict[str, object]
) -> None:
    """The sentence names every contradiction."""
    response = await client.post("/v1/products", json={**PRODUCT, **terms}, headers=keyed("k-3"))
    refused(response, 422, "product_contradicts")


@pytest.mark.parametrize("rate", ["18.1234567", "1000", "-1", "1e3", 18.5, " 1"])
async def test_a_rate_is_a_plain_decimal(client: httpx.AsyncClient, rate: object) -> None:
    """Text, not negative, below a thousand per cent."""
    response = await client.post(
        "/v1/products", json={**PRODUCT, "rate_percent": rate}, headers=keyed("k-4")
    )
    refused(response, 422, "malformed")


async def test_holidays_move_due_dates_of_loans_paid_out_later(client: httpx.AsyncClient) -> None:
    """29 July becomes a holiday: the first instalment falls on the next day."""
    day = {"day": "2026-07-29", "name": "Local holiday"}
    assert good(await client.post("/v1/holidays", json=day), 201) == day
    good(await client.post("/v1/holidays", json=day), 201)
    july = {"first_on": "2026-07-01", "last_on": "2026-07-31"}
    assert good(await client.get("/v1/holidays", params=july))["items"] == [day]
    assert len(good(await client.get("/v1/holidays"))["items"]) == 3
    good(await client.post("/v1/loans", json=LOAN, headers=keyed("k-5")), 201)
    schedule = good(await client.get("/v1/loans/L-91"))["schedule"]
    assert [part["due_on"] for part in schedule] == ["2026-07-30", "2026-08-29", "2026-09-29"]


async def test_a_loan_is_not_approved_on_a_day_still_to_come(client: httpx.AsyncClient) -> None:
    """The problem points at the day."""
    later = {**LOAN, "approved_on": "2026-08-01"}
    answer = await client.post("/v1/loans", json=later, headers=keyed("k-later"))
    found = refused(answer, 422, "malformed")
    assert found["errors"][0]["pointer"] == "/approved_on"


async def test_a_loan_is_agreed_with_its_schedule(client: httpx.AsyncClient) -> None:
    """Principal sums to the loan; nothing is owed before it is paid out."""
    response = await client.post("/v1/loans", json=LOAN, headers=keyed("k-6"))
    assert good(response, 201)["fund"] == "own"
    found = good(await client.get(response.headers["Location"]))
    assert [part["principal"] for part in found["schedule"]] == ["200.00", "200.00", "200.00"]
    assert found["figures"][0]["paid_out"] is False
    assert found["terms"]["code"] == "FLAT"
    listed = good(await client.get("/v1/organisations/CO-01/loans"))["items"]
    assert [loan["code"] for loan in listed][-1] == "L-91"


async def test_loans_refuse_what_cannot_be(client: httpx.AsyncClient) -> None:
    """Unknown codes, two borrowers or none, itself, and terms that do not fit the product."""
    grace = {**PRODUCT, "code": "GRACE", "grace_principal": 5}
    good(await client.post("/v1/products", json=grace, headers=keyed("k-7")), 201)
    cases: tuple[tuple[dict[str, object], int, str], ...] = (
        ({"code": "L-01"}, 409, "already_exists"),
        ({"lender": "CO-99"}, 404, "not_found"),
        ({"member": "M-9999"}, 404, "not_found"),
        ({"product": "NONE"}, 404, "not_found"),
        ({"member": None, "organisation": "VO-99"}, 404, "not_found"),
        ({"member": None}, 422, "malformed"),
        ({"organisation": "VO-01"}, 422, "malformed"),
        ({"member": None, "organisation": "CO-01"}, 422, "malformed"),
        ({"product": "GRACE"}, 422, "contract_contradicts"),
        ({"instalments": 0}, 422, "malformed"),
        ({"principal": "0.00"}, 422, "malformed"),
    )
    for case, status, code in cases:
        refused(
            await client.post("/v1/loans", json={**LOAN, **case}, headers=keyed("k-8")),
            status,
            code,
        )
    refused(await client.get("/v1/loans/L-91"), 404, "not_found")


async def test_figures_are_those_of_the_report(client: httpx.AsyncClient) -> None:
    """For each day asked; a loan repaid or written off has figures too, in no report."""
    days = ["2026-04-30", "2026-06-30"]
    for day in days:
        rows = good(await client.get("/v1/reports/loans", params={"as_of": day}))["rows"]
        for row in rows:
            found = good(await client.get(f"/v1/loans/{row['loan']}", params={"as_of": day}))
            (figures,) = found["figures"]
            assert {k: v for k, v in row.items() if k != "loan"}.items() <= figures.items()
    gone = good(await client.get("/v1/loans/L-07", params={"as_of": days}))["figures"]
    assert [figures["closed"] for figures in gone] == [False, True]
    early = {"as_of": "2026-06-30", "known_by": "2026-03-11T00:00:00+05:00"}
    known = good(await client.get("/v1/loans/L-02", params=early))["figures"]
    assert known[0]["paid_out"] is False
    future = {"known_by": "2199-01-01T00:00:00+05:00"}
    refused(await client.get("/v1/loans/L-02", params=future), 422, "moment_unsettled")


async def test_loans_are_found_by_borrower_product_and_state(client: httpx.AsyncClient) -> None:
    """On any day, by what the book says; a recovery leaves a loan written off."""
    good(await client.post("/v1/loans", json=LOAN, headers=keyed("k-9")), 201)

    async def codes(lender: str = "CO-01", **asked: str) -> list[str]:
        path = f"/v1/organisations/{lender}/loans"
        pages = await all_pages(client, path, limit=1, **asked)
        return [loan["code"] for page in pages for loan in page]

    everything = ["L-02", "L-03", "L-04", "L-05", "L-06", "L-07", "L-09", "L-91"]
    assert await codes() == everything
    assert await codes(member="M-0003") == ["L-04", "L-09", "L-91"]
    assert await codes(product="FLAT", member="M-0003") == ["L-09", "L-91"]
    assert await codes("LSO-01", organisation="CO-01") == ["L-01"]
    assert await codes(organisation="CO-01") == []
    assert await codes(state="approved") == ["L-09", "L-91"]
    assert await codes(state="approved", as_of="2026-06-24") == ["L-09"]
    assert await codes(state="approved", as_of="2026-03-04") == []
    assert await codes(state="paid_out", as_of="2026-03-12") == everything[:6]
    assert await codes(state="written_off", as_of="2026-06-27") == []
    assert await codes(state="written_off") == ["L-07"]
    assert await codes("VO-01", state="paid_out") == ["L-08"]
    by_state = [await codes(state=one) for one in ("approved", "paid_out", "repaid", "written_off")]
    assert sorted(code for found in by_state for code in found) == everything


async def test_the_state_of_a_loan_agrees_with_its_figures(client: httpx.AsyncClient) -> None:
    """On every day that anything moved."""
    for day in ("2026-03-31", "2026-05-31", "2026-06-30"):
        listed: dict[str, str] = {}
        for state in ("approved", "paid_out", "repaid", "written_off"):
            asked = {"state": state, "as_of": day}
            answer = await client.get("/v1/organisations/CO-01/loans", params=asked)
            listed |= {loan["code"]: state for loan in good(answer)["items"]}
        for code, state in listed.items():
            found = good(await client.get(f"/v1/loans/{code}", params={"as_of": day}))
            (figures,) = found["figures"]
            assert figures["paid_out"] is (state != "approved")
            assert figures["closed"] is (state in {"repaid", "written_off"})


@pytest.mark.parametrize("asked", [{"state": "late"}, {"as_of": "soon"}, {"member": "a/b"}])
async def test_a_malformed_filter_of_loans_is_refused(
    client: httpx.AsyncClient, asked: dict[str, str]
) -> None:
    """The problem says which."""
    answer = await client.get("/v1/organisations/CO-01/loans", params=asked)
    errors = refused(answer, 422, "malformed")["errors"]
    assert [error["pointer"] for error in errors] == [f"/{name}" for name in asked]
