"""Attacks on what is not one's own: guessed codes, foreign documents, others' requests."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

import pytest

from tests.access.acting import House, housed, meeting, money
from tests.access.world import PARENTS, principal, private
from tests.api.helpers import good, refused
from tests.support.people import Post

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

    from tests.access.world import Federation

AGREED: Final = {"reason": "Agreed"}
UNDO: Final = {"on": "2026-07-20", "reason": "Entered twice"}
STRANGERS: Final = ("CO-9", "CO-7", "CO-3")
READERS: Final = (
    "accountant.CO-1",
    "president.VO-1",
    "treasurer.VO-1",
    "field_officer.VO-1",
    "auditor.VO-1",
    "administrator.VO-1",
)
LOAN: Final = {
    "code": "L-NEW",
    "lender": "CO-1",
    "product": "HELP",
    "principal": "300.00",
    "applied_on": "2026-07-10",
    "approved_on": "2026-07-12",
    "first_due_on": "2026-08-15",
    "instalments": 3,
}


@pytest.fixture
async def house(federation: Federation) -> AsyncIterator[House]:
    """The application on the federation."""
    async with housed(federation) as found:
        yield found


def places(made: Federation, code: str) -> list[str]:
    """Where one looks for what an organisation has."""
    return [
        f"/v1/organisations/{code}",
        f"/v1/organisations/{code}/book",
        f"/v1/organisations/{code}/statements/day-book",
        f"/v1/sheets/S-{code}",
        f"/v1/members/M-{code}-a",
        f"/v1/members/M-{code}-a/passbook",
        f"/v1/loans/L-{code}",
        f"/v1/events/E-{code}",
        f"/v1/requests/{made.requests[code]}",
        f"/v1/people/resident.{code}",
        f"/v1/people/resident.{code}/audit-trail",
    ]


@pytest.mark.parametrize("person", READERS)
async def test_a_guess_that_hits_reads_like_one_that_misses(house: House, person: str) -> None:
    """Nobody learns from an answer that a stranger's sheet, member, loan or request exists."""
    missing = house.made.requests["CO-9"][:-4] + "0000"
    for code in STRANGERS:
        for path in places(house.made, code):
            hit = await house.get(person, path)
            miss_path = path.replace(code, "CO-X").replace(house.made.requests[code], missing)
            miss = await house.get(person, miss_path)
            assert hit.status_code == miss.status_code == 404, path
            told = hit.text.replace(code, "CO-X").replace(house.made.requests[code], missing)
            assert told == miss.text


async def test_sessions_and_devices_of_others_cannot_be_guessed(house: House) -> None:
    """Not even by the administrator of the whole house: by their person alone."""
    rows = await house.rows("SELECT id FROM access.session WHERE person = 'resident.VO-9'")
    for path in (f"/v1/sessions/{rows[0][0]}", "/v1/devices/5b1f9c3e-5f07-4a3f-8a51-6a5a5b1f7f10"):
        answer = await house.send("administrator.house", "DELETE", path)
        refused(answer, 404, "not_found")
    assert (await house.get("resident.VO-9", "/v1/me")).status_code == 200


# -- What the body says -------------------------------------------------------------------


@pytest.mark.parametrize("member", ["M-CO-9-a", "M-CO-X-a"])
async def test_a_sheet_of_another_cos_members_is_refused_as_if_there_were_none(
    house: House, member: str
) -> None:
    """Drafted, revised, posted at once, and as the right sheet of a correction."""
    person = "accountant.CO-1"
    said = meeting("CO-1", member)
    content = {key: value for key, value in said.items() if key != "organisation"}
    answers = [
        await house.post(person, "/v1/sheets", said),
        await house.send(
            person, "PUT", "/v1/sheets/D-CO-1", json=content, headers={"If-Match": '"1"'}
        ),
        await house.post(
            person, "/v1/sheets/S-CO-1/corrections", {**UNDO, "replacement": content}, key="c"
        ),
    ]
    for answer in answers:
        assert member in refused(answer, 404, "not_found")["detail"]
        assert "CO-9" not in answer.text.replace("M-CO-9-a", "")


