"""A closed sheet is corrected in its own form, or taken back whole; a second officer decides."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

import pytest

from api.web.correcting import revised
from tests.api.helpers import AGREED, good, keyed, sheet
from tests.web.forms import changed, fields_of, page_of, people, sent
from tests.web.test_member_pages import figures

if TYPE_CHECKING:
    import httpx
    from fastapi import FastAPI

AT: Final = "/sheets/S-08/correct"
LINES: Final = [
    {"member": "M-0001", "kind": "saving_compulsory", "amount": "100.00"},
    {"member": "M-0002", "kind": "saving_compulsory", "amount": "50.00"},
    {"member": "M-0002", "kind": "saving_voluntary", "amount": "500.00"},
    {"member": "M-0003", "kind": "withdrawal", "amount": "20.00"},
]
"""Who paid by a neighbour is not there: M-0002."""


@pytest.fixture
async def closed(app: FastAPI) -> FastAPI:
    """The books with a small meeting more, which was closed short."""
    async with people(app, "amina") as (amina,):
        written = sheet(lines=LINES, present=["M-0001", "M-0003", "M-0004"], cash_counted="620.00")
        good(await amina.post("/v1/sheets", json=written), 201)
        good(await amina.post("/v1/sheets/S-08/close", headers=keyed("S-08")), 201)
    return app


async def correction(client: httpx.AsyncClient, **to: str) -> str:
    """Ask for S-08 with these fields otherwise; the code of the request."""
    fields = changed(fields_of(await page_of(client, AT)), **{"reason": "Counted again", **to})
    answer = await sent(client, AT, fields)
    assert answer.status_code == 303, answer.text
    return answer.headers["Location"].removeprefix("/requests/")


def lines(sheet: dict[str, Any]) -> set[tuple[str, str, str, str | None]]:
    """The lines of a sheet, in no order."""
    return {(one["member"], one["kind"], one["amount"], one["loan"]) for one in sheet["lines"]}


async def test_all_that_was_written_stands_in_the_form(app: FastAPI) -> None:
    """Whatever it was: the form alone has every line of the sheet and who was there."""
    async with people(app, "amina") as (amina,):
        for code in ("S-01", "S-02", "S-03", "S-04", "S-05", "S-07"):
            await stands_in_its_form(amina, code)


async def stands_in_its_form(amina: httpx.AsyncClient, code: str) -> None:
    """Compare a sheet with the form that is to correct it."""
    sheet = good(await amina.get(f"/v1/sheets/{code}"))
    fields = fields_of(await page_of(amina, f"/sheets/{code}/correct"))
    filled = dict(fields)
    paid = {value for name, value in fields if name == "paid"}
    given = {value for name, value in fields if name == "given"}
    for line in sheet["lines"]:
        if line["kind"] == "disbursement":
            assert line["loan"] in given
            continue
        name = ":".join(("a", line["member"], line["kind"], *filter(None, [line["loan"]])))
        assert filled[name] == line["amount"]
        assert line["member"] in paid
    here = {name[5:] for name, value in fields if (name[:5], value) == ("here:", "yes")}
    assert here == set(sheet["present"])


async def test_a_correction_changes_what_was_changed_and_nothing_else(closed: FastAPI) -> None:
    """Once a second officer approves; the cash is what the lines then say."""
    async with people(closed, "amina", "bushra") as (amina, bushra):
        was = good(await amina.get("/v1/sheets/S-08"))
        code = await correction(amina, cash="agrees", **{"a:M-0002:saving_voluntary": "600"})
        page = await page_of(bushra, f"/requests/{code}")
        assert figures(page)[:4] == ["500.00", "600.00", "620.00", "730.00"]
        assert "Counted again" in page
        assert good(await amina.get("/v1/sheets/S-08"))["state"] == "closed"
        good(await bushra.post(f"/v1/requests/{code}/approve", json=AGREED))
        now = good(await amina.get("/v1/sheets/S-08.r1"))
        other = {("M-0002", "saving_voluntary", "600.00", None)}
        assert lines(now) - lines(was) == other
        assert len(lines(now)) == len(lines(was))
        assert (now["present"], now["cash_counted"]) == (was["present"], "730.00")


async def test_the_cash_may_stay_as_it_was_counted(closed: FastAPI) -> None:
    """Then what is over or short is written, too."""
    async with people(closed, "amina", "bushra") as (amina, bushra):
        code = await correction(amina, cash="stays", **{"a:M-0002:saving_voluntary": "600"})
        good(await bushra.post(f"/v1/requests/{code}/approve", json=AGREED))
        assert good(await amina.get("/v1/sheets/S-08.r1"))["cash_counted"] == "620.00"
        assert revised("S-08.r1") == "S-08.r2"


async def test_the_same_form_asks_once(closed: FastAPI) -> None:
    """Sent twice it is one request; the page says that it waits."""
    async with people(closed, "amina") as (amina,):
        asked = {"a:M-0001:saving_compulsory": "151.00", "reason": "Counted again"}
        fields = changed(fields_of(await page_of(amina, AT)), **asked)
        answers = [await sent(amina, AT, fields) for _ in range(2)]
        assert len({answer.headers["Location"] for answer in answers}) == 1
        assert answers[0].headers["Location"] in await page_of(amina, AT)


async def test_what_is_missing_is_said_and_all_that_was_typed_stays(closed: FastAPI) -> None:
    """A reason, a day that is one, an amount that is one."""
    async with people(closed, "amina") as (amina,):
        fields = fields_of(await page_of(amina, AT))
        answer = await sent(amina, AT, changed(fields, a__x="", reason=" "))
        assert answer.status_code == 422
        assert 'id="reason-wrong"' in answer.text
        answer = await sent(amina, AT, changed(fields, day="31-02-2026", reason="Counted again"))
        assert (answer.status_code, 'id="day-wrong"' in answer.text) == (422, True)
        assert "Counted again" in answer.text
        answer = await sent(amina, AT, changed(fields, reason="Counted again"))
        assert "Nothing is different" in answer.text
        wrong = {"a:M-0001:saving_compulsory": "two", "reason": "Counted again"}
        answer = await sent(amina, AT, changed(fields, **wrong))
        assert (answer.status_code, 'value="two"' in answer.text) == (422, True)
        assert good(await amina.get("/v1/requests?about=S-08"))["items"] == []


async def test_a_whole_sheet_is_taken_back(closed: FastAPI) -> None:
    """With a reason, on the day of the meeting unless another is named."""
    async with people(closed, "amina", "bushra") as (amina, bushra):
        at = "/sheets/S-08/reverse"
        fields = fields_of(await page_of(amina, at))
        assert (await sent(amina, at, fields)).status_code == 422
        answer = await sent(amina, at, changed(fields, reason="Entered twice"))
        assert answer.status_code == 303
        code = answer.headers["Location"].removeprefix("/requests/")
        found = good(await amina.get(f"/v1/requests/{code}"))
        assert found["difference"]["entries"][0]["value_date"] == "2026-06-29"
        good(await bushra.post(f"/v1/requests/{code}/approve", json=AGREED))
        assert good(await amina.get("/v1/sheets/S-08"))["state"] == "reversed"
        assert (await amina.get(AT)).status_code == 409


async def test_who_may_not_prepare_corrects_nothing(closed: FastAPI) -> None:
    """Neither the second officer herself nor who keeps another CO's books."""
    async with people(closed, "amina", "bushra", "elsewhere") as (amina, bushra, stranger):
        fields = fields_of(await page_of(amina, AT))
        for who, client in (("bushra", bushra), ("elsewhere", stranger)):
            mine = changed(fields, reason="Mine", csrf=f"csrf-of-{who}")
            for at in (AT, "/sheets/S-08/reverse"):
                assert (await client.get(at)).status_code in {403, 404}
                assert (await sent(client, at, mine)).status_code in {403, 404}
        guessed = changed(fields, reason="Mine", csrf="guessed")
        assert (await sent(amina, AT, guessed)).status_code == 403
        assert good(await amina.get("/v1/requests?about=S-08"))["items"] == []
