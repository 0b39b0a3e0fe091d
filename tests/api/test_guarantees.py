"""Guarantees and pledges over HTTP: who asks, who decides, what is free."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING, Any, Final

import asyncpg
import pytest

from service.books import make_engine
from tests.api.helpers import good, keyed, make_app, one_officer, refused, sheet
from tests.support.database import asyncpg_url
from tests.support.people import Post, appoint

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

    import httpx
    from fastapi import FastAPI

PEOPLE: Final = {
    "amina": (Post("accountant", "CO-01", below=False),),
    "bushra": (Post("president", "CO-01", below=False),),
    "dilshad": (Post("accountant", "CO-01", below=False), Post("auditor", "VO-01")),
    "farida": (Post("president", "CO-02", below=False),),
}
SURETY: Final = {
    "member": "M-0001",
    "pledged": "50.00",
    "from_on": "2026-06-29",
    "reason": "A neighbour",
}
AT: Final = "/v1/loans/L-09/guarantees"
"""Loan L-09 of M-0003 is approved and not paid out."""
AGREED: Final = {"reason": "Agreed"}


def paying(amount: str, **more: Any) -> dict[str, Any]:  # noqa: ANN401 - JSON is as wide as it is
    """A sheet of CO-01 on which M-0001 withdraws."""
    line = {"member": "M-0001", "kind": "withdrawal", "amount": amount}
    return sheet(cash_counted=f"-{amount}", lines=[line], **more)


async def saved(client: httpx.AsyncClient, member: str = "M-0001") -> dict[str, Any]:
    """What a member has saved today."""
    found = good(await client.get(f"/v1/members/{member}/savings"))
    item: dict[str, Any] = found["items"][0]
    return item


async def test_a_pledge_is_shown_and_stays(client: httpx.AsyncClient) -> None:
    """With the loan, with the member, in her savings; a withdrawal beyond what is free is not."""
    before = await saved(client)
    assert before["pledged"] == "0.00"
    made = good(await client.post(AT, json=SURETY, headers=keyed("g")), 201)
    assert made["items"] == [
        {
            "loan": "L-09",
            "n": 1,
            "member": "M-0001",
            "organisation": "CO-01",
            "pledged": "50.00",
            "from_on": "2026-06-29",
            "to_on": None,
            "resolution": None,
            "replaces": None,
            "own": False,
        }
    ]
    after = await saved(client)
    whole = float(before["free"])
    assert (after["pledged"], float(after["free"])) == ("50.00", whole - 50)
    pledges = good(await client.get("/v1/members/M-0001/pledges"))
    assert (pledges["pledged"], pledges["free"]) == ("50.00", after["free"])
    assert pledges["items"] == made["items"]
    earlier = {"as_of": "2026-06-28"}
    found = good(await client.get("/v1/members/M-0001/pledges", params=earlier))
    assert found["pledged"] == "0.00"
    good(await client.post("/v1/sheets", json=paying(f"{whole - 49:.2f}")), 201)
    answer = await client.post("/v1/sheets/S-08/close", headers=keyed("s"))
    problem = refused(answer, 422, "savings_pledged")
    assert f"Rs {after['free']} of what M-0001 has saved are free" in problem["detail"]


async def test_a_guarantee_is_asked_for_and_released_once(client: httpx.AsyncClient) -> None:
    """The same key again gives the same; a second time is refused, and so is too much."""
    good(await client.post(AT, json=SURETY, headers=keyed("g")), 201)
    again = await client.post(AT, json=SURETY, headers=keyed("g"))
    assert len(good(again, 201)["items"]) == 1
    refused(await client.post(AT, json=SURETY, headers=keyed("h")), 409, "already_exists")
    other = {**SURETY, "member": "M-0002", "pledged": "99999.00"}
    refused(await client.post(AT, json=other, headers=keyed("i")), 422, "savings_pledged")
    less = {**SURETY, "member": "M-0002", "pledged": "49.00", "replaces": 1}
    refused(await client.post(AT, json=less, headers=keyed("j")), 409, "guarantee_needed")
    end = {"on": "2026-06-30", "reason": "Not taken"}
    made = good(await client.post(f"{AT}/1/release", json=end, headers=keyed("k")), 201)
    assert made["items"][0]["to_on"] == "2026-06-30"
    answer = await client.post(f"{AT}/1/release", json=end, headers=keyed("l"))
    refused(answer, 409, "already_exists")
    answer = await client.post(f"{AT}/2/release", json=end, headers=keyed("m"))
    refused(answer, 404, "not_found")
    refused(await client.get("/v1/loans/L-99/guarantees"), 404, "not_found")
    refused(await client.get("/v1/members/M-9999/pledges"), 404, "not_found")


async def test_no_guarantee_of_a_running_loan_is_released(client: httpx.AsyncClient) -> None:
    """L-02 is M-0001's, and runs."""
    asked = {**SURETY, "member": "M-0002"}
    good(await client.post("/v1/loans/L-02/guarantees", json=asked, headers=keyed("g")), 201)
    end = {"on": "2026-06-30", "reason": "Asked to"}
    answer = await client.post("/v1/loans/L-02/guarantees/1/release", json=end, headers=keyed("r"))
    refused(answer, 409, "guarantee_needed")


