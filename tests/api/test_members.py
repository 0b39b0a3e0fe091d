"""Members over HTTP: registering, warnings, filters, savings."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from tests.api.helpers import all_pages, good, refused

if TYPE_CHECKING:
    import httpx

MEMBERS = "/v1/organisations/CO-01/members"
NEW = {"M-0102", "M-0103", "M-0104"}
NASREEN = {
    "code": "M-0101",
    "organisation": "CO-01",
    "name": "Nasreen Bibi",
    "gender": "female",
    "cnic": "10000-0000101-2",
    "phone": "+92 300 0000101",
    "joined_on": "2026-06-01",
}


async def test_a_member_is_registered_and_found_again(client: httpx.AsyncClient) -> None:
    """What was said comes back, without warnings where all agrees."""
    response = await client.post("/v1/members", json=NASREEN)
    made = good(response, 201)
    assert made["warnings"] == []
    assert good(await client.get(response.headers["Location"])) == made
    items = good(await client.get("/v1/organisations/CO-01/members"))["items"]
    assert [item["code"] for item in items][-1] == "M-0101"


async def test_a_doubtful_cnic_warns_and_does_not_refuse(client: httpx.AsyncClient) -> None:
    """An odd last digit is a man's; a score comes with its day."""
    odd = {**NASREEN, "cnic": "10000-0000101-3", "psc": 12}
    made = good(await client.post("/v1/members", json=odd), 201)
    assert [warning.split(":")[0] for warning in made["warnings"]] == ["cnic", "psc_on"]


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("cnic", "1000000001012"),
        ("cnic", "10000-0000101-\u0662"),
        ("phone", "0300 0000101"),
        ("phone", "+92 200 0000101"),
        ("psc", 101),
        ("psc", True),
        ("psc", 12.0),
        ("gender", "FEMALE"),
        ("joined_on", "2026-02-30"),
        ("joined_on", "1-6-2026"),
        ("name", "  "),
    ],
)
async def test_a_malformed_member_is_refused(
    client: httpx.AsyncClient, field: str, value: object
) -> None:
    """The problem points at the field."""
    response = await client.post("/v1/members", json={**NASREEN, field: value})
    found = refused(response, 422, "malformed")
    assert {error["pointer"] for error in found["errors"]} == {f"/{field}"}


async def test_a_member_needs_a_co_a_free_code_and_days_in_order(
    client: httpx.AsyncClient,
) -> None:
    """What only the books can know."""
    at = "/v1/members"
    refused(await client.post(at, json={**NASREEN, "code": "M-0001"}), 409, "already_exists")
    refused(await client.post(at, json={**NASREEN, "organisation": "CO-99"}), 404, "not_found")
    refused(await client.post(at, json={**NASREEN, "organisation": "VO-01"}), 422, "malformed")
    early = {**NASREEN, "left_on": "2026-05-31"}
    refused(await client.post(at, json=early), 422, "malformed")
    refused(await client.get("/v1/members/M-0101"), 404, "not_found")


async def test_members_are_found_by_state_gender_and_name(client: httpx.AsyncClient) -> None:
    """On any day: who leaves is a member on her last day; who has not joined is neither."""
    for said in (
        {"code": "M-0102", "name": "Farah_100%", "joined_on": "2026-06-10"},
        {"code": "M-0103", "name": "Karim Bux", "name_ur": "کریم بخش", "gender": "male"},
        {"code": "M-0104", "name": "Gul Bibi", "left_on": "2026-06-20"},
    ):
        bare = {**NASREEN, "cnic": None, "phone": None}
        good(await client.post("/v1/members", json={**bare, **said}), 201)

    async def codes(**asked: str) -> set[str]:
        pages = await all_pages(client, MEMBERS, limit=2, **asked)
        return {item["code"] for page in pages for item in page} & NEW

    assert await codes() == NEW
    assert await codes(state="active") == {"M-0102", "M-0103"}
    assert await codes(state="active", as_of="2026-06-20") == NEW
    assert await codes(state="active", as_of="2026-06-09") == {"M-0103", "M-0104"}
    assert await codes(state="exited") == {"M-0104"}
    assert await codes(state="exited", as_of="2026-06-20") == set()
    assert await codes(gender="male") == {"M-0103"}
    assert await codes(gender="female", state="active") == {"M-0102"}
    assert await codes(name="bux") == await codes(name="بخش") == {"M-0103"}
    assert await codes(name="h_100%") == {"M-0102"}
    assert await codes(name="%") == {"M-0102"}
    assert await codes(name="' OR true --") == set()


@pytest.mark.parametrize(
    "asked",
    [{"state": "gone"}, {"gender": "w"}, {"as_of": "1-6-2026"}, {"name": " "}, {"cnic": "1"}],
)
async def test_a_malformed_filter_of_members_is_refused(
    client: httpx.AsyncClient, asked: dict[str, str]
) -> None:
    """As is one that there is not: nothing is passed over."""
    refused(await client.get(MEMBERS, params=asked), 422, "malformed")


