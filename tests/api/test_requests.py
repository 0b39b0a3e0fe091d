"""Requests: one officer asks, another decides, once; what is asked was tried."""

from __future__ import annotations

import asyncio
from contextlib import asynccontextmanager
from typing import TYPE_CHECKING, Any, Final

import pytest

from service.books import make_engine
from tests.api.helpers import all_pages, good, grant, keyed, make_app, one_officer, refused, sheet
from tests.support import database
from tests.support.people import Post, appoint

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

    import httpx
    from fastapi import FastAPI

PEOPLE: Final = {
    "amina": (Post("accountant", "CO-01", below=False),),
    "bushra": (Post("president", "CO-01", below=False),),
    "dilshad": (Post("accountant", "CO-01", below=False), Post("manager", "CO-01", below=False)),
    "farida": (Post("treasurer", "VO-01", below=False),),
    "gul": (Post("president", "VO-01", below=False),),
    "hina": (Post("administrator"),),
    "iqra": (Post("administrator"),),
    "jamila": (Post("field_officer", "LSO-01"),),
}
AGREED: Final = {"reason": "Agreed"}
UNDO: Final = {"on": "2026-06-30", "reason": "Entered twice", "resolution": None}
DEPOSIT: Final = {
    "code": "E-92",
    "organisation": "CO-01",
    "kind": "deposit_placed",
    "happened_on": "2026-06-29",
    "fund": "own",
    "paid_by": "cash",
    "amount": "100.00",
    "counterparty": "VO-01",
    "narrative": "Pooled deposit",
}


@pytest.fixture
async def app(one_co_url: str) -> AsyncIterator[FastAPI]:
    """The application on the books of one CO, whose officers are appointed."""
    await asyncio.to_thread(appoint, one_co_url, PEOPLE)
    engine = make_engine(one_co_url, connections=4)
    try:
        yield make_app(engine)
    finally:
        await engine.dispose()


@asynccontextmanager
async def officers(app: FastAPI, *people: str) -> AsyncIterator[list[httpx.AsyncClient]]:
    """A client for each of them, to whom a request that waits is a request that waits."""
    clients = [one_officer(app, person) for person in people]
    try:
        yield clients
    finally:
        for client in clients:
            await client.aclose()


async def ask_reversal(client: httpx.AsyncClient, key: str = "u") -> dict[str, Any]:
    """Ask that S-07 be reversed."""
    answer = await client.post("/v1/sheets/S-07/reverse", json=UNDO, headers=keyed(key))
    found: dict[str, Any] = good(answer, 202)
    assert answer.headers["Location"] == f"/v1/requests/{found['code']}"
    return found


async def test_a_reversal_waits_and_nothing_is_posted_until_another_approves(app: FastAPI) -> None:
    """The difference is the entry that will be made; the entry names both officers."""
    async with officers(app, "amina", "bushra") as (amina, bushra):
        before = good(await amina.get("/v1/organisations/CO-01/book"))
        asked = await ask_reversal(amina)
        assert (asked["kind"], asked["state"], asked["asked_by"]) == (
            "correction",
            "waiting",
            "amina",
        )
        (entry,) = asked["difference"]["entries"]
        assert (entry["organisation"], entry["kind"]) == ("CO-01", "reversal")
        assert good(await amina.get("/v1/organisations/CO-01/book")) == before
        done = good(await bushra.post(f"/v1/requests/{asked['code']}/approve", json=AGREED))
        assert (done["state"], done["decided_by"]) == ("approved", "bushra")
        (voucher,) = done["outcome"]["vouchers"]
        made = good(await amina.get(f"/v1/organisations/CO-01/entries/{voucher['no']}"))
        assert made["actor"] == "amina, bushra"
        assert made["lines"] == [{**line} for line in entry["lines"]]
        assert good(await amina.get("/v1/sheets/S-07"))["state"] == "reversed"


async def test_nobody_decides_on_their_own_request(app: FastAPI) -> None:
    """Not even who is accountant and manager at once; and an accountant decides on nothing."""
    async with officers(app, "dilshad", "amina") as (dilshad, amina):
        asked = await ask_reversal(dilshad)
        at = f"/v1/requests/{asked['code']}"
        for verb in ("approve", "reject"):
            refused(await dilshad.post(f"{at}/{verb}", json=AGREED), 403, "own_request")
            refused(await amina.post(f"{at}/{verb}", json=AGREED), 403, "forbidden")
        assert good(await amina.get(at))["state"] == "waiting"


