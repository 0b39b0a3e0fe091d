"""An officer's pages over HTTP: what they do, what they refuse, and whose they are not."""

from __future__ import annotations

import asyncio
import re
from html import unescape
from typing import TYPE_CHECKING, Final

import pytest

from tests.api.helpers import AGREED, good
from tests.support.people import Post, appoint
from tests.web.forms import changed, fields_of, page_of, people, sent

if TYPE_CHECKING:
    import httpx
    from fastapi import FastAPI

OFFICERS: Final = {
    "javed": (Post("field_officer", "VO-01"),),
    "far": (Post("field_officer", "VO-02"),),
    "everywhere": (Post("field_officer"),),
    "alone": (Post("field_officer", "VO-01", below=False),),
    "treasurer": (Post("treasurer", "VO-01", below=True),),
    "keeper": (Post("administrator"),),
    "of_vo": (Post("administrator", "VO-01"),),
}
VO_02: Final = {
    "code": "VO-02",
    "kind": "VO",
    "name": "VO Hamdard",
    "formed_on": "2025-06-01",
    "parent": {"organisation": "LSO-01", "from_on": "2025-06-01"},
}
_LINKS: Final = re.compile(r'href="(/(?:organisations/[^"]+/|members|nominations|people)[^"]*)"')
"""To the pages of officers and administrators, without those of figures."""
OPEN_TO_NO_TREASURER: Final = (
    "/organisations",
    "/organisations/new",
    "/organisations/CO-01/about",
    "/organisations/CO-01/edit",
    "/organisations/CO-01/move",
    "/nominations?at=VO-01",
    "/nominations/new?at=VO-01",
    "/moves",
    "/people/new",
    "/people/javed/appoint",
    "/products",
    "/products/new",
    "/settings",
    "/imports",
    "/jobs",
    "/keys",
    "/keys/new",
)


@pytest.fixture
async def house(officers_url: str, app: FastAPI) -> FastAPI:
    """Two VOs of one LSO, each with its field officer, and administrators."""
    async with people(app, "shazia") as (shazia,):
        good(await shazia.post("/v1/organisations", json=VO_02), 201)
    await asyncio.to_thread(appoint, officers_url, OFFICERS)
    return app


async def test_an_organisation_is_registered_and_amended(house: FastAPI) -> None:
    """What was typed stays where something is refused; a change behind one's back is shown."""
    async with people(house, "javed") as (javed,):
        at = "/organisations/new"
        fields = changed(
            fields_of(await page_of(javed, f"{at}?parent=VO-01")),
            code="CO-09",
            name="CO Umeed",
            formed_on="31-02-2026",
        )
        answer = await sent(javed, at, fields)
        assert answer.status_code == 422
        assert "Write a day like" in answer.text
        assert 'id="formed_on-wrong"' in answer.text
        assert dict(fields_of(answer.text))["name"] == "CO Umeed"
        answer = await sent(javed, at, changed(fields, formed_on="01-07-2026", gender="women"))
        assert answer.headers["Location"] == "/organisations/CO-09/about"
        assert good(await javed.get("/v1/organisations/CO-09"))["parent"] == "VO-01"
        twice = await sent(javed, at, changed(fields, formed_on="01-07-2026", gender="women"))
        assert twice.headers["Location"] == "/organisations/CO-09/about"
        again = await sent(javed, at, changed(fields, formed_on="01-07-2026"))
        assert (again.status_code, 'id="code-wrong"' in again.text) == (409, True)
        at = "/organisations/CO-09/edit"
        stale = fields_of(await page_of(javed, at))
        for _twice in range(2):
            answer = await sent(javed, at, changed(stale, name="CO Umeed Bala"))
            assert answer.status_code == 303
        answer = await sent(javed, at, changed(stale, name="CO Umeed Payan", village="Nurpur"))
        assert answer.status_code == 412
        assert "Somebody else has changed this." in answer.text
        assert "CO Umeed Bala" in answer.text
        assert dict(fields_of(answer.text))["name"] == "CO Umeed Payan"
        assert (await sent(javed, at, fields_of(answer.text))).status_code == 303
        found = good(await javed.get("/v1/organisations/CO-09"))
        assert (found["name"], found["place"]["village"]) == ("CO Umeed Payan", "Nurpur")


