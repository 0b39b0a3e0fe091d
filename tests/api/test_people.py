"""People and their appointments: who may manage them, and who may not."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from tests.api.helpers import all_pages, good, refused
from tests.support.people import Post
from tests.support.signing import PASSWORD, Door, door_of, enter

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

    import httpx

PEOPLE = {
    "vo_admin": [Post("administrator", "VO-01")],
    "co_admin": [Post("administrator", "CO-01", below=False)],
    "alone": [Post("administrator", "VO-01", below=False)],
    "officer": [Post("field_officer", "LSO-01")],
    "clerk": [Post("accountant", "CO-01", below=False)],
}
NEW = {"code": "zubaida", "name": "Zubaida", "organisation": "CO-01"}
HELD = {
    "role": "accountant",
    "organisation": "CO-01",
    "below": False,
    "from_on": "2026-07-01",
    "to_on": None,
}


@pytest.fixture
async def door(one_co_url: str) -> AsyncIterator[Door]:
    """Administrators of the house, of VO-01 and of CO-01."""
    async with door_of(one_co_url) as found:
        await found.give_passwords("shazia", "nadia")
        await found.with_password(PEOPLE)
        yield found


def held(**more: Any) -> dict[str, Any]:  # noqa: ANN401 - JSON is as wide as it is
    return {**HELD, **more}


async def appoint(client: httpx.AsyncClient, person: str, **more: object) -> httpx.Response:
    return await client.post(f"/v1/people/{person}/appointments", json=held(**more))


async def test_a_person_is_registered_read_and_changed(door: Door) -> None:
    """Each change is of the version that was read."""
    client = await door.signed_in("vo_admin")
    made = await client.post("/v1/people", json={**NEW, "phone": "+92 300 0000008"})
    assert good(made, 201)["version"] == 1
    assert made.headers["etag"] == '"1"'
    assert made.headers["location"] == "/v1/people/zubaida"
    assert good(await client.get("/v1/people/zubaida")) == made.json()
    change = {"name": "Zubaida Bibi", "organisation": "CO-01", "disabled": False}
    path = "/v1/people/zubaida"
    refused(await client.put(path, json=change), 428, "if_match_missing")
    changed = good(await client.put(path, json=change, headers={"If-Match": '"1"'}))
    assert (changed["name"], changed["phone"], changed["version"]) == ("Zubaida Bibi", None, 2)
    stale = await client.put(path, json=change, headers={"If-Match": '"1"'})
    refused(stale, 412, "version_changed")


async def test_codes_and_numbers_are_unique_in_the_whole_house(door: Door) -> None:
    """Also against somebody whom the administrator cannot see."""
    client = await door.signed_in("co_admin")
    await door.execute("UPDATE access.person SET phone = '+92 300 0000009' WHERE code = 'nadia'")
    taken = await client.post("/v1/people", json={**NEW, "code": "nadia"})
    refused(taken, 409, "already_exists")
    number = {**NEW, "phone": "+92 300 0000009"}
    refused(await client.post("/v1/people", json=number), 409, "already_exists")
    good(await client.post("/v1/people", json=NEW), 201)


async def test_people_are_managed_at_home(door: Door) -> None:
    """Of one's own organisation and below; those of the house by the house."""
    client = await door.signed_in("vo_admin")
    for organisation, status in (("CO-01", 201), ("VO-01", 201), ("LSO-01", 403), (None, 403)):
        asked = {**NEW, "code": f"at-{organisation}", "organisation": organisation}
        assert (await client.post("/v1/people", json=asked)).status_code == status
    asked = {**NEW, "organisation": "NOWHERE"}
    refused(await client.post("/v1/people", json=asked), 404, "not_found")
    change = {"name": "X", "organisation": None, "disabled": False}
    moved = await client.put("/v1/people/at-CO-01", json=change, headers={"If-Match": '"1"'})
    refused(moved, 403, "forbidden")
    refused(await client.get("/v1/people/nadia"), 404, "not_found")
    taken = await client.put("/v1/people/nadia", json=change, headers={"If-Match": '"1"'})
    refused(taken, 404, "not_found")


@pytest.mark.parametrize("who", ["officer", "clerk"])
async def test_only_administrators_manage(door: Door, who: str) -> None:
    """Whatever else somebody may."""
    client = await door.signed_in(who)
    refused(await client.post("/v1/people", json=NEW), 403, "forbidden")
    response = await appoint(client, who, role="administrator")
    refused(response, 403, "own_appointment")
    refused(await appoint(client, "nadia"), 404, "not_found")