async def test_a_sheet_is_not_revised_into_another_organisation(house: House) -> None:
    """What is replaced has no organisation to name."""
    answer = await house.send(
        "accountant.CO-1",
        "PUT",
        "/v1/sheets/D-CO-1",
        json=meeting("CO-2"),
        headers={"If-Match": '"1"'},
    )
    assert answer.status_code == 422
    answer = await house.post(
        "accountant.CO-1",
        "/v1/sheets/S-CO-1/corrections",
        {**UNDO, "replacement": {**meeting("CO-2"), "code": "S-NEW"}},
        key="c",
    )
    assert answer.status_code == 422


@pytest.mark.parametrize("code", ["CO-9", "CO-X"])
async def test_a_loan_of_another_lender_is_as_if_there_were_none(house: House, code: str) -> None:
    """It is neither paid out nor repaid nor written off; its borrower borrows nothing here."""
    person = "accountant.CO-1"
    line = {"kind": "repayment", "member": "M-CO-1-a", "amount": "10.00", "loan": f"L-{code}"}
    refused(await house.post(person, "/v1/sheets", meeting("CO-1", lines=[line])), 404, "not_found")
    lost = money(
        "CO-1", kind="write_off", loan=f"L-{code}", paid_by="none", amount="5.00", resolution="R-1"
    )
    answer = await house.post(person, "/v1/events", lost, key="w")
    refused(answer, 404, "not_found")
    repaid = money(
        "CO-1", kind="organisation_loan_repaid", loan=f"L-{code}", counterparty="VO-1", fund="cif"
    )
    refused(await house.post(person, "/v1/transfers", repaid, key="r"), 404, "not_found")
    over = {**LOAN, "member": "M-CO-1-a", "refinances": f"L-{code}"}
    refused(await house.post(person, "/v1/loans", over, key="o"), 404, "not_found")
    borrowed = {**LOAN, "member": f"M-{code}-a"}
    refused(await house.post(person, "/v1/loans", borrowed, key="l"), 404, "not_found")
    foreign = {**LOAN, "lender": code, "member": "M-CO-1-a"}
    refused(await house.post(person, "/v1/loans", foreign, key="l2"), 404, "not_found")
    lent = {**LOAN, "organisation": code}
    refused(await house.post(person, "/v1/loans", lent, key="l3"), 404, "not_found")


@pytest.mark.parametrize("code", ["CO-9", "CO-X"])
async def test_what_another_booked_is_not_reversed(house: House, code: str) -> None:
    """By neither route, and one learns nothing of it."""
    undo = {"kind": "reversal", "happened_on": "2026-07-20", "reverses": f"E-{code}"}
    for reverses in (f"E-{code}", f"S-{code}"):
        said = {**undo, "organisation": "CO-1", "reverses": reverses, "narrative": "Twice"}
        answer = await house.post("accountant.CO-1", "/v1/events", said, key=reverses)
        refused(answer, 404, "not_found")
    answer = await house.post("accountant.CO-1", f"/v1/sheets/S-{code}/reverse", UNDO, key="s")
    refused(answer, 404, "not_found")


async def test_a_code_that_a_stranger_has_is_said_to_be_taken_and_nothing_else(
    house: House,
) -> None:
    """Codes are unique in the whole house: whoever meets one chooses another."""
    said = {"organisation": "CO-1", "name": "Gul", "gender": "female", "joined_on": "2026-07-01"}
    told = set()
    for code in ("M-CO-9-a", "M-CO-3-a"):
        answer = await house.post("field_officer.VO-1", "/v1/members", {**said, "code": code})
        told.add(refused(answer, 409, "already_exists")["detail"])
    assert told == {"This code, or this day, is taken already. Choose another."}


