"""Dues of a meeting over HTTP, and its sheet, sent back as it was filled in."""

from __future__ import annotations

from decimal import Decimal
from typing import TYPE_CHECKING

from tests.api.helpers import good, keyed, refused

if TYPE_CHECKING:
    import httpx

DUES = "/v1/organisations/CO-01/dues"
NOTHING = {"principal": "0.00", "charge": "0.00", "fine": "0.00", "total": "0.00"}


async def test_the_prefilled_sheet_covers_what_was_due(client: httpx.AsyncClient) -> None:
    """Taken as it is into POST /v1/sheets it closes, and nothing that was due is left."""
    found = good(await client.get(DUES, params={"on": "2026-07-12"}))
    assert (found["as_of"], found["saved_on"]) == ("2026-07-11", "2026-06-12")
    hers = next(one for one in found["items"] if one["member"] == "M-0001")
    (loan,) = hers["loans"]
    assert hers["usual_saving"] == "200.00"
    assert (loan["loan"], loan["days_past_due"]) == ("L-02", 60)
    assert loan["overdue"]["total"] == loan["to_pay"]["total"] == loan["pay_off"] == "3667.00"
    assert loan["in_grace"] == loan["falling_due"] == NOTHING
    lines = found["prefilled"]
    assert {"member": "M-0001", "kind": "repayment", "amount": "3667.00", "loan": "L-02"} in lines
    total = sum(Decimal(line["amount"]) for line in lines)
    assert total == Decimal(found["usual_saving"]) + Decimal(found["totals"]["to_pay"]["total"])
    sheet = {
        "code": "S-90",
        "organisation": "CO-01",
        "held_on": found["on"],
        "present": [one["member"] for one in found["items"]],
        "cash_counted": str(total),
        "lines": lines,
    }
    good(await client.post("/v1/sheets", json=sheet), 201)
    good(await client.post("/v1/sheets/S-90/close", headers=keyed("close-90")), 201)
    after = good(await client.get(DUES, params={"on": "2026-07-13"}))
    assert (after["as_of"], after["saved_on"]) == ("2026-07-12", "2026-07-12")
    assert after["totals"]["to_pay"] == NOTHING
    assert after["usual_saving"] == found["usual_saving"]


async def test_dues_refuse_a_day_that_is_not_before_the_meeting(client: httpx.AsyncClient) -> None:
    """And an organisation that is not there; the day of the meeting is asked for."""
    asked = {"on": "2026-07-12", "as_of": "2026-07-12"}
    refused(await client.get(DUES, params=asked), 422, "malformed")
    refused(await client.get(DUES), 422, "malformed")
    there = {"on": "2026-07-12"}
    refused(await client.get("/v1/organisations/CO-77/dues", params=there), 404, "not_found")
    known = {**there, "known_by": "2199-01-01T00:00:00+05:00"}
    refused(await client.get(DUES, params=known), 422, "moment_unsettled")


async def test_dues_as_known_then_leave_out_what_came_later(client: httpx.AsyncClient) -> None:
    """S-03 of 26 March was posted on 14 April: on the 12th nobody knew of its 260."""
    asked = {"on": "2026-04-12", "as_of": "2026-04-11"}
    now = good(await client.get(DUES, params=asked))
    night = {**asked, "known_by": "2026-04-11T23:59:59+05:00"}
    then = good(await client.get(DUES, params=night))
    of_l05 = [
        next(loan for one in found["items"] for loan in one["loans"] if loan["loan"] == "L-05")
        for found in (now, then)
    ]
    assert [loan["to_pay"]["total"] for loan in of_l05] == ["258.00", "518.00"]
    assert (now["saved_on"], then["saved_on"]) == ("2026-03-26", "2026-03-12")