async def test_of_two_who_decide_at_once_one_wins(app: FastAPI) -> None:
    """Approvals and rejections race ten times; each request is decided once."""
    async with officers(app, "amina", "bushra", "dilshad") as (amina, bushra, dilshad):
        for n in range(10):
            fee = grant(code=f"E-{200 + n}", organisation="CO-01", paid_by="cash")
            good(await amina.post("/v1/events", json=fee, headers=keyed(f"f{n}")), 201)
            said = {
                "code": f"R-{n}",
                "organisation": "CO-01",
                "kind": "reversal",
                "happened_on": UNDO["on"],
                "reverses": fee["code"],
                "narrative": "Twice",
            }
            asked = good(await amina.post("/v1/events", json=said, headers=keyed(f"r{n}")), 202)
            at = f"/v1/requests/{asked['code']}"
            answers = await asyncio.gather(
                bushra.post(f"{at}/approve", json=AGREED),
                dilshad.post(f"{at}/{'approve' if n % 2 else 'reject'}", json=AGREED),
            )
            assert sorted(a.status_code for a in answers) == [200, 409]
            lost = next(a for a in answers if a.status_code == 409)
            refused(lost, 409, "request_decided")


async def test_a_rejected_request_is_kept_and_decided_for_good(app: FastAPI) -> None:
    """With who and why."""
    async with officers(app, "amina", "bushra") as (amina, bushra):
        asked = await ask_reversal(amina)
        at = f"/v1/requests/{asked['code']}"
        said = {"reason": "It was not entered twice"}
        found = good(await bushra.post(f"{at}/reject", json=said))
        assert (found["state"], found["decision"]) == ("rejected", said["reason"])
        refused(await bushra.post(f"{at}/approve", json=AGREED), 409, "request_decided")
        refused(await amina.post(f"{at}/withdraw"), 409, "request_decided")
        listed = good(await amina.get("/v1/requests", params={"state": "rejected"}))
        assert [item["code"] for item in listed["items"]] == [asked["code"]]


async def test_only_the_maker_withdraws(app: FastAPI) -> None:
    """And then nobody approves it any more."""
    async with officers(app, "amina", "bushra") as (amina, bushra):
        at = f"/v1/requests/{(await ask_reversal(amina))['code']}"
        refused(await bushra.post(f"{at}/withdraw"), 403, "not_the_maker")
        assert good(await amina.post(f"{at}/withdraw"))["state"] == "withdrawn"
        refused(await bushra.post(f"{at}/approve", json=AGREED), 409, "request_decided")


async def test_asking_again_with_the_key_gives_the_same_request(app: FastAPI) -> None:
    """Another wish under the same key is refused."""
    async with officers(app, "amina") as (amina,):
        first, again = await ask_reversal(amina), await ask_reversal(amina)
        assert first == again
        other = {**UNDO, "reason": "Another"}
        answer = await amina.post("/v1/sheets/S-07/reverse", json=other, headers=keyed("u"))
        refused(answer, 409, "key_reused")


async def test_approving_again_gives_the_first_answer(app: FastAPI) -> None:
    """Whoever lost the answer asks again; nothing is posted twice."""
    async with officers(app, "amina", "bushra") as (amina, bushra):
        at = f"/v1/requests/{(await ask_reversal(amina))['code']}/approve"
        first = good(await bushra.post(at, json=AGREED))
        assert good(await bushra.post(at, json=AGREED)) == first


async def test_what_the_books_refuse_is_heard_by_the_maker_at_once(app: FastAPI) -> None:
    """And keeps nothing."""
    async with officers(app, "amina") as (amina,):
        early = {**UNDO, "on": "2026-01-02"}
        answer = await amina.post("/v1/sheets/S-07/reverse", json=early, headers=keyed("u"))
        refused(answer, 422, "reversal_too_early")
        assert good(await amina.get("/v1/requests"))["items"] == []


async def test_what_the_books_refuse_by_now_leaves_the_request_waiting(app: FastAPI) -> None:
    """Two ask the same; the second approval is refused, and may be rejected still."""
    async with officers(app, "amina", "dilshad", "bushra") as (amina, dilshad, bushra):
        one = (await ask_reversal(amina))["code"]
        two = (await ask_reversal(dilshad, key="u2"))["code"]
        good(await bushra.post(f"/v1/requests/{one}/approve", json=AGREED))
        late = await bushra.post(f"/v1/requests/{two}/approve", json=AGREED)
        refused(late, 409, "already_reversed")
        assert good(await bushra.get(f"/v1/requests/{two}"))["state"] == "waiting"
        good(await bushra.post(f"/v1/requests/{two}/reject", json=AGREED))


