"""What an office may see of a member, and that administrators see no member and no money."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Final

import pytest

from service.reports.registry import REPORTS
from service.statements.registry import STATEMENTS
from tests.access.acting import House, housed
from tests.access.asks import ASKS, names, one_co
from tests.access.world import people_of, private
from tests.api.helpers import good
from tests.support.people import Post

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

    from tests.access.world import Federation

CNIC: Final = re.compile(r"\d{5}-\d{7}-\d")
PHONE: Final = re.compile(r"\+92 3\d\d 900000\d")
MASKED: Final = (
    "president.CO-1",
    "manager.CO-1",
    "auditor.CO-1",
    "auditor.VO-1",
    "auditor.house",
    "treasurer.VO-1",
    "president.house",
)
WHOLE: Final = ("accountant.CO-1", "treasurer.CO-1", "field_officer.VO-1")
READS: Final = [name for name, ask in ASKS.items() if ask.method == "GET"]


@pytest.fixture
async def house(federation: Federation) -> AsyncIterator[House]:
    """The application on the federation."""
    async with housed(federation) as found:
        yield found


def everywhere(made: Federation, person: str, code: str) -> list[str]:
    """Every address at which something of an organisation is read."""
    named = names(made, person, code, oneself=False)
    paths = [ASKS[name].path.format_map(named) for name in READS]
    paths += [f"/v1/organisations/{code}/statements/{name}" for name in STATEMENTS]
    paths += [
        f"/v1/reports/{name}?as_of=2026-07-30{node}"
        for name in REPORTS
        for node in ("", f"&node={code}")
    ]
    return [*paths, f"/v1/members/{named['member']}/passbook?format=csv"]


@pytest.mark.parametrize("person", MASKED)
async def test_identity_is_masked_wherever_a_member_is_shown(house: House, person: str) -> None:
    """List, one, passbook, sheets, trail, requests: no whole identity, no whole number."""
    seen = ""
    for path in everywhere(house.made, person, "CO-1"):
        answer = await house.get(person, path)
        assert not CNIC.search(answer.text), path
        assert not PHONE.search(answer.text), path
        seen += answer.text
    amina = people_of("CO-1")[0]
    assert f"*****-*****{(amina.cnic or '')[-4:]}" in seen


@pytest.mark.parametrize("person", WHOLE)
async def test_identity_is_whole_for_who_writes_it_down(house: House, person: str) -> None:
    """In the list and alone; never in the trail."""
    amina = people_of("CO-1")[0]
    for path in ("/v1/organisations/CO-1/members", "/v1/members/M-CO-1-a"):
        answer = await house.get(person, path)
        assert amina.cnic
        assert amina.phone
        assert amina.cnic in answer.text
        assert amina.phone in answer.text
    trail = await house.get(person, "/v1/organisations/CO-1/audit-trail")
    assert good(trail)["items"]
    assert not CNIC.search(trail.text)
    assert not PHONE.search(trail.text)


async def test_the_answer_to_a_change_is_masked_as_the_reading_is(house: House) -> None:
    """A treasurer of the VO who registers nobody of the CO sees no more by trying."""
    said = {"name": "Nasreen", "gender": "female", "joined_on": "2026-06-01"}
    for person in ("treasurer.VO-1", "president.CO-1", "auditor.CO-1"):
        answer = await house.send(
            person, "PUT", "/v1/members/M-CO-1-a", json=said, headers={"If-Match": '"1"'}
        )
        assert answer.status_code == 403
        assert not CNIC.search(answer.text)


async def test_the_trail_of_an_amended_member_shows_no_identity(house: House) -> None:
    """Neither before nor after."""
    said = {
        "name": "Nasreen",
        "gender": "female",
        "joined_on": "2026-06-01",
        "cnic": "12345-7654321-2",
        "phone": "+92 300 9000009",
    }
    answer = await house.send(
        "accountant.CO-1", "PUT", "/v1/members/M-CO-1-a", json=said, headers={"If-Match": '"1"'}
    )
    assert good(answer)["cnic"] == said["cnic"]
    trail = await house.get("auditor.CO-1", "/v1/organisations/CO-1/audit-trail")
    assert "*****-*****21-2" in trail.text
    assert not CNIC.search(trail.text)
    assert not PHONE.search(trail.text)


@pytest.mark.parametrize(
    "person", ["administrator.CO-1", "administrator.VO-1", "administrator.house"]
)
async def test_an_administrator_sees_no_member_and_no_money(house: House, person: str) -> None:
    """By no route that reads, about no organisation."""
    for code in ("VO-1", "CO-1", "CO-9"):
        for path in everywhere(house.made, person, code):
            answer = await house.get(person, path)
            assert answer.status_code in {200, 403, 404, 422}, (path, answer.text)
            told = sorted(text for text in private(code) if text in answer.text)
            assert not told, (path, told)
            assert (
                not re.search(r'"\d+\.\d\d"', answer.text)
                or "/products" in path
                or ("limits" in path)
            ), (path, answer.text[:300])


async def test_what_an_administrator_did_and_reads_in_trails_is_no_money(house: House) -> None:
    """The trails of people and of the house tell of offices, keys and rules."""
    fee = {
        "organisation": "CO-1",
        "kind": "grant_donor",
        "happened_on": "2026-07-20",
        "fund": "own",
        "paid_by": "cash",
        "amount": "7654321.00",
    }
    good(await house.post("accountant.CO-1", "/v1/events", fee, key="k"), 201)
    for path in ("/v1/audit-trail", "/v1/people/accountant.CO-1/audit-trail"):
        answer = await house.get("administrator.house", path)
        assert good(answer)["items"]
        assert "7654321" not in answer.text


async def test_an_administrator_imports_though_they_register_nothing(house: House) -> None:
    """The bundle is the house's doing; whoever sent it reads no more than before."""
    files = {"bundle": ("one-co.zip", one_co())}
    await house.appoint({"second": (Post("administrator"),)})
    headers = {"Idempotency-Key": "one-co"}
    asked = await house.send(
        "administrator.house", "POST", "/v1/imports", files=files, headers=headers
    )
    assert good(asked, 202)["state"] == "waiting"
    done = await house.send("second", "POST", "/v1/imports", files=files, headers=headers)
    assert done.status_code in {200, 201}, done.text
    path = "/v1/organisations/CO-01/book"
    assert (await house.get("administrator.house", path)).status_code == 403
    good(await house.get("treasurer.house", path))
    refused = await house.send(
        "administrator.VO-1", "POST", "/v1/imports", files=files, headers=headers
    )
    assert refused.status_code == 403
