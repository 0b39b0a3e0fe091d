"""The life of a loan over HTTP: from the application to the last paper."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING, Any

import pytest

from api.app import create_app
from ledger.money import parse_rupees, rupees
from tests.api.helpers import AGREED, PLENTY, good, keyed, make_app, one_officer, refused
from tests.api.test_loans import PRODUCT
from tests.support.importing import NOW, engine_of

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

    import httpx

APPLICATION = {
    "code": "L-92",
    "lender": "CO-01",
    "member": "M-0003",
    "product": "DEC",
    "amount": "900.00",
    "instalments": 3,
    "purpose": "stock for a small shop",
    "mip": "MIP of HH-0003, 12 May: shelves and first goods",
    "applied_on": "2026-06-20",
}
APPRAISAL = {"on": "2026-06-22", "amount": "600.00", "findings": "Pays on time"}
LOAN = {
    "code": "L-92",
    "lender": "CO-01",
    "member": "M-0003",
    "product": "DEC",
    "principal": "600.00",
    "applied_on": "2026-06-20",
    "approved_on": "2026-06-25",
    "resolution": "CO-01/2026-06-25/1",
    "first_due_on": "2026-07-29",
    "instalments": 3,
}


@pytest.fixture
async def officers(one_co_url: str) -> AsyncIterator[tuple[httpx.AsyncClient, httpx.AsyncClient]]:
    """Two officers, to each of whom a request that waits is one that waits."""
    async with engine_of(one_co_url) as engine:
        app = make_app(engine)
        async with one_officer(app, "shazia") as first, one_officer(app, "nadia") as second:
            yield first, second


async def _approve(officer: httpx.AsyncClient, waits: dict[str, Any]) -> httpx.Response:
    return await officer.post(f"/v1/requests/{waits['code']}/approve", json=AGREED)


async def _meeting(
    client: httpx.AsyncClient, code: str, on: str, *lines: tuple[str, str, str | None]
) -> None:
    """A meeting of M-0003 alone, closed."""
    made = [
        {"member": "M-0003", "kind": kind, "amount": amount, **({"loan": loan} if loan else {})}
        for kind, amount, loan in lines
    ]
    net = sum(
        -parse_rupees(amount) if kind in {"disbursement", "withdrawal"} else parse_rupees(amount)
        for kind, amount, _ in lines
    )
    sheet = {
        "code": code,
        "organisation": "CO-01",
        "held_on": on,
        "present": ["M-0003"],
        "cash_counted": rupees(net),
        "lines": made,
    }
    good(await client.post("/v1/sheets", json=sheet), 201)
    closed = await client.post(f"/v1/sheets/{code}/close", headers=keyed(code))
    assert closed.status_code in {201, 202}, closed.text


async def test_an_application_becomes_a_loan(client: httpx.AsyncClient) -> None:
    """Applied, appraised, approved, paid out, repaid; days are counted; steps have an order."""
    made = good(await client.post("/v1/loan-applications", json=APPLICATION), 201)
    assert (made["state"], made["entered_by"]) == ("applied", "shazia")
    key = keyed("k-92")
    refused(await client.post("/v1/loans", json=LOAN, headers=key), 409, "step_not_allowed")
    at = "/v1/loan-applications/L-92"
    found = good(await client.post(f"{at}/appraisal", json=APPRAISAL))
    assert (found["state"], found["appraisal"]["amount"]) == ("appraised", "600.00")
    stale = await client.post(f"{at}/appraisal", json=APPRAISAL, headers={"If-Match": '"1"'})
    refused(stale, 412, "version_changed")
    other = {**LOAN, "product": "FLAT"}
    refused(await client.post("/v1/loans", json=other, headers=key), 422, "malformed")
    good(await client.post("/v1/loans", json=LOAN, headers=key), 201)
    ending = {"on": "2026-06-29", "ending": "declined", "because": "No money"}
    refused(await client.post(f"{at}/ending", json=ending), 409, "step_not_allowed")
    assert good(await client.get(at))["state"] == "approved"
    lent = ("disbursement", "600.00", "L-92")
    await _meeting(client, "S-90", "2026-06-29", ("donation", "600.00", None), lent)
    loan = good(await client.get("/v1/loans/L-92"))
    assert (loan["days_to_disbursement"], loan["product_version"]) == (9, 1)


async def test_applications_end_and_are_found_by_state(client: httpx.AsyncClient) -> None:
    """Declined or withdrawn, with who and why; a state that none has is refused."""
    for code in ("L-92", "L-93", "L-94"):
        good(await client.post("/v1/loan-applications", json={**APPLICATION, "code": code}), 201)
    taken = {**APPLICATION, "code": "L-02"}
    refused(await client.post("/v1/loan-applications", json=taken), 409, "already_exists")
    ending = {"on": "2026-06-24", "ending": "withdrawn", "because": "Lent by her brother"}
    ended = good(await client.post("/v1/loan-applications/L-93/ending", json=ending))
    assert (ended["state"], ended["ended_by"], ended["ended_because"]) == (
        "withdrawn",
        "shazia",
        "Lent by her brother",
    )
    early = {**ending, "on": "2026-06-19"}
    refused(await client.post("/v1/loan-applications/L-94/ending", json=early), 422, "malformed")

    async def codes(**asked: str) -> list[str]:
        path = "/v1/organisations/CO-01/loan-applications"
        return [one["code"] for one in good(await client.get(path, params=asked))["items"]]

    assert await codes() == ["L-92", "L-93", "L-94"]
    assert await codes(state="withdrawn") == ["L-93"]
    assert await codes(state="applied", after="L-92") == ["L-94"]
    assert await codes(member="M-0001") == []
    path = "/v1/organisations/CO-01/loan-applications"
    refused(await client.get(path, params={"state": "repaid"}), 422, "malformed")


async def test_nobody_decides_on_her_own_loan(
    officers: tuple[httpx.AsyncClient, httpx.AsyncClient],
) -> None:
    """Neither who entered the application, nor who is to get the money."""
    shazia, nadia = officers
    good(await shazia.post("/v1/loan-applications", json=APPLICATION), 201)
    good(await shazia.post("/v1/loan-applications/L-92/appraisal", json=APPRAISAL))
    asked = good(await nadia.post("/v1/loans", json=LOAN, headers=keyed("a")), 202)
    refused(await _approve(shazia, asked), 403, "own_loan")
    refused(await _approve(nadia, asked), 403, "own_request")
    person = good(await nadia.get("/v1/people/nadia"))
    revised = {"name": person["name"], "disabled": False, "member": "M-0003"}
    etag = {"If-Match": f'"{person["version"]}"'}
    good(await shazia.put("/v1/people/nadia", json=revised, headers=etag))
    again = {**LOAN, "code": "L-95"}
    hers = good(await shazia.post("/v1/loans", json=again, headers=keyed("b")), 202)
    refused(await _approve(nadia, hers), 403, "own_loan")
    application = {**APPLICATION, "code": "L-97"}
    good(await shazia.post("/v1/loan-applications", json=application), 201)
    appraise = "/v1/loan-applications/L-97/appraisal"
    refused(await nadia.post(appraise, json=APPRAISAL), 403, "own_loan")
    taken = [{"member": "M-0003", "kind": "withdrawal", "amount": "1.00"}]
    right = {
        "code": "S-07B",
        "held_on": "2026-06-12",
        "present": ["M-0003"],
        "cash_counted": "-1.00",
        "lines": taken,
    }
    corrected = {"on": "2026-07-30", "reason": "Left out", "replacement": right}
    asked = good(
        await shazia.post("/v1/sheets/S-07/corrections", json=corrected, headers=keyed("c")), 202
    )
    refused(await _approve(nadia, asked), 403, "own_loan")


async def test_nobody_decides_on_her_own_settlement(
    officers: tuple[httpx.AsyncClient, httpx.AsyncClient],
) -> None:
    """Who leaves does not decide what she is paid out, nor that it is taken back."""
    shazia, nadia = officers
    person = good(await nadia.get("/v1/people/nadia"))
    hers = {"name": person["name"], "disabled": False, "member": "M-0001"}
    etag = {"If-Match": f'"{person["version"]}"'}
    person = good(await shazia.put("/v1/people/nadia", json=hers, headers=etag))
    settlement = {
        "code": "E-900",
        "organisation": "CO-01",
        "kind": "settlement",
        "happened_on": "2026-07-30",
        "paid_by": "cash",
        "counterparty": "M-0001",
        "narrative": "She moves away",
    }
    pledge = {"member": "M-0002", "pledged": "0.00", "from_on": "2026-07-20", "reason": "Kin"}
    at = "/v1/loans/L-02/guarantees"
    asked = good(await shazia.post(at, json=pledge, headers=keyed("g")), 202)
    refused(await _approve(nadia, asked), 403, "own_loan")
    asked = good(await shazia.post("/v1/events", json=settlement, headers=keyed("s")), 202)
    refused(await _approve(nadia, asked), 403, "own_loan")
    refused(await nadia.post(f"/v1/requests/{asked['code']}/reject", json=AGREED), 403, "own_loan")
    nobodys = {**hers, "member": None}
    etag = {"If-Match": f'"{person["version"]}"'}
    person = good(await shazia.put("/v1/people/nadia", json=nobodys, headers=etag))
    good(await _approve(nadia, asked))
    etag = {"If-Match": f'"{person["version"]}"'}
    good(await shazia.put("/v1/people/nadia", json=hers, headers=etag))
    undo = {"kind": "reversal", "reverses": "E-900", "narrative": "Entered in error"}
    undo |= {name: settlement[name] for name in ("organisation", "happened_on")}
    asked = good(
        await shazia.post("/v1/events", json={**undo, "code": "E-901"}, headers=keyed("u")), 202
    )
    refused(await _approve(nadia, asked), 403, "own_loan")


async def test_limits_of_the_rules_are_kept(client: httpx.AsyncClient) -> None:
    """Every limit that is passed is said, each with what is asked for."""
    limits = {
        "least": "100.00",
        "most": "500.00",
        "savings_multiple": "1.5",
        "psc_to": 23,
        "gender": "male",
        "several": False,
    }
    rules = {**PRODUCT, "limits": limits}
    good(await client.post("/v1/products", json=rules, headers=keyed("p")), 201)
    asked = {**LOAN, "product": "GOATS", "code": "L-96", "principal": "60000.00"}
    said = refused(
        await client.post("/v1/loans", json=asked, headers=keyed("l")), 422, "not_eligible"
    )
    for sentence in ("500.00 at most", "1.5 times", "scores 0 to 23", "male members", "L-09 is"):
        assert sentence in said["detail"], said["detail"]
    least = {**asked, "principal": "99.00"}
    said = refused(
        await client.post("/v1/loans", json=least, headers=keyed("l")), 422, "not_eligible"
    )
    assert "100.00 at least" in said["detail"]


async def test_rules_have_versions(client: httpx.AsyncClient) -> None:
    """The next one, from a later day; all of them are listed."""
    good(await client.post("/v1/products", json=PRODUCT, headers=keyed("v1")), 201)
    second = {**PRODUCT, "version": 2, "rate_percent": "12", "from_on": "2026-07-01"}
    for wrong in ({"version": 3}, {"from_on": None}, {"fund": "cif"}):
        answer = await client.post("/v1/products", json={**second, **wrong}, headers=keyed("w"))
        refused(answer, 422, "malformed")
    good(await client.post("/v1/products", json=second, headers=keyed("v2")), 201)
    listed = good(await client.get("/v1/products"))["items"]
    mine = [one for one in listed if one["code"] == "GOATS"]
    assert [(one["version"], one["rate_percent"]) for one in mine] == [(1, "18.5"), (2, "12")]
    loan = {**LOAN, "product": "GOATS", "approved_on": "2026-07-01", "applied_on": "2026-06-30"}
    made = good(await client.post("/v1/loans", json=loan, headers=keyed("v3")), 201)
    assert made["product_version"] == 2


async def test_a_reschedule_shows_before_and_after_and_can_be_taken_back(
    officers: tuple[httpx.AsyncClient, httpx.AsyncClient],
) -> None:
    """L-02 is late: other dates take that in; the story tells it; undone, it is late again."""
    shazia, nadia = officers
    today = {"as_of": "2026-07-31"}
    late = good(await shazia.get("/v1/loans/L-02", params=today))["figures"][0]
    assert late["days_past_due"] > 0
    body = {
        "on": "2026-07-20",
        "dues": ["2026-08-20", "2026-09-20"],
        "overdue_too": True,
        "reason": "The flood took the harvest",
        "resolution": "CO-01/2026-07-20/1",
    }
    asked = good(
        await shazia.post("/v1/loans/L-02/reschedules", json=body, headers=keyed("r")), 202
    )
    before, after = asked["difference"]["before"], asked["difference"]["after"]
    assert (before["days_past_due"], after["days_past_due"]) == (late["days_past_due"], 0)
    assert after["instalments"][-1]["due_on"] == "2026-09-20"
    assert good(await _approve(nadia, asked))["state"] == "approved"
    good_now = good(await shazia.get("/v1/loans/L-02", params=today))["figures"][0]
    assert good_now["days_past_due"] == 0
    known = {**today, "known_by": "2026-07-31T13:59:59+05:00"}
    assert good(await shazia.get("/v1/loans/L-02", params=known))["figures"] == [late]
    told = good(await shazia.get("/v1/loans/L-02/story"))
    assert told["state"] == "paid_out"
    last = told["chapters"][-1]
    assert (last["what"], last["days_late"]) == ("rescheduled", 11)
    assert last["when_known"]["before"]["days_past_due"] == late["days_past_due"]
    portfolio = {"as_of": "2026-07-31", "node": "CO-01"}
    rows = good(await shazia.get("/v1/reports/portfolio", params=portfolio))["rows"]
    again = next(row for row in rows if row["measure"] == "rescheduled")
    assert again["numerator"] == late["outstanding_principal"]
    undo = good(
        await shazia.post(
            "/v1/loans/L-02/changes/1/undoing", json={"reason": "Wrong loan"}, headers=keyed("u")
        ),
        202,
    )
    assert good(await _approve(nadia, undo))["state"] == "approved"
    changes = good(await shazia.get("/v1/loans/L-02/changes"))["items"]
    assert [one["undone_by"] for one in changes] == ["shazia, nadia"]
    assert good(await shazia.get("/v1/loans/L-02", params=today))["figures"] == [late]


async def test_a_late_loan_is_rescheduled_also_by_who_decides_the_next_day(one_co_url: str) -> None:
    """L-02 is a day later by then, which is nothing that was asked; a payment would be."""
    body = {"on": "2026-07-31", "dues": ["2026-08-20"], "reason": "Flood", "resolution": "R/1"}
    async with engine_of(one_co_url) as engine:
        tomorrow = NOW + timedelta(days=1)
        today = make_app(engine)
        then = create_app(engine=engine, clock=lambda: tomorrow, rates=PLENTY)
        async with one_officer(today, "shazia") as first, one_officer(then, "nadia") as second:
            at = "/v1/loans/L-02/reschedules"
            asked = good(await first.post(at, json=body, headers=keyed("r")), 202)
            stale = good(await first.post(at, json=body, headers=keyed("s")), 202)
            assert asked["difference"]["before"]["days_past_due"] > 0
            assert good(await _approve(second, asked))["state"] == "approved"
            refused(await _approve(second, stale), 409, "difference_changed")


async def test_fines_of_the_rules_are_paid_and_shown(client: httpx.AsyncClient) -> None:
    """A tenth of what is overdue, once; a payment settles it first, into 4010."""
    rules = {**PRODUCT, "rate_percent": "0", "charge": "zero", "fine": {"percent": "10"}}
    good(await client.post("/v1/products", json=rules, headers=keyed("p")), 201)
    loan = {
        **LOAN,
        "product": "GOATS",
        "applied_on": "2026-05-20",
        "approved_on": "2026-05-25",
        "disbursed_on": "2026-05-29",
        "first_due_on": "2026-06-29",
    }
    good(await client.post("/v1/loans", json=loan, headers=keyed("l")), 201)
    lent = ("disbursement", "600.00", "L-92")
    await _meeting(client, "S-90", "2026-05-29", ("donation", "600.00", None), lent)
    [on] = good(await client.get("/v1/loans/L-92", params={"as_of": "2026-07-10"}))["figures"]
    assert (on["overdue_principal"], on["overdue_fine"], on["due_fine"]) == (
        "200.00",
        "20.00",
        "20.00",
    )
    await _meeting(client, "S-91", "2026-07-10", ("repayment", "100.00", "L-92"))
    [on] = good(await client.get("/v1/loans/L-92", params={"as_of": "2026-07-10"}))["figures"]
    assert (on["paid_fine"], on["paid_principal"], on["overdue_fine"]) == ("20.00", "80.00", "0.00")
    dues = good(await client.get("/v1/organisations/CO-01/dues", params={"on": "2026-08-15"}))
    [hers] = [one for one in dues["items"] if one["member"] == "M-0003"]
    [mine] = [one for one in hers["loans"] if one["loan"] == "L-92"]
    # Of 29 June 120.00 is unpaid, and 200.00 of 29 July, of which a tenth is due since.
    overdue = mine["overdue"]
    assert (overdue["principal"], overdue["fine"]) == ("320.00", "20.00")
    line = {"member": "M-0003", "kind": "repayment", "amount": "340.00", "loan": "L-92"}
    assert line in dues["prefilled"]


async def test_a_loan_and_a_member_do_not_share_a_code(client: httpx.AsyncClient) -> None:
    """Lines say whom or what they are about by its code."""
    shared = {**LOAN, "code": "M-0001"}
    refused(await client.post("/v1/loans", json=shared, headers=keyed("l")), 409, "already_exists")
    applied = {**APPLICATION, "code": "M-0001"}
    refused(await client.post("/v1/loan-applications", json=applied), 409, "already_exists")
    good(await client.post("/v1/loan-applications", json=APPLICATION), 201)
    for code in ("L-02", "L-92"):
        member = {"code": code, "organisation": "CO-01", "name": "Gul", "gender": "female"}
        joins = {**member, "joined_on": "2026-07-01"}
        refused(await client.post("/v1/members", json=joins), 409, "already_exists")