@pytest.mark.parametrize("code", ["L-CO-9", "A-CO-9", "M-CO-9-a"])
async def test_the_code_of_a_strangers_loan_is_said_to_be_taken_and_nothing_else(
    house: House, code: str
) -> None:
    """Neither whose it is, nor what it is, nor how far it has come; also of an application."""
    said = {f"The code {code} is taken already. Choose another."}
    said |= {f"There is a loan {code} already. Choose another code."}
    loan = {**LOAN, "code": code, "member": "M-CO-1-a"}
    answer = await house.post("accountant.CO-1", "/v1/loans", loan, key=code)
    assert refused(answer, 409, "already_exists")["detail"] in said
    applied = {
        "code": code,
        "lender": "CO-1",
        "member": "M-CO-1-a",
        "product": "HELP",
        "amount": "300.00",
        "instalments": 3,
        "purpose": "seed",
        "applied_on": "2026-07-10",
    }
    answer = await house.post("accountant.CO-1", "/v1/loan-applications", applied)
    assert refused(answer, 409, "already_exists")["detail"] in said


@pytest.mark.parametrize("other", ["VO-9", "VO-X"])
async def test_a_name_written_down_opens_no_organisation(house: House, other: str) -> None:
    """The counterparty of a cost is whatever one writes; a transfer to it still knows nobody."""
    cost = money("CO-1", kind="expense", counterparty=other, amount="1.00")
    good(await house.post("accountant.CO-1", "/v1/events", cost, key="x"), 201)
    placed = money("CO-1", kind="deposit_placed", counterparty=other, amount="1.00")
    answer = await house.post("accountant.CO-1", "/v1/transfers", placed, key="y")
    assert refused(answer, 404, "not_found")["detail"].startswith(
        f"There is no organisation {other}"
    )
    lent = {**LOAN, "organisation": other}
    refused(await house.post("accountant.CO-1", "/v1/loans", lent, key="z"), 404, "not_found")


async def test_who_registers_in_the_co_alone_nominates_nobody_for_the_vo(house: House) -> None:
    """To the LSO the VO nominates: its own officers register that."""
    said = {"member": "M-CO-1-a", "role": "president", "from_on": "2026-07-01"}
    at = "/v1/organisations/LSO-A/nominations"
    refused(await house.post("field_officer.CO-1", at, said), 403, "forbidden")
    good(await house.post("field_officer.VO-1", at, said), 201)


async def test_a_member_of_another_is_not_nominated(house: House) -> None:
    """Whoever registers below VO-1 sends nobody of CO-9 anywhere."""
    said = {"member": "M-CO-9-a", "role": "treasurer", "from_on": "2026-07-01"}
    answer = await house.post("field_officer.VO-1", "/v1/organisations/VO-1/nominations", said)
    refused(answer, 404, "not_found")


async def test_money_is_not_taken_out_of_a_book_that_is_not_ones_own(house: House) -> None:
    """Neither by who would receive it, nor by who is above or below the giver."""
    gives = money("CO-1", kind="deposit_placed", counterparty="VO-1")
    for person in ("accountant.VO-1", "treasurer.VO-1", "president.CO-1", "field_officer.VO-1"):
        refused(await house.post(person, "/v1/transfers", gives, key=person), 403, "forbidden")
    answer = await house.post("accountant.VO-9", "/v1/transfers", gives, key="x")
    assert answer.status_code in {401, 404}
    up = money("VO-1", kind="deposit_returned", counterparty="CO-1")
    refused(await house.post("accountant.CO-1", "/v1/transfers", up, key="u"), 403, "forbidden")


async def test_a_transfer_does_not_name_a_stranger(house: House) -> None:
    """Who is out of sight is not given to, and whether they exist is not told."""
    for code in ("CO-9", "CO-X"):
        gives = money("CO-1", kind="deposit_placed", counterparty=code)
        answer = await house.post("accountant.CO-1", "/v1/transfers", gives, key=code)
        assert code in refused(answer, 404, "not_found")["detail"]