async def test_a_transfer_is_accepted_by_who_receives(app: FastAPI) -> None:
    """The giver's own second officer cannot; the receiver's sees both halves."""
    async with officers(app, "amina", "bushra", "gul") as (amina, bushra, gul):
        answer = await amina.post("/v1/transfers", json=DEPOSIT, headers=keyed("t"))
        asked = good(answer, 202)
        assert (asked["organisation"], asked["decider"]) == ("CO-01", "VO-01")
        assert [e["organisation"] for e in asked["difference"]["entries"]] == ["CO-01", "VO-01"]
        at = f"/v1/requests/{asked['code']}/approve"
        refused(await bushra.post(at, json=AGREED), 403, "forbidden")
        done = good(await gul.post(at, json=AGREED))
        assert {v["organisation"] for v in done["outcome"]["vouchers"]} == {"CO-01", "VO-01"}
        assert good(await gul.post(at, json=AGREED)) == done
        for side in (amina, gul):
            at = "/v1/organisations/{}/transfers".format("CO-01" if side is amina else "VO-01")
            codes = [item["code"] for item in good(await side.get(at))["items"]]
            assert "E-92" in codes
        undo = {
            "code": "E-93",
            "organisation": "CO-01",
            "kind": "reversal",
            "happened_on": "2026-06-30",
            "reverses": "E-92",
            "narrative": "Wrong VO",
        }
        undone = good(await amina.post("/v1/events", json=undo, headers=keyed("u")), 202)
        assert undone["decider"] == "VO-01"
        good(await gul.post(f"/v1/requests/{undone['code']}/approve", json=AGREED))


async def test_accepting_opens_the_two_books_and_no_other(app: FastAPI) -> None:
    """After it, the receiver reads no more of the giver than before."""
    async with officers(app, "amina", "gul") as (amina, gul):
        asked = good(await amina.post("/v1/transfers", json=DEPOSIT, headers=keyed("t")), 202)
        good(await gul.post(f"/v1/requests/{asked['code']}/approve", json=AGREED))
        refused(await gul.get("/v1/organisations/CO-01/book"), 403, "forbidden")


async def test_a_sheet_far_back_waits_and_cannot_be_changed_meanwhile(app: FastAPI) -> None:
    """Rejected, it is a draft again; approved, it is posted."""
    async with officers(app, "amina", "bushra") as (amina, bushra):
        good(await amina.post("/v1/sheets", json=sheet(held_on="2026-05-02")), 201)
        asked = good(await amina.post("/v1/sheets/S-08/close", headers=keyed("k")), 202)
        assert (asked["kind"], asked["about"]) == ("back_dated", "S-08")
        found = await amina.get("/v1/sheets/S-08")
        assert good(found)["state"] == "submitted"
        change = {k: v for k, v in sheet().items() if k not in {"code", "organisation"}}
        headers = {"If-Match": found.headers["ETag"]}
        refused(
            await amina.put("/v1/sheets/S-08", json=change, headers=headers), 409, "sheet_not_draft"
        )
        refused(await amina.post("/v1/sheets/S-08/recall"), 409, "request_waits")
        good(await bushra.post(f"/v1/requests/{asked['code']}/reject", json=AGREED))
        assert good(await amina.get("/v1/sheets/S-08"))["state"] == "draft"
        again = good(await amina.post("/v1/sheets/S-08/close", headers=keyed("k2")), 202)
        good(await bushra.post(f"/v1/requests/{again['code']}/approve", json=AGREED))
        assert good(await amina.get("/v1/sheets/S-08"))["state"] == "closed"


