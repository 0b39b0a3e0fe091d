"""An organisation that moved away: closed to where it was at once, and open where it is."""

from __future__ import annotations

import csv
import json
from datetime import date, datetime
from typing import TYPE_CHECKING, Any, Final

import pytest

from service import bookkeeping
from service.books import make_engine, read_books
from tests.access.acting import House, housed, money
from tests.access.world import gift, private
from tests.api.helpers import good, refused
from tests.support.importing import NOW
from tests.support.people import Post

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

    from tests.access.world import Federation

JUNE: Final = "2026-06-20"
"""While CO-7 was still under VO-1."""
AGREED: Final = {"reason": "Agreed"}
LEFT_BEHIND: Final = (
    "treasurer.VO-1",
    "field_officer.VO-1",
    "auditor.VO-1",
    "administrator.VO-1",
)


@pytest.fixture
async def house(federation: Federation) -> AsyncIterator[House]:
    """The application on the federation."""
    async with housed(federation) as found:
        yield found


def betrayed(code: str, text: str) -> list[str]:
    """What a text tells of an organisation."""
    return sorted(one for one in private(code) | {f"M-{code}-a", f"L-{code}"} if one in text)


@pytest.mark.parametrize("person", LEFT_BEHIND)
async def test_the_old_node_reads_nothing_of_it_for_any_day(house: House, person: str) -> None:
    """Also for days on which it was there, and whatever way it is asked."""
    day = {"as_of": JUNE}
    paths = (
        "/v1/organisations/CO-7",
        "/v1/organisations/CO-7/balances",
        "/v1/members/M-CO-7-a/savings",
        "/v1/loans/L-CO-7",
        "/v1/organisations/CO-7/accounts",
    )
    for path in paths:
        refused(await house.get(person, path, **day), 404, "not_found")
    for name in ("trial-balance", "rollup", "member-savings", "loans", "par", "journal"):
        answer = await house.get(person, f"/v1/reports/{name}", node="CO-7", **day)
        refused(answer, 404, "not_found")
    named = {"under": "CO-7", **day}
    refused(await house.get(person, "/v1/organisations", **named), 404, "not_found")


@pytest.mark.parametrize("form", ["json", "csv"])
@pytest.mark.parametrize("node", [{}, {"node": "VO-1"}])
async def test_reports_of_the_old_node_list_nothing_of_it(
    house: House, node: dict[str, str], form: str
) -> None:
    """Books, members and loans of an earlier day are those that are open today."""
    for name in ("trial-balance", "member-savings", "loans", "journal", "schedules", "rollup"):
        more = {"as_of": JUNE, "format": form, **node}
        answer = await house.get("treasurer.VO-1", f"/v1/reports/{name}", **more)
        assert answer.status_code == 200, answer.text
        assert not betrayed("CO-7", answer.text), name
        rows = answer.json()["rows"] if form == "json" else _rows(answer.text, "text/csv")
        assert "CO-7" not in {row.get("org") or row.get("node") for row in rows}


async def test_the_listing_of_an_earlier_day_leaves_it_out(house: House) -> None:
    """Whom a node had below it then is not told by name."""
    for params in ({"under": "VO-1"}, {"parent": "VO-1"}, {}):
        more = {"as_of": JUNE, "limit": 500, **params}
        answer = await house.get("treasurer.VO-1", "/v1/organisations", **more)
        assert "CO-7" not in answer.text
        assert "CO-2" in answer.text


async def test_what_the_old_node_reports_of_itself_still_counts_it(house: House) -> None:
    """Its consolidated figures of that day are the house's own, to the paisa."""
    engine = make_engine(house.made.url, connections=1)
    async with read_books(engine, actor="test", now=NOW) as books:
        wanted = await bookkeeping.consolidated(books, "VO-1", date.fromisoformat(JUNE))
    await engine.dispose()
    params = {"as_of": JUNE, "consolidated": "true"}
    answer = await house.get("treasurer.VO-1", "/v1/organisations/VO-1/balances", **params)
    items = good(answer)["days"][0]["items"]
    found = {(i["fund"], i["code"]): int(i["balance"].replace(".", "")) for i in items}
    assert found == {(one.fund, one.code): one.net for one in wanted}
    now = await house.get("treasurer.VO-1", "/v1/organisations/VO-1/balances", consolidated="true")
    assert items != good(now)["days"][0]["items"]


