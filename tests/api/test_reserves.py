"""Reserves over HTTP: the classes of a book, the entry that is proposed, and new schemes."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from tests.api.helpers import good, keyed, make_app, one_officer, refused
from tests.support.importing import engine_of

if TYPE_CHECKING:
    import httpx

RESERVES = "/v1/organisations/CO-01/reserves"
SCHEMES = "/v1/reserve-schemes"
ON = {"as_of": "2026-06-30"}
SCHEME: dict[str, Any] = {
    "from_on": "2026-06-30",
    "resolution": "LSO-01/2026-06-20/3",
    "classes": [
        {"name": "current", "days_from": 0, "percent": "1.5"},
        {"name": "late", "days_from": 30, "percent": "100"},
    ],
}


async def test_the_proposed_entry_is_posted_as_it_is(client: httpx.AsyncClient) -> None:
    """L-02 is 49 days late: 10 per cent of 3,667. Posted, nothing more is proposed."""
    found = good(await client.get(RESERVES, params=ON))
    (fund,) = found["funds"]
    assert (fund["fund"], fund["outstanding_principal"]) == ("cif", "3667.00")
    (late,) = (one for one in fund["classes"] if one["loans"])
    assert late == {
        "name": "OAEM",
        "days_from": 30,
        "percent": "10",
        "loans": 1,
        "outstanding_principal": "3667.00",
        "required": "366.70",
    }
    assert (fund["required"], fund["held"]) == ("366.70", "0.00")
    proposed = fund["proposed"]
    assert (proposed["debit"], proposed["credit"]) == ("5100", "1390")
    posted = await client.post("/v1/events", json=proposed["event"], headers=keyed("reserve"))
    good(posted, 201)
    (after,) = good(await client.get(RESERVES, params=ON))["funds"]
    assert (after["held"], after["proposed"]) == ("366.70", None)
    too_much = {**proposed["event"], "kind": "provision_released", "amount": "366.71"}
    answer = await client.post("/v1/events", json=too_much, headers=keyed("release"))
    refused(answer, 422, "reserve_too_small")


async def test_a_new_scheme_is_decided_by_another_administrator(client: httpx.AsyncClient) -> None:
    """From its day on it holds; the day before goes by the old one."""
    made = good(await client.post(SCHEMES, json=SCHEME, headers=keyed("scheme")), 201)
    assert [one["from_on"] for one in made["items"]] == ["1900-01-01", "2026-06-30"]
    assert made["items"][1]["classes"][0]["percent"] == "1.5"
    found = good(await client.get(RESERVES, params=ON))
    assert found["scheme"]["resolution"] == SCHEME["resolution"]
    assert found["funds"][0]["required"] == "3667.00"
    before = good(await client.get(RESERVES, params={"as_of": "2026-06-29"}))
    assert before["scheme"]["from_on"] == "1900-01-01"
    again = await client.post(SCHEMES, json=SCHEME, headers=keyed("again"))
    refused(again, 409, "already_exists")


async def test_a_scheme_waits_and_its_classes_are_looked_at(one_co_url: str) -> None:
    """Nobody decides on their own; classes that contradict each other never wait."""
    async with engine_of(one_co_url) as engine:
        app = make_app(engine)
        async with one_officer(app, "shazia") as alone:
            wrong = {**SCHEME, "classes": SCHEME["classes"][1:]}
            answer = await alone.post(SCHEMES, json=wrong, headers=keyed("wrong"))
            refused(answer, 422, "scheme_contradicts")
            asked = good(await alone.post(SCHEMES, json=SCHEME, headers=keyed("one")), 202)
            assert (asked["kind"], asked["organisation"]) == ("reserve_scheme", None)
            assert asked["difference"]["after"]["from_on"] == "2026-06-30"
            at = f"/v1/requests/{asked['code']}/approve"
            refused(await alone.post(at, json={"reason": "Mine"}), 403, "own_request")
            assert len(good(await alone.get(SCHEMES))["items"]) == 1