async def test_a_large_withdrawal_waits_by_the_limit_of_the_organisation(app: FastAPI) -> None:
    """The limit itself is set by one officer and another."""
    async with officers(app, "amina", "bushra") as (amina, bushra):
        to = {"back_dated_days": None, "withdrawal": "50.00", "reason": "Resolved"}
        at = "/v1/organisations/CO-01/limits"
        asked = good(await amina.put(at, json=to, headers=keyed("l")), 202)
        assert asked["difference"]["before"] == {"back_dated_days": 60, "withdrawal": "10000.00"}
        good(await bushra.post(f"/v1/requests/{asked['code']}/approve", json=AGREED))
        found = good(await amina.get(at))
        assert found == {"back_dated_days": None, "withdrawal": "50.00"}
        line = {"member": "M-0001", "kind": "withdrawal", "amount": "50.01"}
        taking = sheet(lines=[line], cash_counted="-50.01")
        good(await amina.post("/v1/sheets", json=taking), 201)
        waits = good(await amina.post("/v1/sheets/S-08/close", headers=keyed("k")), 202)
        assert waits["kind"] == "withdrawal"


@pytest.mark.parametrize(
    ("field", "value"),
    [("withdrawal", "-5000.00"), ("back_dated_days", -1), ("back_dated_days", 36_501)],
)
async def test_a_limit_below_nothing_is_refused(app: FastAPI, field: str, value: object) -> None:
    """The problem points at the field; nothing itself is a limit."""
    async with officers(app, "amina") as (amina,):
        none = {"back_dated_days": 0, "withdrawal": "0.00", "reason": "Resolved"}
        at = "/v1/organisations/CO-01/limits"
        answer = await amina.put(at, json={**none, field: value}, headers=keyed("l"))
        found = refused(answer, 422, "malformed")
        assert [error["pointer"] for error in found["errors"]] == [f"/{field}"]
        good(await amina.put(at, json=none, headers=keyed("l")), 202)


async def test_limits_are_asked_for_as_they_were_read(app: FastAPI) -> None:
    """With If-Match; the same limits have the same ETag, and a replay the first answer."""
    async with officers(app, "amina", "bushra", "gul") as (amina, bushra, gul):
        to = {"back_dated_days": 30, "withdrawal": None, "reason": "Resolved"}
        at = "/v1/organisations/CO-01/limits"
        read = (await amina.get(at)).headers["ETag"]
        for stale in ('"1"', "*", f"W/{read}"):
            headers = {**keyed("l"), "If-Match": stale}
            refused(await amina.put(at, json=to, headers=headers), 412, "version_changed")
        refused(await gul.put(at, json=to, headers=headers), 403, "forbidden")
        assert good(await amina.get("/v1/requests"))["items"] == []
        headers = {**keyed("l"), "If-Match": read}
        asked = good(await amina.put(at, json=to, headers=headers), 202)
        good(await bushra.post(f"/v1/requests/{asked['code']}/approve", json=AGREED))
        changed = (await amina.get(at)).headers["ETag"]
        assert changed not in (read, None)
        replay = good(await amina.put(at, json=to, headers=headers), 202)
        assert (replay["code"], replay["state"]) == (asked["code"], "approved")
        other = {**keyed("l2"), "If-Match": read}
        refused(await amina.put(at, json=to, headers=other), 412, "version_changed")
        good(await amina.put(at, json=to, headers={**other, "If-Match": changed}), 202)


async def test_a_loan_waits_for_the_lenders_second_officer(app: FastAPI) -> None:
    """It does not exist before it is approved."""
    loan = {
        "code": "L-91",
        "lender": "CO-01",
        "member": "M-0003",
        "product": "FLAT",
        "principal": "600.00",
        "applied_on": "2026-06-20",
        "approved_on": "2026-06-25",
        "first_due_on": "2026-07-29",
        "instalments": 3,
    }
    async with officers(app, "amina", "bushra") as (amina, bushra):
        asked = good(await amina.post("/v1/loans", json=loan, headers=keyed("l")), 202)
        assert asked["difference"]["after"]["principal"] == "600.00"
        refused(await amina.get("/v1/loans/L-91"), 404, "not_found")
        good(await bushra.post(f"/v1/requests/{asked['code']}/approve", json=AGREED))
        assert good(await amina.get("/v1/loans/L-91"))["principal"] == "600.00"