async def test_a_member_who_joins_in_the_future_is_refused(client: httpx.AsyncClient) -> None:
    """The problem says which day is too late; today is not."""
    later = {**NASREEN, "joined_on": "2026-08-01"}
    found = refused(await client.post("/v1/members", json=later), 422, "malformed")
    assert found["errors"][0]["pointer"] == "/joined_on"
    made = await client.post("/v1/members", json={**NASREEN, "joined_on": "2026-07-31"})
    good(made, 201)
    read = await client.get("/v1/members/M-0101")
    said = {name: NASREEN[name] for name in ("name", "gender")} | {"joined_on": "2026-08-01"}
    headers = {"If-Match": read.headers["ETag"]}
    amended = await client.put("/v1/members/M-0101", json=said, headers=headers)
    refused(amended, 422, "malformed")


@pytest.mark.parametrize("field", ["psc_on", "left_on"])
async def test_what_is_still_to_come_is_not_registered_of_a_member(
    client: httpx.AsyncClient, field: str
) -> None:
    """Neither a survey nor a leaving: the problem points at the day."""
    later = {**NASREEN, "psc": 12, field: "2026-08-01"}
    found = refused(await client.post("/v1/members", json=later), 422, "malformed")
    assert found["errors"][0]["pointer"] == f"/{field}"


async def test_a_survey_still_to_come_is_not_amended_in(client: httpx.AsyncClient) -> None:
    """Today's is."""
    read = await client.get("/v1/members/M-0001")
    said = {name: good(read)[name] for name in ("name", "gender", "joined_on")}
    headers = {"If-Match": read.headers["ETag"]}
    later = {**said, "psc": 12, "psc_on": "2026-08-01"}
    found = refused(
        await client.put("/v1/members/M-0001", json=later, headers=headers), 422, "malformed"
    )
    assert found["errors"][0]["pointer"] == "/psc_on"
    today = {**later, "psc_on": "2026-07-31"}
    good(await client.put("/v1/members/M-0001", json=today, headers=headers))


async def test_an_if_match_is_exactly_one_etag(client: httpx.AsyncClient) -> None:
    """Whatever it is that is changed, the sentence fits."""
    said = {"name": "Zainab Bibi", "gender": "female", "joined_on": "2026-01-15"}
    for wrong in ("1", '"1", "2"', "*", 'W/"1"'):
        answer = await client.put("/v1/members/M-0001", json=said, headers={"If-Match": wrong})
        found = refused(answer, 412, "version_changed")
        assert "exactly one ETag" in found["detail"]


async def test_savings_are_those_of_the_days_asked(client: httpx.AsyncClient) -> None:
    """The figures of the reference file, day by day, and as known by a moment."""
    asked = {"as_of": ["2026-06-30", "2026-03-31", "2026-06-30"]}
    found = good(await client.get("/v1/members/M-0006/savings", params=asked))
    assert [item["as_of"] for item in found["items"]] == ["2026-03-31", "2026-06-30"]
    report = await client.get("/v1/reports/member-savings", params={"as_of": "2026-06-30"})
    row = next(row for row in good(report)["rows"] if row["member"] == "M-0006")
    last = found["items"][-1]
    assert (last["compulsory"], last["voluntary"]) == (row["compulsory"], row["voluntary"])
    early = {"as_of": "2026-06-30", "known_by": "2026-03-06T00:00:00+05:00"}
    known = good(await client.get("/v1/members/M-0006/savings", params=early))
    assert known["items"][0]["compulsory"] != last["compulsory"]


async def test_savings_of_no_member_and_of_unsettled_moments_are_refused(
    client: httpx.AsyncClient,
) -> None:
    """A moment of the future may still bring postings."""
    refused(await client.get("/v1/members/M-9999/savings"), 404, "not_found")
    asked = {"known_by": "2199-01-01T00:00:00Z"}
    refused(await client.get("/v1/members/M-0001/savings", params=asked), 422, "moment_unsettled")
    naive = {"known_by": "2026-03-06T00:00:00"}
    refused(await client.get("/v1/members/M-0001/savings", params=naive), 422, "malformed")


async def test_a_member_is_amended_in_the_version_that_was_read(
    client: httpx.AsyncClient,
) -> None:
    """A second change of the same version is refused; the code and the CO stay."""
    at = "/v1/members/M-0001"
    read = await client.get(at)
    known = good(read)
    said = {"name": "Nasreen Akhtar", "gender": known["gender"], "joined_on": known["joined_on"]}
    headers = {"If-Match": read.headers["ETag"]}
    changed = await client.put(at, json=said, headers=headers)
    assert good(changed)["name"] == "Nasreen Akhtar"
    assert good(changed)["organisation"] == "CO-01"
    refused(await client.put(at, json=said, headers=headers), 412, "version_changed")
    refused(await client.put(at, json=said), 428, "if_match_missing")
    left = {**said, "left_on": "2001-01-01"}
    newer = {"If-Match": changed.headers["ETag"]}
    refused(await client.put(at, json=left, headers=newer), 422, "malformed")