@pytest.fixture
async def app(one_co_url: str, client: httpx.AsyncClient) -> AsyncIterator[FastAPI]:
    """The application, with CO-02 beside CO-01 and its member M-0201, who has saved."""
    parent = {"organisation": "VO-01", "from_on": "2026-06-01"}
    made = {"code": "CO-02", "kind": "CO", "name": "Sibling", "formed_on": "2026-06-01"}
    good(await client.post("/v1/organisations", json={**made, "parent": parent}), 201)
    member = {"name": "Nasreen", "gender": "female", "joined_on": "2026-06-01"}
    member |= {"code": "M-0201", "organisation": "CO-02"}
    good(await client.post("/v1/members", json=member), 201)
    line = {"member": "M-0201", "kind": "saving_compulsory", "amount": "100.00"}
    met = sheet("S-20", organisation="CO-02", present=["M-0201"], lines=[line])
    good(await client.post("/v1/sheets", json=met), 201)
    good(await client.post("/v1/sheets/S-20/close", headers=keyed("s")), 201)
    await asyncio.to_thread(appoint, one_co_url, PEOPLE)
    engine = make_engine(one_co_url, connections=4)
    try:
        yield make_app(engine)
    finally:
        await engine.dispose()


async def test_a_second_officer_decides(app: FastAPI) -> None:
    """Not who asked; both see what it will be."""
    async with one_officer(app, "amina") as asks, one_officer(app, "bushra") as decides:
        waits = good(await asks.post(AT, json=SURETY, headers=keyed("g")), 202)
        assert (waits["kind"], waits["about"]) == ("guarantee", "L-09")
        assert waits["difference"]["after"]["pledged"] == "50.00"
        assert good(await asks.get(AT))["items"] == []
        at = f"/v1/requests/{waits['code']}/approve"
        refused(await asks.post(at, json=AGREED), 403, "forbidden")
        done = good(await decides.post(at, json=AGREED))
        assert done["location"] == "/v1/loans/L-09/guarantees"
        assert len(good(await asks.get(AT))["items"]) == 1
        found = good(await decides.get("/v1/organisations/CO-01/audit-trail?limit=500"))
        tables = {c["table"] for item in found["items"] for c in item["changes"] if "table" in c}
        assert {"pledge", "loan_guarantee"} <= tables


async def test_a_member_of_another_co_is_decided_on_there(app: FastAPI) -> None:
    """By whoever sees her it is asked; to others she is nobody."""
    theirs = {**SURETY, "member": "M-0201", "pledged": "100.00"}
    async with (
        one_officer(app, "amina") as blind,
        one_officer(app, "dilshad") as asks,
        one_officer(app, "bushra") as own,
        one_officer(app, "farida") as decides,
    ):
        refused(await blind.post(AT, json=theirs, headers=keyed("b")), 404, "not_found")
        waits = good(await asks.post(AT, json=theirs, headers=keyed("g")), 202)
        assert (waits["organisation"], waits["decider"]) == ("CO-01", "CO-02")
        at = f"/v1/requests/{waits['code']}/approve"
        refused(await own.post(at, json=AGREED), 404, "not_found")  # CO-02 is out of its sight
        good(await decides.post(at, json=AGREED))
        for officer in (own, blind):
            (shown,) = good(await officer.get(AT))["items"]
            assert (shown["organisation"], shown["pledged"]) == ("CO-02", "100.00")
        refused(await decides.get(AT), 404, "not_found")
        found = good(await decides.get("/v1/members/M-0201/pledges"))
        assert (found["free"], found["items"][0]["loan"]) == ("0.00", "L-09")


async def test_the_doors_ask_for_a_second_officer(one_co_url: str, app: FastAPI) -> None:
    """Whoever works beneath the service pledges, releases and writes down nothing alone."""
    del app
    connection = await asyncpg.connect(asyncpg_url(one_co_url))
    book = "(SELECT book_id FROM service.organisation WHERE code = 'CO-01')"
    enter = (
        "SELECT set_config('amanat.prepare', array_agg(id)::text, true),"
        " set_config('amanat.carried', '{}', true) FROM ledger.book"
    )
    try:
        for sql, state in (
            (
                f"SELECT ledger.pledge_savings({book}, 'M-0001', 'L', 1, '2026-06-29', now())",
                "AM010",
            ),
            (f"SELECT ledger.release_pledge({book}, 1, '2026-06-29', now())", "AM010"),
            ("INSERT INTO ledger.pledge VALUES (1, 1, 'a', 'b', 1, '2026-06-29')", "42501"),
            (
                (
                    "INSERT INTO service.loan_guarantee (loan, n, member, from_on)"
                    " VALUES ('L-09', 1, 'M-0001', '2026-06-29')"
                ),
                "42501",
            ),
        ):
            turn = connection.transaction()
            await turn.start()
            await connection.execute(enter)
            await connection.execute("SET LOCAL ROLE amanat_app")
            with pytest.raises(asyncpg.PostgresError) as found:
                await connection.execute(sql)
            await turn.rollback()
            assert found.value.sqlstate == state, sql
    finally:
        await connection.close()