async def test_a_batch_refuses_each_foreign_sheet_alone(house: House) -> None:
    """The own one is posted; of the others nothing is told but that they are not there."""
    told = [
        meeting("CO-1"),
        meeting("CO-2"),
        meeting("CO-9"),
        meeting("CO-1", "M-CO-9-a"),
        meeting("VO-1", "M-CO-1-a"),
    ]
    items = [{"key": f"k{n}", "sheet": {"code": f"B-{n}", **s}} for n, s in enumerate(told)]
    answer = await house.post("accountant.CO-1", "/v1/sheets/batch", {"items": items})
    found = good(answer)["items"]
    assert [item["status"] for item in found] == [201, 404, 404, 404, 403]
    assert not any(text in answer.text for text in private("CO-9"))
    count = await house.rows("SELECT count(*) FROM service.sheet WHERE code LIKE 'B-_'")
    assert count == [(1,)]


# -- Others' requests ---------------------------------------------------------------------


async def ask(house: House, person: str = "accountant.CO-1", key: str = "u") -> str:
    """Ask that the sheet of CO-1 be reversed; where the request is."""
    answer = await house.post(person, "/v1/sheets/S-CO-1/reverse", UNDO, key=key)
    return f"/v1/requests/{good(answer, 202)['code']}"


async def test_nobody_approves_their_own_by_another_office_or_session(house: House) -> None:
    """Two roles, a role above, a second session: it is the person that counts."""
    posts = (
        Post("accountant", "CO-1", below=False),
        Post("manager", "CO-1", below=False),
        Post("president", "VO-1"),
        Post("treasurer"),
    )
    await house.appoint({"both": posts})
    await house.execute(
        "INSERT INTO access.session (id, token_hash, csrf, person, source, agent, started_at,"
        " used_at, expires_at) SELECT gen_random_uuid(), sha256('token-of-again'), 'csrf-of-again',"
        " person, '', '', started_at, used_at, expires_at FROM access.session"
        " WHERE person = 'both'"
    )
    at = await ask(house, "both")
    for session in ("both", "again"):
        for verb in ("approve", "reject"):
            refused(await house.post(session, f"{at}/{verb}", AGREED), 403, "own_request")
    gives = money("CO-1", kind="deposit_placed", counterparty="VO-1")
    asked = good(await house.post("both", "/v1/transfers", gives, key="t"), 202)
    answer = await house.post("both", f"/v1/requests/{asked['code']}/approve", AGREED)
    refused(answer, 403, "own_request")


async def test_a_machine_decides_nothing(house: House) -> None:
    """No key has the scope, whatever it asks for."""
    _, secret = house.made.secrets["key.CO-1"]
    said = {"client_id": "key.CO-1", "client_secret": secret, "grant_type": "client_credentials"}
    async with house.stranger() as machine:
        more = await machine.post("/v1/token", data={**said, "scope": "read approve"})
        assert (more.status_code, more.json()["error"]) == (400, "invalid_scope")
        token = (await machine.post("/v1/token", data=said)).json()["access_token"]
        machine.headers["Authorization"] = f"Bearer {token}"
        at = await ask(house)
        assert good(await machine.get("/v1/requests"))["items"]
        assert good(await machine.get("/v1/requests?decidable=true"))["items"] == []
        for verb in ("approve", "reject", "withdraw"):
            answer = await machine.post(f"{at}/{verb}", json=AGREED)
            assert answer.status_code == 403, answer.text