async def test_lending_rules_wait_for_another_administrator(app: FastAPI) -> None:
    """And administrators post nothing."""
    rules = {
        "code": "GOATS",
        "name": "Livestock",
        "fund": "own",
        "charge": "zero",
        "repayment": "equal_instalment",
        "rate_percent": "0",
        "rate_per": "year",
        "frequency": "month",
        "instalments": 10,
    }
    async with officers(app, "hina", "iqra", "amina") as (hina, iqra, amina):
        asked = good(await hina.post("/v1/products", json=rules, headers=keyed("p")), 202)
        at = f"/v1/requests/{asked['code']}/approve"
        refused(await hina.post(at, json=AGREED), 403, "own_request")
        refused(await amina.post(at, json=AGREED), 404, "not_found")
        good(await iqra.post(at, json=AGREED))
        codes = [p["code"] for p in good(await amina.get("/v1/products"))["items"]]
        assert "GOATS" in codes
        refused(await hina.post("/v1/events", json=grant(), headers=keyed("e")), 403, "forbidden")


async def test_a_reversal_is_not_posted_around_the_request(app: FastAPI, one_co_url: str) -> None:
    """The table refuses an approval by the maker, whoever writes it."""
    async with officers(app, "dilshad") as (dilshad,):
        asked = await ask_reversal(dilshad)
    forged = (
        "UPDATE service.request SET state = 'approved', decided_by = asked_by,"
        f" decided_at = now() WHERE code = '{asked['code']}'"
    )
    with pytest.raises(Exception, match="check constraint"):
        await asyncio.to_thread(database.execute, one_co_url, forged)


async def test_one_sheet_waits_once_and_what_is_approved_is_what_was_seen(app: FastAPI) -> None:
    """A second request for it is refused; a sheet that was changed meanwhile is not posted."""
    async with officers(app, "amina", "bushra") as (amina, bushra):
        good(await amina.post("/v1/sheets", json=sheet(held_on="2026-05-02")), 201)
        asked = good(await amina.post("/v1/sheets/S-08/close", headers=keyed("k1")), 202)
        again = await amina.post("/v1/sheets/S-08/close", headers=keyed("k2"))
        refused(again, 409, "request_waits")
        good(await bushra.post(f"/v1/requests/{asked['code']}/approve", json=AGREED))
        closed = good(await amina.get("/v1/sheets/S-08"))
        for verb in ("withdraw", "reject"):
            who = amina if verb == "withdraw" else bushra
            ended = await who.post(f"/v1/requests/{asked['code']}/{verb}", json=AGREED)
            refused(ended, 409, "request_decided")
        assert good(await amina.get("/v1/sheets/S-08")) == closed
        replay = await amina.post("/v1/sheets/S-08/close", headers=keyed("k1"))
        assert good(replay, 201)["vouchers"][0]["no"] == closed["entry_no"]


async def test_a_sheet_that_is_posted_is_never_opened_again(one_co_url: str) -> None:
    """Nor by who works on the database."""
    for change in ("state = 'draft'", "lines = '[]'", "entry_no = NULL"):
        forged = f"UPDATE service.sheet SET {change} WHERE code = 'S-01'"
        with pytest.raises(Exception, match=r"reverse it instead|check constraint"):
            await asyncio.to_thread(database.execute, one_co_url, forged)


async def test_what_would_do_something_else_by_now_is_not_approved(
    app: FastAPI, one_co_url: str
) -> None:
    """The difference that was seen is the one that is made."""
    async with officers(app, "amina", "bushra") as (amina, bushra):
        good(await amina.post("/v1/sheets", json=sheet(held_on="2026-05-02")), 201)
        asked = good(await amina.post("/v1/sheets/S-08/close", headers=keyed("k1")), 202)
        lines = '[["M-0001", "saving_compulsory", 9000, null]]'
        forged = (
            f"UPDATE service.sheet SET lines = '{lines}', cash_counted = 9000 WHERE code = 'S-08'"
        )
        await asyncio.to_thread(database.execute, one_co_url, forged)
        approved = await bushra.post(f"/v1/requests/{asked['code']}/approve", json=AGREED)
        refused(approved, 409, "difference_changed")
        assert good(await bushra.get(f"/v1/requests/{asked['code']}"))["state"] == "waiting"


async def test_a_key_that_waits_is_taken(app: FastAPI) -> None:
    """By no other posting, so that its request can still be approved."""
    async with officers(app, "amina", "bushra") as (amina, bushra):
        old = grant(organisation="CO-01", paid_by="cash", happened_on="2026-04-02")
        asked = good(await amina.post("/v1/events", json=old, headers=keyed("same")), 202)
        new = grant(organisation="CO-01", paid_by="cash", code="E-96")
        taken = await amina.post("/v1/events", json=new, headers=keyed("same"))
        refused(taken, 409, "key_reused")
        batch = {"items": [{"key": "same", "sheet": sheet()}]}
        (found,) = good(await amina.post("/v1/sheets/batch", json=batch))["items"]
        assert found["refused"]["code"] == "key_reused"
        good(await bushra.post(f"/v1/requests/{asked['code']}/approve", json=AGREED))