async def test_telephone_numbers_are_whole_for_administrators(door: Door) -> None:
    """Officers who may recover somebody see whom they deal with, and the last digits."""
    admin, officer = await door.signed_in("shazia"), await door.signed_in("officer")
    good(await admin.post("/v1/people", json={**NEW, "phone": "+92 300 0000008"}), 201)
    assert good(await admin.get("/v1/people/zubaida"))["phone"] == "+92 300 0000008"
    assert good(await officer.get("/v1/people/zubaida"))["phone"] == "*******008"


async def test_people_come_in_pages(door: Door) -> None:
    """Those whom one may see; machines are among the keys."""
    client = await door.signed_in("shazia")
    pages = await all_pages(client, "/v1/people", limit=3)
    codes = [one["code"] for page in pages for one in page]
    assert codes == sorted([*PEOPLE, "nadia", "shazia"])
    clerk = await door.signed_in("clerk")
    assert [one["code"] for one in good(await clerk.get("/v1/people"))["items"]] == ["clerk"]


async def test_people_are_found_by_role_organisation_name_and_whether_disabled(door: Door) -> None:
    """By what they hold today; on which organisation, where both are asked."""
    await door.with_password(
        {"past": [Post("treasurer", "VO-01", to_on="2026-07-31"), Post("accountant", "VO-01")]}
    )
    await door.execute(
        "UPDATE access.person SET organisation = 'CO-01', name_ur = 'کلرک' WHERE code = 'clerk'",
        "UPDATE access.person SET disabled_at = '2026-07-01' WHERE code = 'officer'",
    )
    client = await door.signed_in("shazia")

    async def codes(**asked: str) -> list[str]:
        pages = await all_pages(client, "/v1/people", limit=1, **asked)
        return [one["code"] for page in pages for one in page]

    assert await codes(role="accountant") == ["clerk", "past"]
    assert await codes(role="treasurer") == ["nadia", "shazia"]
    assert await codes(role="accountant", appointed_to="CO-01") == ["clerk"]
    assert await codes(role="treasurer", appointed_to="VO-01") == []
    assert await codes(appointed_to="VO-01") == ["alone", "past", "vo_admin"]
    assert await codes(organisation="CO-01") == ["clerk"]
    assert await codes(name="ADM") == ["co_admin", "vo_admin"]
    assert await codes(name="کلر") == ["clerk"]
    assert await codes(name="%") == []
    assert await codes(disabled="true") == ["officer"]
    assert "officer" not in await codes(disabled="false", name="o")


async def test_a_role_that_one_may_not_see_finds_nobody(door: Door) -> None:
    """Whom one sees is found by what one may see of them; nothing is learnt by asking."""
    await door.with_password({"both": [Post("auditor", "LSO-01"), Post("accountant", "CO-01")]})
    await door.execute("UPDATE access.person SET organisation = 'CO-01' WHERE code = 'both'")
    for who, found in (("shazia", ["both"]), ("co_admin", [])):
        client = await door.signed_in(who)
        items = good(await client.get("/v1/people", params={"role": "auditor"}))["items"]
        assert [one["code"] for one in items] == found
    client = await door.signed_in("co_admin")
    assert "both" in {one["code"] for one in good(await client.get("/v1/people"))["items"]}


@pytest.mark.parametrize(
    "asked", [{"role": "king"}, {"disabled": "perhaps"}, {"name": ""}, {"phone": "1"}]
)
async def test_a_malformed_filter_of_people_is_refused(door: Door, asked: dict[str, str]) -> None:
    """As is one that there is not."""
    client = await door.signed_in("shazia")
    refused(await client.get("/v1/people", params=asked), 422, "malformed")


async def test_nobody_appoints_or_ends_for_themselves(door: Door) -> None:
    """However many rights they hold; nor do they disable themselves."""
    client = await door.signed_in("shazia")
    refused(await appoint(client, "shazia"), 403, "own_appointment")
    [first, *_] = good(await client.get("/v1/people/shazia/appointments"))["items"]
    path = f"/v1/people/shazia/appointments/{first['id']}"
    ending = await client.put(path, json={"to_on": "2026-08-01"}, headers={"If-Match": '"1"'})
    refused(ending, 403, "own_appointment")
    change = {"name": "Shazia", "disabled": True}
    response = await client.put("/v1/people/shazia", json=change, headers={"If-Match": '"1"'})
    refused(response, 403, "own_appointment")