async def test_a_request_of_others_is_neither_decided_nor_withdrawn(house: House) -> None:
    """By officers of other organisations, or by who may only read or ask."""
    at = await ask(house)
    for person in ("accountant.VO-1", "president.VO-1", "administrator.house"):
        for verb in ("approve", "reject", "withdraw"):
            refused(await house.post(person, f"{at}/{verb}", AGREED), 404, "not_found")
    for person in ("treasurer.VO-1", "auditor.CO-1", "field_officer.CO-1"):
        for verb in ("approve", "reject", "withdraw"):
            assert (await house.post(person, f"{at}/{verb}", AGREED)).status_code == 403
    good(await house.post("president.CO-1", f"{at}/approve", AGREED))
    for verb, code in (("reject", "request_decided"), ("approve", "request_decided")):
        refused(await house.post("manager.CO-1", f"{at}/{verb}", AGREED), 409, code)
    refused(await house.post("accountant.CO-1", f"{at}/withdraw"), 409, "request_decided")


async def test_the_key_of_another_tells_nothing_of_their_answer(house: House) -> None:
    """Each book has keys of its own: the same key elsewhere is a new one."""
    mine, theirs = money("CO-1"), money("CO-2")
    await house.appoint({"other": (Post("accountant", "CO-2", below=False),)})
    first = good(await house.post("accountant.CO-1", "/v1/events", mine, key="same"), 201)
    other = await house.post("other", "/v1/events", theirs, key="same")
    assert "Idempotency-Replayed" not in other.headers
    assert good(other, 201)["code"] != first["code"]
    replay = await house.post("other", "/v1/events", mine, key="same")
    refused(replay, 404, "not_found")
    asked = await ask(house, key="again")
    stolen = await house.post("other", "/v1/sheets/S-CO-1/reverse", UNDO, key="again")
    refused(stolen, 404, "not_found")
    own = good(await house.post("other", "/v1/sheets/S-CO-2/reverse", UNDO, key="again"), 202)
    assert own["code"] not in asked


async def test_who_left_office_reads_no_more_what_they_asked_then(house: House) -> None:
    """Nor withdraws it; and it can be decided still."""
    await house.appoint({"leaver": (Post("accountant", "CO-1", below=False),)})
    at = await ask(house, "leaver")
    await house.execute(
        "UPDATE access.appointment SET to_on = '2026-07-31' WHERE person = 'leaver'"
    )
    refused(await house.get("leaver", at), 404, "not_found")
    refused(await house.post("leaver", f"{at}/withdraw"), 404, "not_found")
    assert good(await house.get("leaver", "/v1/requests"))["items"] == []
    good(await house.post("president.CO-1", f"{at}/approve", AGREED))


async def test_a_sheet_closed_in_between_is_closed_once(house: House) -> None:
    """Whoever comes second is refused, whatever they were about to do."""
    person, at = "accountant.CO-1", "/v1/sheets/D-CO-1"
    good(await house.post(person, f"{at}/close", key="one"), 201)
    refused(await house.post(person, f"{at}/close", key="two"), 409, "sheet_not_draft")
    refused(await house.post(person, f"{at}/submit"), 409, "sheet_not_draft")
    refused(await house.post(person, f"{at}/recall"), 409, "sheet_not_submitted")
    content = {key: value for key, value in meeting("CO-1").items() if key != "organisation"}
    answer = await house.send(person, "PUT", at, json=content, headers={"If-Match": '"2"'})
    refused(answer, 409, "sheet_not_draft")


async def test_the_cursor_of_another_list_opens_nothing(house: House) -> None:
    """A page goes on behind a code, whoever has it, and shows only what is one's own."""
    shown: Any = await house.get("accountant.CO-1", "/v1/organisations/CO-1/members?after=L-CO-9")
    assert [item["organisation"] for item in good(shown)["items"]] == ["CO-1", "CO-1"]
    for code in sorted(PARENTS):
        params = {"after": house.made.requests[code], "limit": 500}
        found = good(await house.get("accountant.CO-1", "/v1/requests", **params))["items"]
        assert {item["organisation"] for item in found} <= {"CO-1"}
    page = await house.get("treasurer.VO-1", "/v1/organisations", limit=1, after="CO-7")
    assert "CO-9" not in page.text
    other = page.links["next"]["url"].replace("/v1/organisations", "/v1/organisations/CO-9/loans")
    refused(await house.get("treasurer.VO-1", other), 404, "not_found")
    assert principal("CO-9") not in page.text