async def test_asked_twice_at_once_it_is_one_request(app: FastAPI) -> None:
    """Both get the same answer."""
    async with officers(app, "amina") as (amina,):
        found = await asyncio.gather(*(ask_reversal(amina) for _ in range(4)))
        assert [one["code"] for one in found] == [found[0]["code"]] * 4


async def test_leaving_for_nobody_is_no_way_around_the_other_federation(
    app: FastAPI, one_co_url: str
) -> None:
    """Who left still counts where it was last."""
    everywhere = {"kiran": (Post("field_officer"),)}
    await asyncio.to_thread(appoint, one_co_url, everywhere)
    lso = {"code": "LSO-09", "kind": "LSO", "name": "Another", "formed_on": "2026-01-01"}
    async with officers(app, "kiran") as (kiran,):
        good(await kiran.post("/v1/organisations", json=lso), 201)
        at = "/v1/organisations/CO-01/moves"
        gone = {"to": None, "on": "2026-06-25", "reason": "Left"}
        good(await kiran.post(at, json=gone, headers=keyed("m1")), 201)
        there = {"to": "LSO-09", "on": "2026-06-26", "reason": "Joins"}
        good(await kiran.post(at, json=there, headers=keyed("m2")), 202)
        back = {"to": "VO-01", "on": "2026-06-26", "reason": "Comes back"}
        good(await kiran.post(at, json=back, headers=keyed("m3")), 201)


async def test_that_a_member_leaves_another_officer_decides(app: FastAPI) -> None:
    """Anything else about her is changed at once."""
    async with officers(app, "amina", "bushra") as (amina, bushra):
        read = await amina.get("/v1/members/M-0001")
        known = good(read)
        said = {name: known[name] for name in ("name", "gender", "joined_on")}
        leaving = {**said, "left_on": "2026-06-30", "reason": "Moves to Karachi"}
        headers = {"If-Match": read.headers["ETag"]}
        asked = good(await amina.put("/v1/members/M-0001", json=leaving, headers=headers), 202)
        assert (asked["kind"], asked["reason"]) == ("exit", "Moves to Karachi")
        assert good(await amina.get("/v1/members/M-0001"))["left_on"] is None
        good(await bushra.post(f"/v1/requests/{asked['code']}/approve", json=AGREED))
        assert good(await amina.get("/v1/members/M-0001"))["left_on"] == "2026-06-30"


async def test_a_settlement_and_a_close_are_decided_by_an_officer_of_the_organisation(
    app: FastAPI,
) -> None:
    """Who may not register members lets one go; both officers are in the entry."""
    settled: dict[str, str | None] = {
        "code": "E-95",
        "organisation": "CO-01",
        "kind": "settlement",
        "happened_on": "2026-06-29",
        "paid_by": "cash",
        "counterparty": "M-0002",
        "narrative": "She moves to her son",
    }
    year_end = {"kind": "year_end_close", "happened_on": "2026-06-30", "paid_by": "none"}
    closed = {**settled, "code": "E-96", **year_end, "counterparty": None}
    async with officers(app, "amina", "bushra") as (amina, bushra):
        for said, kind in ((settled, "settlement"), (closed, "year_end")):
            answer = await amina.post("/v1/events", json=said, headers=keyed(str(said["code"])))
            asked = good(answer, 202)
            assert (asked["kind"], asked["decider"]) == (kind, "CO-01")
            at = f"/v1/requests/{asked['code']}/approve"
            refused(await amina.post(at, json=AGREED), 403, "forbidden")
            decided = good(await bushra.post(at, json=AGREED))
            (voucher,) = decided["outcome"]["vouchers"]
            no = f"/v1/organisations/CO-01/entries/{voucher['no']}"
            assert good(await bushra.get(no))["actor"] == "amina, bushra"
        assert good(await amina.get("/v1/members/M-0002"))["left_on"] == "2026-06-29"


