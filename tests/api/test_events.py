"""Events over HTTP: each kind, transfers, reversals."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ledger.money import parse_rupees
from service.events.event import TRANSFERS, EventKind
from tests.api.helpers import all_pages, balance, good, grant, keyed, refused

if TYPE_CHECKING:
    from typing import Any

    import httpx

DAY = "2026-06-29"


async def _post(client: httpx.AsyncClient, key: str, **event: object) -> httpx.Response:
    path = "/v1/transfers" if event.get("kind") in set(TRANSFERS) else "/v1/events"
    return await client.post(path, json=grant(**event), headers=keyed(key))


async def test_an_event_is_recorded_in_its_book(client: httpx.AsyncClient) -> None:
    """The event is found again, with its voucher; the bank holds the money."""
    before = await balance(client, "LSO-01", "1100", DAY)
    response = await _post(client, "k", counterparty="A donor")
    (voucher,) = good(response, 201)["vouchers"]
    found = good(await client.get(response.headers["Location"]))
    assert (found["entry_no"], found["amount"]) == (voucher["no"], "2500.50")
    listed = good(await client.get("/v1/organisations/LSO-01/events"))["items"]
    assert found in listed
    after = await balance(client, "LSO-01", "1100", DAY)
    assert parse_rupees(after) - parse_rupees(before) == 2500_50


async def test_a_transfer_makes_an_entry_in_both_books(client: httpx.AsyncClient) -> None:
    """A deposit with the VO: both vouchers name each other, and one reversal undoes both."""
    asked = {
        "code": "E-91",
        "organisation": "CO-01",
        "kind": "deposit_placed",
        "paid_by": "cash",
        "amount": "50.00",
        "counterparty": "VO-01",
    }
    made = good(await _post(client, "k", **asked), 201)["vouchers"]
    assert {voucher["organisation"] for voucher in made} == {"CO-01", "VO-01"}
    for one, other in (made, made[::-1]):
        at = f"/v1/organisations/{one['organisation']}/entries/{one['no']}"
        assert good(await client.get(at))["counterpart"]["no"] == other["no"]
    undo = {
        "code": "E-92",
        "organisation": "CO-01",
        "kind": "reversal",
        "reverses": "E-91",
        "happened_on": "2026-06-30",
        "narrative": "Never brought",
    }
    undone = await client.post("/v1/events", json=undo, headers=keyed("u"))
    assert len(good(undone, 201)["vouchers"]) == 2
    again = await client.post("/v1/events", json={**undo, "code": "E-93"}, headers=keyed("u2"))
    refused(again, 409, "already_reversed")
    of_it = {**undo, "code": "E-94", "reverses": "E-92"}
    twice = await client.post("/v1/events", json=of_it, headers=keyed("u3"))
    refused(twice, 422, "reversal_of_reversal")


async def test_every_kind_can_be_recorded(client: httpx.AsyncClient) -> None:
    """One event of each kind of the closed list; others are in `test_loan_events`."""
    own: dict[str, Any] = {"fund": "own", "paid_by": "cash", "amount": "10.00"}
    co: dict[str, Any] = {"organisation": "CO-01", **own}
    loan = {
        "code": "L-90",
        "lender": "VO-01",
        "organisation": "CO-01",
        "product": "VO-FLAT",
        "principal": "10.00",
        "applied_on": DAY,
        "approved_on": DAY,
        "disbursed_on": DAY,
        "first_due_on": "2026-07-29",
        "instalments": 1,
    }
    good(await client.post("/v1/loans", json=loan, headers=keyed("k-9")), 201)
    bank = {"paid_by": "bank"}
    plain: dict[str, dict[str, Any]] = {
        kind: {"organisation": "LSO-01", **own, **bank}
        for kind in (
            "grant_government",
            "grant_donor",
            "grant_ngo",
            "grant_private",
            "grant_rsp",
            "cif_capital",
            "donation_cash",
            "bank_profit",
            "expense",
            "withheld",
        )
    }
    to_vo = {**co, "counterparty": "VO-01"}
    igg = {"organisation": "VO-01", **own, **bank, "fund": "igg", "counterparty": "M-0006"}
    lent = {"organisation": "VO-01", **own, "counterparty": "CO-01", "loan": "L-90"}
    cases = {
        **plain,
        "bank_deposit": co,
        "bank_draw": co,
        "donation_in_kind": {**co, "paid_by": "none"},
        "provision_raised": {**co, "paid_by": "none"},
        "provision_released": {**co, "paid_by": "none"},
        "igg_received": igg,
        "igg_paid": igg,
        "deposit_placed": to_vo,
        "deposit_returned": {**co, "organisation": "VO-01", "counterparty": "CO-01"},
        "fee_to_parent": to_vo,
        "organisation_loan_disbursed": lent,
        "organisation_loan_repaid": {**to_vo, "loan": "L-90", "amount": "5.00"},
        "recovery": {**co, "loan": "L-07"},
        "reversal": {
            "organisation": "CO-01",
            "fund": None,
            "amount": None,
            "paid_by": "none",
            "reverses": "bank_deposit",
        },
    }
    for kind, case in cases.items():
        good(await _post(client, kind, code=kind, kind=kind, **case), 201)
    await _lend_and_write_off(client)
    elsewhere = {"charge_accrued", "refinance", "settlement", "year_end_close"}
    assert {*cases, "write_off", *elsewhere} == {kind.value for kind in EventKind}


async def _lend_and_write_off(client: httpx.AsyncClient) -> None:
    loan = {"code": "L-89", "lender": "CO-01", "member": "M-0001", "product": "FLAT"}
    terms = {"principal": "10.00", "first_due_on": "2026-07-29", "instalments": 1}
    days = dict.fromkeys(("applied_on", "approved_on", "disbursed_on"), DAY)
    good(await client.post("/v1/loans", json={**loan, **terms, **days}, headers=keyed("k-10")), 201)
    line = {"member": "M-0001", "kind": "disbursement", "amount": "10.00", "loan": "L-89"}
    sheet = {
        "code": "S-89",
        "organisation": "CO-01",
        "held_on": DAY,
        "cash_counted": "-10.00",
        "lines": [line],
    }
    good(await client.post("/v1/sheets", json=sheet), 201)
    good(await client.post("/v1/sheets/S-89/close", headers=keyed("S-89")), 201)
    gone = {"organisation": "CO-01", "kind": "write_off", "paid_by": "none", "loan": "L-89"}
    unresolved = await _post(client, "gone-0", code="gone", amount="10.00", **gone)
    assert "resolution: a write-off names" in refused(unresolved, 422, "malformed")["detail"]
    gone["resolution"] = "CO-01/2026-06-29/1"
    good(await _post(client, "gone", code="gone", amount="10.00", **gone), 201)
    asked = "/v1/organisations/CO-01/written-off-loans"
    (one,) = [one for one in good(await client.get(asked))["items"] if one["loan"] == "L-89"]
    assert one == {
        "loan": "L-89",
        "borrower": "M-0001",
        "written_off": "10.00",
        "recovered": "0.00",
        "still_owed": "10.00",
    }


async def test_events_refuse_what_the_rules_refuse(client: httpx.AsyncClient) -> None:
    """One case for each refusal that an event may meet."""
    vo = {"organisation": "CO-01", "paid_by": "cash", "amount": "10.00", "counterparty": "VO-01"}
    lend = {**vo, "kind": "organisation_loan_repaid", "loan": "L-08"}
    own = {"organisation": "CO-01", "paid_by": "none", "loan": "L-07", "resolution": "R-1"}
    undo: dict[str, object] = {
        "kind": "reversal",
        "paid_by": "none",
        "fund": None,
        "amount": None,
    }
    cases: tuple[tuple[dict[str, object], int, str], ...] = (
        ({"organisation": "LSO-99"}, 404, "not_found"),
        ({"code": "E-01"}, 409, "already_exists"),
        ({"code": "S-01"}, 409, "already_exists"),
        ({"happened_on": "2026-08-01"}, 422, "dated_in_future"),
        ({"happened_on": "1901-01-01"}, 422, "period_closed"),
        ({"kind": "expense", "amount": "9999999.00"}, 422, "floor_passed"),
        ({"fund": None}, 422, "malformed"),
        ({"paid_by": "none"}, 422, "malformed"),
        ({"amount": None}, 422, "malformed"),
        ({"reverses": "E-01"}, 422, "malformed"),
        ({**vo, "kind": "deposit_placed", "counterparty": None}, 422, "malformed"),
        ({**vo, "kind": "deposit_placed", "counterparty": "VO-99"}, 404, "not_found"),
        ({**vo, "kind": "deposit_placed", "counterparty": "CO-01"}, 422, "halves_disagree"),
        ({**vo, "kind": "fee_to_parent", "counterparty": "LSO-01"}, 422, "not_the_parent"),
        ({**lend, "loan": "L-99"}, 404, "not_found"),
        ({**lend, "loan": "L-01", "fund": "cif"}, 422, "loan_of_another"),
        ({**lend, "amount": "900.00"}, 422, "repayment_above_owed"),
        ({**lend, "happened_on": "2026-04-01"}, 409, "loan_not_paid_out"),
        ({**own, "kind": "write_off"}, 409, "step_not_allowed"),
        (
            {**own, "kind": "provision_released", "loan": None},
            422,
            "reserve_too_small",
        ),
        (
            {**own, "kind": "recovery", "loan": "L-03", "paid_by": "cash"},
            409,
            "loan_not_written_off",
        ),
        (
            {
                "organisation": "VO-01",
                "kind": "organisation_loan_disbursed",
                "paid_by": "cash",
                "counterparty": "CO-01",
                "loan": "L-08",
                "amount": "399.00",
            },
            422,
            "disbursement_differs",
        ),
        ({**undo, "reverses": "E-99"}, 404, "not_found"),
        ({**undo, "reverses": "E-05"}, 422, "malformed"),
        ({**undo, "reverses": "E-01", "happened_on": "2026-03-05"}, 422, "reversal_too_early"),
        ({**undo, "organisation": "CO-01", "reverses": "S-06"}, 409, "already_reversed"),
    )
    for place, (case, status, code) in enumerate(cases):
        response = await _post(client, f"k{place}", **case)
        assert response.status_code == status, (case, response.text)
        refused(response, status, code)
    refused(await client.get("/v1/events/E-90"), 404, "not_found")


async def test_transfers_are_found_by_the_other_organisation_and_by_day(
    client: httpx.AsyncClient,
) -> None:
    """From either side, on every page."""

    async def codes(of: str, **asked: str) -> list[str]:
        pages = await all_pages(client, f"/v1/organisations/{of}/transfers", limit=2, **asked)
        return [item["code"] for page in pages for item in page]

    whole = await codes("CO-01")
    with_vo, with_lso = await codes("CO-01", other="VO-01"), await codes("CO-01", other="LSO-01")
    assert sorted(with_vo + with_lso) == whole
    assert {"E-06", "E-07"} <= set(with_vo)
    assert await codes("VO-01", other="CO-01") == with_vo
    assert await codes("CO-01", first_on="2026-03-31", last_on="2026-03-31") == ["E-06", "E-07"]
    assert await codes("CO-01", other="RSPN") == []
    asked = {"first_on": "yesterday"}
    answer = await client.get("/v1/organisations/CO-01/transfers", params=asked)
    refused(answer, 422, "malformed")