@pytest.mark.parametrize(
    ("who", "more", "status"),
    [
        ("vo_admin", {}, 201),
        ("vo_admin", {"organisation": "VO-01", "below": True}, 201),
        ("vo_admin", {"organisation": "LSO-01"}, 403),
        ("vo_admin", {"organisation": None, "below": True}, 403),
        ("vo_admin", {"organisation": "NOWHERE"}, 404),
        ("alone", {"organisation": "VO-01"}, 201),
        ("alone", {"organisation": "VO-01", "role": "administrator"}, 201),
        # Would open more than is administered: all below; what a treasurer reads below.
        ("alone", {"organisation": "VO-01", "below": True}, 403),
        ("alone", {"organisation": "VO-01", "role": "treasurer"}, 403),
        ("alone", {"organisation": "CO-01"}, 403),
        ("shazia", {"organisation": None, "below": True}, 201),
        ("shazia", {"organisation": None, "below": False}, 422),
        ("shazia", {"role": "auditor"}, 422),
        ("shazia", {"role": "auditor", "to_on": "2026-12-31"}, 201),
        ("shazia", {"to_on": "2026-07-01"}, 422),
        ("shazia", {"role": "king"}, 422),
    ],
)
async def test_an_administrator_appoints_within_what_he_administers(
    door: Door, who: str, more: dict[str, object], status: int
) -> None:
    """And an auditor until a day."""
    await door.execute(
        "INSERT INTO access.person (code, kind, name, organisation)"
        " VALUES ('new', 'person', 'New', 'VO-01')"
    )
    response = await appoint(await door.signed_in(who), "new", **more)
    assert response.status_code == status, response.text


async def test_an_appointment_opens_and_its_end_closes(door: Door) -> None:
    """At the next request; what is over is not begun again."""
    admin, clerk = await door.signed_in("shazia"), await door.signed_in("clerk")
    path = "/v1/organisations/LSO-01/accounts"
    refused(await clerk.get(path), 403, "forbidden")
    more = {"organisation": "LSO-01", "role": "auditor", "to_on": "2026-12-31"}
    made = good(await appoint(admin, "clerk", **more), 201)
    good(await clerk.get(path))
    ending = f"/v1/people/clerk/appointments/{made['id']}"
    tag = {"If-Match": '"1"'}
    for day in ("2026-07-30", "1999-01-01"):
        refused(await admin.put(ending, json={"to_on": day}, headers=tag), 422, "malformed")
    ended = good(await admin.put(ending, json={"to_on": "2026-07-31"}, headers=tag))
    assert (ended["to_on"], ended["version"]) == ("2026-07-31", 2)
    refused(await clerk.get(path), 403, "forbidden")
    refused(
        await admin.put(ending, json={"to_on": "2027-01-01"}, headers={"If-Match": '"2"'}),
        422,
        "malformed",
    )
    items = good(await clerk.get("/v1/people/clerk/appointments"))["items"]
    assert [one["role"] for one in items] == ["accountant", "auditor"]
    assert [one["role"] for one in good(await clerk.get("/v1/me"))["appointments"]] == [
        "accountant"
    ]


async def test_an_appointment_ends_by_the_version_that_was_read(door: Door) -> None:
    """And where it is somebody else's, there is none."""
    admin = await door.signed_in("shazia")
    [own] = good(await admin.get("/v1/people/clerk/appointments"))["items"]
    for person, tag, status in (("clerk", '"7"', 412), ("officer", '"1"', 404)):
        path = f"/v1/people/{person}/appointments/{own['id']}"
        ending = await admin.put(path, json={"to_on": "2026-08-01"}, headers={"If-Match": tag})
        assert ending.status_code == status
    co_admin = await door.signed_in("co_admin")
    path = f"/v1/people/officer/appointments/{own['id']}"
    ending = await co_admin.put(path, json={"to_on": "2026-08-01"}, headers={"If-Match": '"1"'})
    refused(ending, 404, "not_found")


async def test_an_expired_appointment_opens_nothing(door: Door) -> None:
    """An auditor of last year is a stranger, session or not."""
    await door.with_password({"past": [Post("auditor", "LSO-01", to_on="2026-07-31")]})
    client = await door.signed_in("past")
    assert good(await client.get("/v1/me"))["open"] == []
    refused(await client.get("/v1/organisations/LSO-01/accounts"), 404, "not_found")


async def test_a_registered_person_begins_with_a_recovery(door: Door) -> None:
    """There is no first password that anybody else knows."""
    admin = await door.signed_in("co_admin")
    good(await admin.post("/v1/people", json=NEW), 201)
    assert good(await appoint(admin, "zubaida"), 201)["version"] == 1
    code = good(await admin.post("/v1/people/zubaida/recovery"), 201)["code"]
    said = {"name": "zubaida", "code": code, "new_password": PASSWORD}
    client = door.client()
    assert (await client.post("/v1/recoveries", json=said)).status_code == 204
    await enter(client, name="zubaida", password=PASSWORD)
    assert good(await client.get("/v1/me"))["roles"] == ["accountant"]