async def test_a_sheet_is_closed_as_it_was_read_and_its_maker_says_why(app: FastAPI) -> None:
    """With If-Match; a body where a second officer is to know more."""
    async with officers(app, "amina") as (amina,):
        good(await amina.post("/v1/sheets", json=sheet(held_on="2026-05-02")), 201)
        at = "/v1/sheets/S-08/close"
        stale = {**keyed("k"), "If-Match": '"99"'}
        refused(await amina.post(at, headers=stale), 412, "version_changed")
        read = {**keyed("k"), "If-Match": '"1"'}
        why = {"reason": "The road was closed"}
        asked = good(await amina.post(at, json=why, headers=read), 202)
        assert asked["reason"].startswith("The road was closed (2026-05-02 lies ")


async def test_requests_are_found_by_what_they_are_about_and_who_asked(app: FastAPI) -> None:
    """On every page; with any other filter."""
    async with officers(app, "amina", "dilshad") as (amina, dilshad):
        deposit = good(await amina.post("/v1/transfers", json=DEPOSIT, headers=keyed("t")), 202)
        names = {
            (await ask_reversal(amina))["code"]: "amina's",
            (await ask_reversal(dilshad, "v"))["code"]: "dilshad's",
            deposit["code"]: "deposit",
        }

        async def codes(**asked: str) -> list[str]:
            pages = await all_pages(amina, "/v1/requests", limit=1, **asked)
            return [names[item["code"]] for page in pages for item in page]

        assert sorted(await codes(about="S-07")) == ["amina's", "dilshad's"]
        assert await codes(about="S-07", asked_by="dilshad") == ["dilshad's"]
        assert sorted(await codes(asked_by="amina")) == ["amina's", "deposit"]
        assert await codes(asked_by="amina", kind="transfer") == ["deposit"]
        assert await codes(asked_by="amina", organisation="VO-01") == ["deposit"]
        assert await codes(about="S-0") == []
        for asked in ({"state": "open"}, {"kind": "x"}, {"about": "a/b"}, {"decidable": "maybe"}):
            answer = await amina.get("/v1/requests", params=asked)
            errors = refused(answer, 422, "malformed")["errors"]
            assert [error["pointer"] for error in errors] == [f"/{name}" for name in asked]


async def test_decidable_are_those_that_one_may_decide_on(app: FastAPI) -> None:
    """Exactly those that one's own yes or no is not refused for: by right, and not by maker."""
    rules = {
        "code": "GOATS",
        "name": "Livestock",
        "fund": "own",
        "charge": "zero",
        "repayment": "equal_instalment",
        "rate_percent": "0",
        "rate_per": "year",
        "frequency": "month",
        "instalments": 10,
    }
    async with officers(app, *PEOPLE) as clients:
        by = dict(zip(PEOPLE, clients, strict=True))
        asked = {
            "amina's": await ask_reversal(by["amina"]),
            "dilshad's": await ask_reversal(by["dilshad"], "v"),
            "gone": good(
                await by["amina"].post("/v1/transfers", json=DEPOSIT, headers=keyed("t")), 202
            ),
            "deposit": good(
                await by["amina"].post(
                    "/v1/transfers", json={**DEPOSIT, "code": "E-93"}, headers=keyed("t2")
                ),
                202,
            ),
            "product": good(
                await by["hina"].post("/v1/products", json=rules, headers=keyed("p")), 202
            ),
        }
        names = {found["code"]: name for name, found in asked.items()}
        good(await by["amina"].post(f"/v1/requests/{asked['gone']['code']}/withdraw"))

        async def decidable(who: str) -> set[str]:
            pages = await all_pages(by[who], "/v1/requests", limit=1, decidable="true")
            return {names[item["code"]] for page in pages for item in page}

        wanted = {
            "amina": set(),
            "bushra": {"amina's", "dilshad's"},
            "dilshad": {"amina's"},
            "farida": {"deposit"},
            "gul": {"deposit"},
            "hina": set(),
            "iqra": {"product"},
            "jamila": set(),
        }
        assert {who: await decidable(who) for who in PEOPLE} == wanted
        for who, client in by.items():
            for name, found in asked.items():
                if name in wanted[who]:
                    continue
                answer = await client.post(f"/v1/requests/{found['code']}/reject", json=AGREED)
                assert answer.status_code in {403, 404, 409}
        for who in ("bushra", "gul", "iqra"):
            for name in sorted(wanted[who]):
                at = f"/v1/requests/{asked[name]['code']}/reject"
                good(await by[who].post(at, json=AGREED))
        assert await decidable("bushra") == set()