FILTERS: Final = {
    "/v1/people": ("appointed_to", "organisation", "name", "role"),
    "/v1/requests": ("organisation", "about", "asked_by", "decidable", "state"),
    "/v1/organisations/CO-1/members": ("name", "gender", "state"),
    "/v1/organisations/CO-1/loans": ("member", "organisation", "product", "state"),
    "/v1/organisations/CO-1/transfers": ("other",),
    "/v1/organisations/CO-1/entries": ("actor", "reference", "fund", "account_code", "kind"),
}
ATTACKS: Final = (
    "CO-9",
    "M-CO-9-a",
    "L-CO-9",
    "resident.CO-9",
    "CO-1' OR '1'='1",
    "x'); SELECT set_config('amanat.read', '{0}', true); --",
    "%",
    "\\",
    ":code",
    "$1",
)


@pytest.mark.parametrize("path", FILTERS)
async def test_a_filter_opens_nothing(house: House, path: str) -> None:
    """Whatever it says, it shows a part of what is shown without it, or is malformed."""
    person = "accountant.CO-1"
    key = "no" if path.endswith("entries") else "code"
    whole = {item[key] for item in good(await house.get(person, path, limit=500))["items"]}
    for name in FILTERS[path]:
        for attack in ATTACKS:
            answer = await house.get(person, path, limit=500, **{name: attack})
            if answer.status_code != 422:
                assert {item[key] for item in good(answer)["items"]} <= whole
    assert {item[key] for item in good(await house.get(person, path, limit=500))["items"]} == whole


# -- Around the second officer ------------------------------------------------------------


async def test_nobody_takes_an_organisation_out_of_sight_alone(house: House) -> None:
    """Who registers in VO-1 and below asks LSO-A, whose auditors would see it no more."""
    said = {"to": None, "on": "2026-07-30", "reason": "Alone"}
    path = "/v1/organisations/VO-1/moves"
    asked = good(await house.post("field_officer.VO-1", path, said, key="out"), 202)
    assert asked["decider"] == "LSO-A"
    at = f"/v1/requests/{asked['code']}"
    good(await house.get("treasurer.house", "/v1/organisations/VO-1/book"))
    refused(await house.post("field_officer.VO-1", f"{at}/approve", AGREED), 403, "forbidden")
    listed = await house.get("treasurer.house", "/v1/organisations", under="LSO-A")
    assert "VO-1" in listed.text
    good(await house.post("field_officer.house", f"{at}/approve", AGREED))
    listed = await house.get("treasurer.house", "/v1/organisations", under="LSO-A")
    assert "VO-1" not in listed.text


async def test_a_large_withdrawal_is_not_split_over_sheets(house: House) -> None:
    """What other sheets of the meeting paid the member counts, also when one is sent again."""

    def sheet(code: str, amount: str = "2000.00") -> dict[str, Any]:
        line = {"member": "M-CO-1-a", "kind": "withdrawal", "amount": amount}
        said = meeting("CO-1", lines=[line], cash_counted=f"-{amount}")
        return {"key": code, "sheet": {"code": code, **said}}

    await house.execute("INSERT INTO service.limits VALUES ('CO-1', 60, 300000)")
    items = {"items": [sheet("W-1"), sheet("W-2"), sheet("W-3", "1000.00")]}
    for _ in range(2):
        answer = await house.post("accountant.CO-1", "/v1/sheets/batch", items)
        assert [item["status"] for item in good(answer)["items"]] == [201, 202, 201]
    good(await house.post("accountant.CO-1", "/v1/sheets", sheet("W-4", "500.00")["sheet"]), 201)
    good(await house.post("accountant.CO-1", "/v1/sheets/W-4/close", key="w4"), 202)