async def test_a_list_is_found_by_name_and_code_page_by_page(
    house: FastAPI, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What is next begins behind the last; what was asked stays asked."""
    monkeypatch.setattr("api.web.officers.PAGE", 1)
    async with people(house, "javed") as (javed,):
        page = await page_of(javed, "/organisations?kind=CO")
        assert "CO Chaman" in page
        assert "CO Sahar" not in page
        (after,) = re.findall(r'href="(/organisations\?kind=CO&amp;after=CO-01)"', page)
        assert "CO Sahar" in await page_of(javed, after.replace("&amp;", "&"))
        assert "CO Sahar" in await page_of(javed, "/organisations?q=sahar")
        assert "VO Ittehad" in await page_of(javed, "/organisations?q=vo-01")
        assert "None of this name" in await page_of(javed, "/organisations?q=nowhere")


async def test_a_move_says_what_follows_before_it_is_done(house: FastAPI) -> None:
    """Within a federation it is done at once; the list of moves has it."""
    async with people(house, "nadia") as (nadia,):
        at = "/organisations/CO-01/move"
        fields = changed(
            fields_of(await page_of(nadia, at)), to="VO-02", on="01-07-2026", reason="It is nearer"
        )
        shown = await sent(nadia, at, fields)
        assert shown.status_code == 200
        assert "It leaves:" in shown.text
        assert "VO Hamdard" in shown.text
        assert good(await nadia.get("/v1/organisations/CO-01"))["parent"] == "VO-01"
        assert (await sent(nadia, at, changed(fields, to="VO-77"))).status_code == 404
        done = await sent(nadia, at, changed(fields_of(shown.text), do="move"))
        assert done.headers["Location"] == "/organisations/CO-01/about"
        assert good(await nadia.get("/v1/organisations/CO-01"))["parent"] == "VO-02"
        moves = await page_of(nadia, "/moves")
        assert moves.index("CO-01") < moves.index("VO-01") < moves.index("VO-02")
    async with people(house, "far") as (far,):
        moves = await page_of(far, "/moves")
        assert moves.index("CO-01") < moves.index("one that you do not see") < moves.rindex("VO-02")
        assert "VO-01" not in moves


async def test_an_officer_of_one_alone_is_shown_what_she_may_see(house: FastAPI) -> None:
    """Not what lies below it: a move goes without its figures, a choice without what is shut."""
    async with people(house, "alone") as (alone,):
        at = "/organisations/VO-01/move"
        fields = changed(fields_of(await page_of(alone, at)), on="01-07-2026", reason="It asked")
        shown = await sent(alone, at, changed(fields, to=""))
        assert shown.status_code == 200
        assert "It leaves:" in shown.text
        assert "What goes along" not in shown.text
        assert "M-0003" in await page_of(alone, "/nominations")


@pytest.mark.parametrize("who", ["alone", "of_vo", "everywhere"])
async def test_nobody_is_led_to_what_is_shut(house: FastAPI, who: str) -> None:
    """Two steps from where an officer's and an administrator's work begins."""
    async with people(house, who) as (client,):
        begins = ["/organisations", "/members", "/loans", "/loans/new", "/settings", "/requests"]
        begins += ["/people"] if who == "of_vo" else ["/nominations", "/moves"]
        seen: set[str] = set()
        for _step in range(3):
            pages = [await _followed(client, at) for at in begins if at not in seen]
            seen |= set(begins)
            begins = sorted({link for page in pages for link in _LINKS.findall(page)} - seen)
        assert len(seen) > 12


async def _followed(client: httpx.AsyncClient, at: str) -> str:
    """A page, or the one that it leads on to."""
    answer = await client.get(at.replace("&amp;", "&"), follow_redirects=True)
    assert answer.status_code == 200, at
    return answer.text.partition("<main")[2]


async def test_a_move_far_back_becomes_a_request(house: FastAPI) -> None:
    """And the page of the organisation says that it waits."""
    async with people(house, "nadia") as (nadia,):
        at = "/organisations/CO-02/move"
        fields = changed(
            fields_of(await page_of(nadia, at)),
            to="",
            on="15-02-2026",
            reason="It stands alone",
            do="move",
        )
        answer = await sent(nadia, at, changed(fields, on="25-06-2026"))
        assert answer.headers["Location"] == "/organisations/CO-02/about"
        fields = changed(fields, to="VO-02", on="20-05-2026")
        answer = await sent(nadia, "/organisations/CO-01/move", fields)
        assert answer.headers["Location"].startswith("/requests/")
        page = await page_of(nadia, "/organisations/CO-01/about")
        assert "A request about it waits already." in page


async def test_every_kind_below_is_counted(house: FastAPI, officers_url: str) -> None:
    """Also RSPs, at the head of their network."""
    rspn = {"code": "RSPN-1", "kind": "RSPN", "name": "RSPN", "formed_on": "2025-06-01"}
    rsp = {"code": "RSP-1", "kind": "RSP", "name": "RSP", "formed_on": "2025-06-01"}
    above = {"parent": {"organisation": "RSPN-1", "from_on": "2025-06-01"}}
    await asyncio.to_thread(appoint, officers_url, {"founder": (Post("field_officer"),)})
    async with people(house, "founder") as (founder,):
        good(await founder.post("/v1/organisations", json=rspn), 201)
        good(await founder.post("/v1/organisations", json=rsp | above), 201)
    await asyncio.to_thread(appoint, officers_url, {"reader": (Post("auditor", "RSPN-1"),)})
    async with people(house, "reader") as (reader,):
        page = await page_of(reader, "/organisations/RSPN-1")
    assert '<bdi dir="ltr" class="n">1</bdi> RSPs' in page


async def test_whom_it_belonged_to_elsewhere_is_not_told(house: FastAPI) -> None:
    """The officer of the VO that takes it in learns that it belonged to another, not to which."""
    async with people(house, "nadia", "far", "javed") as (nadia, far, javed):
        at = "/organisations/CO-01/move"
        to = {"to": "VO-02", "on": "01-07-2026", "reason": "It is nearer", "do": "move"}
        assert (
            await sent(nadia, at, changed(fields_of(await page_of(nadia, at)), **to))
        ).status_code == 303
        assert "VO-01" in await page_of(nadia, "/organisations/CO-01/about")
        for seen in ("/organisations/CO-01/about", "/moves", at):
            page = await page_of(far, seen)
            assert "Chaman" in page
            assert "VO-01" not in page
            assert "Ittehad" not in page
        earlier = {"to": "", "on": "20-06-2026", "reason": "It stands alone"}
        answer = await sent(far, at, changed(fields_of(await page_of(far, at)), **earlier))
        assert "one that you do not see" in answer.text
        assert "VO-01" not in answer.text
        await page_of(javed, "/organisations/CO-01/about", 404)
        assert "CO-01" not in await page_of(javed, "/moves")


async def test_a_member_is_registered_and_a_doubt_hinders_nothing(house: FastAPI) -> None:
    """Her card's last digit is that of a man: it is kept, and said."""
    async with people(house, "javed") as (javed,):
        fields = changed(
            fields_of(await page_of(javed, "/members/new?organisation=CO-02")),
            code="M-0900",
            name="Gul Bano",
            gender="female",
            cnic="1234512345671",
            joined_on="01-07-2026",
        )
        answer = await sent(javed, "/members/new", fields)
        assert answer.headers["Location"] == "/members/M-0900/household"
        twice = await sent(javed, "/members/new", fields)
        assert twice.headers["Location"] == "/members/M-0900/household"
        taken = await sent(javed, "/members/new", changed(fields, name="Gul Rukh"))
        assert (taken.status_code, 'id="code-wrong"' in taken.text) == (409, True)
        page = await page_of(javed, "/members/M-0900/household")
        assert "odd for men and even for women" in page
        form = changed(fields_of(page), phone="0300-1234567", household="HH-9", psc="19")
        for _twice in range(2):
            assert (await sent(javed, "/members/M-0900/household", form)).status_code == 303
        found = good(await javed.get("/v1/members/M-0900"))
        assert found["cnic"] == "12345-1234567-1"
        assert (found["phone"], found["household"]) == ("+92 300 1234567", "HH-9")
        wrong = await sent(javed, "/members/new", changed(fields, code="M-0901", cnic="77"))
        assert (wrong.status_code, 'id="cnic-wrong"' in wrong.text) == (422, True)
        stale = await sent(javed, "/members/M-0900/household", changed(form, psc="20"))
        assert (stale.status_code, "Somebody else" in stale.text) == (412, True)


async def test_a_member_is_nominated_and_that_ends(house: FastAPI) -> None:
    """To the VO that her CO belongs to; sent twice it is one, another on its days is refused."""
    async with people(house, "javed") as (javed,):
        at = "/nominations/new"
        fields = changed(
            fields_of(await page_of(javed, f"{at}?at=VO-01")),
            member="M-0001",
            role="treasurer",
            from_on="01-07-2026",
        )
        for _twice in range(2):
            answer = await sent(javed, at, fields)
            assert answer.headers["Location"] == "/nominations?at=VO-01"
        assert (await sent(javed, at, changed(fields, role="manager"))).status_code == 409
        page = await page_of(javed, "/nominations?at=VO-01")
        (end,) = re.findall(r'href="(/nominations/end\?[^"]*M-0001[^"]*)"', page)
        await page_of(javed, "/nominations/end?at=VO-01&member=M-0001&role=treasurer", 422)
        form = changed(fields_of(await page_of(javed, end.replace("&amp;", "&"))), to_on="x")
        assert (await sent(javed, "/nominations/end", form)).status_code == 422
        done = await sent(javed, "/nominations/end", changed(form, to_on="20-07-2026"))
        assert done.status_code == 303
        items = good(await javed.get("/v1/organisations/VO-01/nominations"))["items"]
        assert [one["to_on"] for one in items if one["member"] == "M-0001"] == ["2026-07-20"]


async def test_a_person_is_registered_appointed_let_in_and_disabled(house: FastAPI) -> None:
    """The code is shown once; nobody appoints herself; whoever is disabled is out."""
    async with people(house, "keeper") as (keeper,):
        fields = changed(
            fields_of(await page_of(keeper, "/people/new")), code="gul", name="Gul Bano"
        )
        for _twice in range(2):
            assert (await sent(keeper, "/people/new", fields)).headers["Location"] == "/people/gul"
        other = await sent(keeper, "/people/new", changed(fields, name="Gul Rukh"))
        assert other.status_code == 409
        at = "/people/gul/appoint"
        post = changed(
            fields_of(await page_of(keeper, at)),
            role="auditor",
            organisation="VO-01",
            below="on",
            from_on="01-07-2026",
        )
        refused = await sent(keeper, at, post)
        assert (refused.status_code, 'id="to_on-wrong"' in refused.text) == (422, True)
        for _twice in range(2):
            assert (await sent(keeper, at, changed(post, to_on="01-07-2027"))).status_code == 303
        (held,) = good(await keeper.get("/v1/people/gul/appointments"))["items"]
        assert (held["role"], held["below"]) == ("auditor", True)
        csrf = [("csrf", "csrf-of-keeper")]
        given = await sent(keeper, "/people/gul/recovery", csrf)
        (code,) = re.findall(r'class="secret">([A-Z0-9-]{23})<', given.text)
        assert code not in await page_of(keeper, "/people/gul")
        assert "Signed out everywhere" in (await sent(keeper, "/people/gul/sign-out", csrf)).text
        own = await sent(keeper, "/people/keeper/appoint", changed(post, to_on="01-07-2027"))
        assert (own.status_code, "for themselves" in own.text) == (403, True)
        at = f"/people/gul/appointments/{held['id']}"
        end = changed(fields_of(await page_of(keeper, at)), to_on="01-08-2026")
        for _twice in range(2):
            assert (await sent(keeper, at, end)).status_code == 303
        assert (await sent(keeper, at, changed(end, to_on="01-09-2026"))).status_code == 412
        edit = changed(fields_of(await page_of(keeper, "/people/gul/edit")), disabled="on")
        assert (await sent(keeper, "/people/gul/edit", edit)).status_code == 303
        assert "May no longer sign in" in await page_of(keeper, "/people/gul")
        answer = await sent(keeper, "/people/gul/edit", changed(edit, name="Gul"))
        assert answer.status_code == 412


async def test_the_house_has_its_trail_and_its_search(house: FastAPI) -> None:
    """Administrators above all organisations are at home in none of them."""
    async with people(house, "keeper") as (keeper,):
        assert 'href="/audit?house=1"' in await page_of(keeper, "/more")
        for at in ("/audit?house=1", "/audit"):
            page = await page_of(keeper, at)
            assert "of the whole house" in page
            assert 'name="at"' not in page
        assert "add_holiday" in await page_of(keeper, "/audit?house=1&at=CO-01&action=add_holiday")
        assert "Audit trail" in await page_of(keeper, "/audit?person=keeper")
        assert 'href="/search"' in page
        assert 'href="/organisations/CO-01"' in await page_of(keeper, "/search?q=co-01")
    async with people(house, "javed") as (javed,):
        assert (await javed.get("/audit?house=1")).status_code == 403


async def test_lending_rules_are_tried_and_asked_for(house: FastAPI) -> None:
    """Step by step; the example is worked out before another administrator is asked."""
    async with people(house, "keeper", "nadia") as (keeper, nadia):
        at = "/products/new"
        fields = fields_of(await page_of(keeper, f"{at}?of=FLAT"))
        second = await sent(keeper, at, changed(fields, rate="24"))
        assert "Late only after so many days" in second.text
        fields = changed(fields_of(second.text), resolution="LSO-01/9", amount="9000")
        assert (await sent(keeper, at, fields)).status_code == 422
        third = await sent(keeper, at, changed(fields, from_on="01-09-2026"))
        assert third.status_code == 200
        assert "The example comes to this" in third.text
        assert (
            '<bdi dir="ltr" class="m"><small>Rs</small> 540<small>.00</small></bdi>' in third.text
        )
        assert good(await keeper.get("/v1/requests?kind=product"))["items"] == []
        asked = await sent(keeper, at, changed(fields_of(third.text), do="ask"))
        code = asked.headers["Location"].removeprefix("/requests/")
        good(await nadia.post(f"/v1/requests/{code}/approve", json=AGREED))
        page = await page_of(keeper, "/products")
        assert "01-09-2026" in page
        assert "LSO-01/9" in page


async def test_terms_that_contradict_each_other_come_back_as_they_were_typed(
    house: FastAPI,
) -> None:
    """A loan without charge has no rate; the form says so and keeps all steps."""
    async with people(house, "keeper") as (keeper,):
        at = "/products/new"
        fields = changed(
            fields_of(await page_of(keeper, at)), code="GOATS", name="Goats", fund="own"
        )
        fields = changed(
            fields_of((await sent(keeper, at, fields)).text),
            charge="zero",
            rate="12",
            repayment="bullet",
            instalments="3",
        )
        fields = changed(fields_of((await sent(keeper, at, fields)).text), resolution="R")
        refused = await sent(keeper, at, fields)
        assert refused.status_code == 422
        assert "A loan without service charge has no rate" in refused.text
        assert {("code", "GOATS"), ("rate", "12")} <= set(fields_of(refused.text))


async def test_holidays_are_added_by_administrators_of_the_house(house: FastAPI) -> None:
    """A field officer sees them, and adds none."""
    async with people(house, "keeper", "javed") as (keeper, javed):
        fields = changed(
            fields_of(await page_of(keeper, "/settings")), day="14-08-2026", name="Independence Day"
        )
        assert (await sent(keeper, "/settings", fields)).status_code == 303
        page = await page_of(javed, "/settings")
        assert "14-08-2026" in page
        assert "Add it" not in page
        mine = changed(fields, csrf="csrf-of-javed")
        assert (await sent(javed, "/settings", mine)).status_code == 403


async def test_limits_become_a_request(house: FastAPI) -> None:
    """Whoever keeps the books asks; limits that were changed meanwhile are said."""
    async with people(house, "amina", "bushra", "javed") as (amina, bushra, javed):
        at = "/organisations/CO-01/limits"
        fields = changed(
            fields_of(await page_of(amina, at)),
            back_dated_days="30",
            withdrawal="5,000",
            reason="CO-01/7",
        )
        code = (await sent(amina, at, fields)).headers["Location"].removeprefix("/requests/")
        good(await bushra.post(f"/v1/requests/{code}/approve", json=AGREED))
        answer = await sent(amina, at, changed(fields, key="another", reason="CO-01/8"))
        assert (answer.status_code, "Somebody else" in answer.text) == (412, True)
        page = await page_of(javed, at)
        assert '<bdi dir="ltr" class="n">30</bdi>' in page
        assert 'name="reason"' not in page


async def test_a_key_is_made_rotated_and_revoked(house: FastAPI) -> None:
    """Each secret is shown once."""
    async with people(house, "of_vo") as (keeper,):
        fields = changed(
            fields_of(await page_of(keeper, "/keys/new")),
            code="warehouse",
            name="Figures for the district",
            role="treasurer",
            organisation="VO-01",
            scope="read",
            expires_at="30-06-2027",
        )
        made = await sent(keeper, "/keys/new", fields)
        (_code, secret) = re.findall(r'class="secret">([^<]+)<', made.text)
        assert len(secret) > 40
        assert secret not in await page_of(keeper, "/keys")
        csrf = [("csrf", "csrf-of-of_vo")]
        turned = await sent(keeper, "/keys/warehouse/rotate", csrf)
        assert secret not in turned.text
        assert "The secret, shown this once" in turned.text
        assert (await sent(keeper, "/keys/warehouse/revoke", csrf)).headers["Location"] == "/keys"
        assert "revoked" in await page_of(keeper, "/keys")
        assert (await sent(keeper, "/keys/warehouse/rotate", csrf)).status_code == 422
        assert (await sent(keeper, "/keys/other/revoke", csrf)).status_code == 404


async def test_a_secret_is_made_once_however_often_its_form_is_sent(house: FastAPI) -> None:
    """Whoever loads the answer anew is told that it is done; the machine's secret stays good."""
    shown = "The secret, shown this once"
    before = "This was done already"
    async with people(house, "of_vo") as (keeper,):
        fields = changed(
            fields_of(await page_of(keeper, "/keys/new")),
            code="press",
            name="Press",
            role="treasurer",
            scope="read",
            organisation="VO-01",
            expires_at="30-06-2027",
        )
        made = await sent(keeper, "/keys/new", fields)
        again = await sent(keeper, "/keys/new", fields)
        assert (shown in made.text, before in made.text) == (True, False)
        assert (again.status_code, shown in again.text, before in again.text) == (200, False, True)
        form = fields_of(made.text)
        turned = await sent(keeper, "/keys/press/rotate", form)
        again = await sent(keeper, "/keys/press/rotate", form)
        assert (shown in turned.text, shown in again.text, before in again.text) == (
            True,
            False,
            True,
        )
        (key,) = [k for k in good(await keeper.get("/v1/keys"))["items"] if k["code"] == "press"]
        assert len(key["secrets"]) == 2
        assert (await keeper.get("/keys/press/rotate")).headers["Location"] == "/keys"
        afresh = await sent(keeper, "/keys/press/rotate", changed(form, key="another"))
        assert shown in afresh.text


async def test_a_code_is_given_once_however_often_its_form_is_sent(
    house: FastAPI,
) -> None:
    """Also where it was used meanwhile; whoever means another opens the page again."""
    async with people(house, "keeper") as (keeper,):
        at = "/people/javed/recovery"
        form = fields_of(await page_of(keeper, "/people/javed"))
        given = await sent(keeper, at, form)
        (code,) = re.findall(r'class="secret">([A-Z0-9-]{23})<', given.text)
        for _twice in range(2):
            again = await sent(keeper, at, form)
            assert (again.status_code, 'class="secret"' in again.text) == (200, False)
            assert "This was done already" in again.text
        assert (await keeper.get(at)).headers["Location"] == "/people/javed"
        new = {"name": "javed", "code": code, "new_password": "monsoon kettle verandah"}
        used = await keeper.post("/v1/recoveries", json=new)
        assert used.status_code < 300, used.text
        assert 'class="secret"' not in (await sent(keeper, at, form)).text
        fresh = fields_of(await page_of(keeper, "/people/javed"))
        assert 'class="secret"' in (await sent(keeper, at, fresh)).text


async def test_jobs_say_how_they_stand(house: FastAPI) -> None:
    """To who administers the whole house, and to nobody beneath."""
    async with people(house, "keeper", "of_vo") as (keeper, beneath):
        page = await page_of(keeper, "/jobs")
        assert "amanat jobs run" in page
        await page_of(beneath, "/jobs", 403)
        await page_of(beneath, "/imports", 403)


@pytest.mark.parametrize("at", OPEN_TO_NO_TREASURER)
async def test_a_treasurer_is_told_whose_page_it_is(house: FastAPI, at: str) -> None:
    """A page that says so, with a way home."""
    async with people(house, "treasurer") as (treasurer,):
        page = await page_of(treasurer, at, 403)
        assert "You may not do this." in page
        assert 'href="/"' in page


async def test_an_officer_sees_and_changes_nothing_elsewhere(house: FastAPI) -> None:
    """What lies under another VO is not there, or not hers."""
    async with people(house, "javed", "far") as (javed, far):
        assert "CO-01" not in await page_of(far, "/organisations?kind=CO")
        assert "M-0001" not in await page_of(far, "/nominations?at=VO-02")
        assert "javed" not in await page_of(far, "/people")
        mine = {"csrf": "csrf-of-far", "version": "1", "name": "Taken", "code": "CO-77"}
        mine |= {"kind": "CO", "formed_on": "01-07-2026", "parent": "VO-01", "role": "president"}
        mine |= {"organisation": "CO-01", "joined_on": "01-07-2026"}
        mine |= {"to": "VO-02", "on": "01-07-2026", "reason": "Mine", "do": "move", "at": "VO-01"}
        mine |= {"member": "M-0001", "from_on": "01-07-2026", "to_on": "20-07-2026"}
        for to in (
            "/organisations/new",
            "/organisations/CO-01/edit",
            "/organisations/CO-01/move",
            "/members/new",
            "/members/M-0001/edit",
            "/members/M-0001/household",
            "/nominations/new",
            "/people/javed/edit",
            "/people/javed/appoint",
            "/people/javed/recovery",
            "/people/javed/sign-out",
        ):
            gender = "female" if to.startswith("/members") else "women"
            answer = await sent(far, to, (mine | {"gender": gender}).items())
            assert answer.status_code in {403, 404}, to
            assert "Zainab" not in answer.text
        assert good(await javed.get("/v1/organisations/CO-01"))["parent"] == "VO-01"
        assert good(await javed.get("/v1/members/M-0001"))["name"] == "Zainab Bibi"


@pytest.mark.parametrize(
    "to",
    [
        "/organisations/new",
        "/organisations/CO-01/edit",
        "/members/new",
        "/nominations/new",
        "/people/new",
        "/people/javed/recovery",
        "/settings",
        "/keys/new",
        "/imports",
    ],
)
async def test_a_form_without_its_token_does_nothing(house: FastAPI, to: str) -> None:
    """Whoever may all of it is refused as well."""
    async with people(house, "shazia") as (shazia,):
        fields = {"csrf": "guessed", "code": "X-1", "name": "X", "kind": "LSO"}
        fields |= {"formed_on": "01-07-2026", "day": "01-07-2026", "version": "1"}
        assert (await sent(shazia, to, fields.items())).status_code in {403, 404, 422}
        assert (
            good(await shazia.get("/v1/holidays?first_on=2026-07-01&last_on=2026-07-01"))["items"]
            == []
        )
        assert (await shazia.get("/v1/organisations/X-1")).status_code == 404


async def test_more_at_a_desk_has_what_ones_roles_may_do(house: FastAPI) -> None:
    """And a phone's page stays as it is."""
    async with people(house, "keeper", "javed", "treasurer", "amina") as clients:
        pages = [await page_of(client, "/more") for client in clients]
        keeper, javed, treasurer, amina = pages
        assert 'href="/imports"' in keeper
        assert 'href="/organisations/new"' not in keeper
        assert 'href="/organisations/new"' in javed
        assert 'href="/imports"' not in javed
        assert 'href="/keys"' not in treasurer
        assert 'href="/waiting"' in amina
        for page, client in zip(pages[:3], clients[:3], strict=True):
            main = page.partition("<main")[2]
            for to in sorted(set(re.findall(r'class="item" href="(/(?!books/)[^"]+)"', main))):
                await page_of(client, to.replace("&amp;", "&"))


@pytest.mark.parametrize(
    "post",
    [
        Post("administrator"),
        Post("administrator", "VO-01"),
        Post("auditor"),
        Post("auditor", "VO-01"),
        Post("field_officer"),
        Post("field_officer", "VO-01"),
        Post("treasurer"),
        Post("treasurer", "VO-01"),
    ],
    ids=lambda post: f"{post.role} {post.organisation or 'of all'}",
)
async def test_every_word_of_a_bar_leads_somewhere(
    house: FastAPI, officers_url: str, post: Post
) -> None:
    """Whoever has it may open it; so may whoever has the whole house."""
    await asyncio.to_thread(appoint, officers_url, {"somebody": (post,)})
    async with people(house, "somebody") as (somebody,):
        page = await page_of(somebody, "/more")
        bar = re.search(r'<header class="top">.*?<nav [^>]*>(.*?)</nav>', page, re.DOTALL)
        assert bar is not None
        for link in re.findall(r'href="([^"]+)"', bar[1]):
            answer = await somebody.get(unescape(link))
            assert answer.status_code in {200, 303}, link  # or first, of which organisation