@pytest.mark.parametrize("form", ["application/json", "text/csv", "application/x-ndjson"])
async def test_consolidated_statements_of_then_name_nobody(house: House, form: str) -> None:
    """Totals leave, and nothing by member, party or account; in every format."""
    base = "/v1/organisations/VO-1/statements"
    kinds = good(await house.get("treasurer.VO-1", base))["items"]
    for kind in (one for one in kinds if one["consolidated"]):
        more = {"period": {"first_on": "2026-06-01", "last_on": JUNE}, "day": {"as_of": JUNE}}
        params = {"consolidated": "true", **more.get(kind["dated"], {})}
        params |= {"fund": "own"} if kind["name"] == "cif-statement" else {}
        headers = {"Accept": form}
        answer = await house.send(
            "treasurer.VO-1", "GET", f"{base}/{kind['name']}", params=params, headers=headers
        )
        assert answer.status_code == 200, answer.text
        assert not betrayed("CO-7", answer.text), kind["name"]
        if kind["name"] != "on-time-collection":  # nothing has fallen due by then
            assert _rows(answer.text, form), kind["name"]
        for narrow in ("party=M-CO-7-a", "party=CO-7", "account=1"):
            told = await house.get(
                "treasurer.VO-1", f"{base}/{kind['name']}?consolidated=true&{narrow}"
            )
            refused(told, 422, "malformed")


async def test_the_new_node_reads_it_with_its_whole_history(house: House) -> None:
    """As of a day on which it was not there yet."""
    asked = "/v1/organisations/CO-7/entries"
    assert gift("CO-7") in (await house.get("treasurer.house", asked)).text
    await house.execute(
        "UPDATE access.appointment SET organisation = 'VO-9' WHERE person = 'treasurer.VO-1'"
    )
    answer = await house.get("treasurer.VO-1", asked)
    assert gift("CO-7") in answer.text
    refused(await house.get("treasurer.VO-1", "/v1/organisations/CO-1"), 404, "not_found")


async def test_a_move_closes_the_book_with_the_answer_to_the_approval(house: House) -> None:
    """Whoever read it a moment ago finds nothing."""
    said = {"to": "VO-9", "on": "2026-07-30", "reason": "Nearer"}
    path = "/v1/organisations/CO-2/book"
    good(await house.get("treasurer.VO-1", path))
    asked = await house.post("field_officer.VO-1", "/v1/organisations/CO-2/moves", said, key="m")
    at = f"/v1/requests/{good(asked, 202)['code']}"
    good(await house.get("treasurer.VO-1", path))
    refused(await house.post("field_officer.VO-1", f"{at}/approve", AGREED), 404, "not_found")
    good(await house.post("field_officer.house", f"{at}/approve", AGREED))
    refused(await house.get("treasurer.VO-1", path), 404, "not_found")
    refused(await house.get("treasurer.VO-1", "/v1/members/M-CO-2-a"), 404, "not_found")
    good(await house.get("treasurer.house", path))


async def test_a_move_that_lies_ahead_closes_the_book_on_its_day(house: House) -> None:
    """Until midnight in Karachi it is where it was, and not yet where it will be."""
    await house.appoint({"second": (Post("field_officer"),), "there": (Post("treasurer", "VO-9"),)})
    said = {"to": "VO-9", "on": "2026-08-15", "reason": "Nearer"}
    asked = await house.post("field_officer.house", "/v1/organisations/CO-2/moves", said, key="m")
    at = f"/v1/requests/{good(asked, 202)['code']}"
    good(await house.post("second", f"{at}/approve", AGREED))
    path = "/v1/organisations/CO-2/book"
    moments = {
        "2026-08-14T23:59:59+05:00": ("treasurer.VO-1", "there"),
        "2026-08-15T00:00:00+05:00": ("there", "treasurer.VO-1"),
    }
    for moment, (reads, finds_nothing) in moments.items():
        async with housed(house.made, now=datetime.fromisoformat(moment)) as then:
            good(await then.get(reads, path))
            refused(await then.get(finds_nothing, path), 404, "not_found")


async def test_what_is_owed_across_is_still_given_back(house: House) -> None:
    """CO-7 is out of sight of VO-1, which has its deposit."""
    said = money("VO-1", kind="deposit_returned", counterparty="CO-7", amount="5.00")
    asked = await house.post("accountant.VO-1", "/v1/transfers", said, key="back")
    assert good(asked, 202)["decider"] == "CO-7"
    assert not betrayed("CO-7", asked.text)


def _rows(text: str, form: str) -> list[Any]:
    if form == "text/csv":
        return list(csv.DictReader(text.splitlines()))
    if form == "application/json":
        found: list[Any] = json.loads(text)["items"]
        return found
    return [json.loads(line) for line in text.splitlines()][1:]
