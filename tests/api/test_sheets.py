"""Sheets over HTTP: draft, revise, close, reverse, correct."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from ledger.money import parse_rupees, rupees
from tests.api.helpers import balance, good, keyed, refused, sheet

if TYPE_CHECKING:
    import httpx

UNDO = {"on": "2026-06-30", "reason": "Entered twice", "resolution": "CO-01/2026-06-30/1"}


async def _draft(client: httpx.AsyncClient, **more: Any) -> None:  # noqa: ANN401 - as `sheet` takes it
    good(await client.post("/v1/sheets", json=sheet(**more)), 201)


async def _close(client: httpx.AsyncClient, code: str = "S-08", key: str = "k") -> httpx.Response:
    return await client.post(f"/v1/sheets/{code}/close", headers=keyed(key))


async def test_a_draft_is_kept_with_a_version_and_posts_nothing(client: httpx.AsyncClient) -> None:
    """Drafts forgive: no cash counted, no lines."""
    before = good(await client.get("/v1/organisations/CO-01/book"))
    made = await client.post("/v1/sheets", json=sheet(cash_counted=None, lines=[]))
    assert good(made, 201)["state"] == "draft"
    assert made.headers["ETag"] == '"1"'
    again = await client.get(made.headers["Location"])
    assert (good(again), again.headers["ETag"]) == (made.json(), '"1"')
    assert good(await client.get("/v1/organisations/CO-01/book")) == before


async def test_a_draft_without_a_code_is_given_one(client: httpx.AsyncClient) -> None:
    """Two drafts have two codes."""
    first = good(await client.post("/v1/sheets", json=sheet(None)), 201)
    second = good(await client.post("/v1/sheets", json=sheet(None)), 201)
    assert first["code"] != second["code"]
    good(await client.get(f"/v1/sheets/{first['code']}"))


async def test_drafting_refuses_strangers_and_taken_codes(client: httpx.AsyncClient) -> None:
    """Members of nowhere, loans of nowhere, sheets of a VO, and codes of sheets and events."""

    def line(**more: object) -> list[dict[str, object]]:
        return [{"member": "M-0001", "kind": "fine", "amount": "5.00", **more}]

    async def draft(**more: Any) -> httpx.Response:  # noqa: ANN401 - as `sheet` takes it
        return await client.post("/v1/sheets", json=sheet(**more))

    refused(await draft(code="S-01"), 409, "already_exists")
    refused(await draft(code="E-01"), 409, "already_exists")
    refused(await draft(organisation="CO-99"), 404, "not_found")
    refused(await draft(organisation="VO-01"), 422, "malformed")
    refused(await draft(lines=line(member="M-9999")), 404, "not_found")
    refused(await draft(lines=line(kind="repayment", loan="L-99")), 404, "not_found")
    refused(await draft(lines=line(loan="L-02")), 422, "malformed")
    refused(await draft(lines=[*line(), *line()]), 422, "malformed")
    other = {"code": "CO-02", "kind": "CO", "name": "Other", "formed_on": "2026-01-01"}
    good(await client.post("/v1/organisations", json=other), 201)
    refused(await draft(organisation="CO-02"), 422, "member_of_another")


async def test_a_draft_is_changed_only_at_its_version(client: httpx.AsyncClient) -> None:
    """If-Match names the version; a missing one, a wrong one and an old one are refused."""
    await _draft(client)
    content = {"held_on": "2026-06-28", "cash_counted": "0.00"}
    at = "/v1/sheets/S-08"
    refused(await client.put(at, json=content), 428, "if_match_missing")
    for wrong in ('"2"', "1", 'W/"1"', "*"):
        response = await client.put(at, json=content, headers={"If-Match": wrong})
        refused(response, 412, "version_changed")
    done = await client.put(at, json=content, headers={"If-Match": '"1"'})
    assert (good(done)["held_on"], done.headers["ETag"]) == ("2026-06-28", '"2"')
    assert good(await client.get(at))["lines"] == []
    late = await client.put(at, json=content, headers={"If-Match": '"1"'})
    refused(late, 412, "version_changed")
    closed = await client.put("/v1/sheets/S-01", json=content, headers={"If-Match": '"1"'})
    refused(closed, 409, "sheet_not_draft")
    nowhere = await client.put("/v1/sheets/S-99", json=content, headers={"If-Match": '"1"'})
    refused(nowhere, 404, "not_found")


async def test_closing_posts_the_sheet_as_one_entry(client: httpx.AsyncClient) -> None:
    """The voucher is in the answer, in the book, and on the sheet."""
    await _draft(client)
    cash = await balance(client, "CO-01", "1000", "2026-06-29")
    (voucher,) = good(await _close(client), 201)["vouchers"]
    assert (voucher["organisation"], voucher["reference"]) == ("CO-01", "S-08")
    entry = good(await client.get(f"/v1/organisations/CO-01/entries/{voucher['no']}"))
    assert (entry["reference"], entry["actor"], entry["hash"]) == (
        "S-08",
        "shazia",
        voucher["hash"],
    )
    stored = good(await client.get("/v1/sheets/S-08"))
    assert (stored["state"], stored["entry_no"]) == ("closed", voucher["no"])
    after = await balance(client, "CO-01", "1000", "2026-06-29")
    assert parse_rupees(after) - parse_rupees(cash) == 100_00


async def test_closing_refuses_what_the_books_refuse(client: httpx.AsyncClient) -> None:
    """Nothing of the sheet is posted then, and it stays a draft."""

    def line(kind: str, amount: str, loan: str | None = None) -> dict[str, object]:
        return {"member": "M-0001", "kind": kind, "amount": amount, "loan": loan}

    cases: tuple[tuple[str, dict[str, Any], int, str], ...] = (
        ("sheet", {"cash_counted": None}, 422, "malformed"),
        ("future", {"held_on": "2026-08-01"}, 422, "dated_in_future"),
        ("old", {"held_on": "1950-01-01"}, 422, "period_closed"),
        ("floor", {"lines": [line("withdrawal", "99999.00")]}, 422, "floor_passed"),
        ("other", {"lines": [line("repayment", "9.00", "L-03")]}, 422, "loan_of_another"),
        ("empty", {"lines": [], "cash_counted": "0.00"}, 422, "entry_empty"),
    )
    for code, more, status, refusal in cases:
        await _draft(client, code=code, **more)
        refused(await _close(client, code), status, refusal)
        assert good(await client.get(f"/v1/sheets/{code}"))["state"] == "draft"
    refused(await _close(client, "S-99"), 404, "not_found")
    refused(await _close(client, "S-01"), 409, "sheet_not_draft")


async def test_loans_refuse_what_does_not_fit_them(client: httpx.AsyncClient) -> None:
    """Paid out twice, not paid out, written off, of another amount."""

    def lines(member: str, kind: str, amount: str, loan: str) -> list[dict[str, str]]:
        return [{"member": member, "kind": kind, "amount": amount, "loan": loan}]

    cases: tuple[tuple[dict[str, Any], int, str], ...] = (
        (
            {
                "lines": lines("M-0001", "disbursement", "10000.00", "L-02"),
                "held_on": "2026-03-12",
            },
            409,
            "loan_already_paid_out",
        ),
        (
            {"lines": lines("M-0001", "disbursement", "1.00", "L-02")},
            422,
            "disbursement_differs",
        ),
        ({"lines": lines("M-0003", "repayment", "1.00", "L-09")}, 409, "loan_not_paid_out"),
        ({"lines": lines("M-0006", "repayment", "1.00", "L-07")}, 409, "loan_written_off"),
    )
    for place, (more, status, refusal) in enumerate(cases):
        await _draft(client, code=f"D-{place}", **more)
        refused(await _close(client, f"D-{place}"), status, refusal)


async def test_a_closed_sheet_is_reversed_once(client: httpx.AsyncClient) -> None:
    """The reversal is an event; the sheet says reversed, and the book is as before."""
    await _draft(client)
    before = await balance(client, "CO-01", "1000", "2026-06-30")
    good(await _close(client), 201)
    response = await client.post("/v1/sheets/S-08/reverse", json=UNDO, headers=keyed("r"))
    made = good(response, 201)
    assert made["vouchers"][0]["kind"] == "reversal"
    event = good(await client.get(response.headers["Location"]))
    assert (event["reverses"], event["resolution"]) == ("S-08", UNDO["resolution"])
    assert good(await client.get("/v1/sheets/S-08"))["state"] == "reversed"
    assert await balance(client, "CO-01", "1000", "2026-06-30") == before
    again = await client.post("/v1/sheets/S-08/reverse", json=UNDO, headers=keyed("r2"))
    refused(again, 409, "already_reversed")


async def test_reversing_refuses_drafts_early_days_and_strangers(
    client: httpx.AsyncClient,
) -> None:
    """A draft is changed instead; a reversal is not before its sheet."""
    await _draft(client)
    at = "/v1/sheets/{}/reverse"
    draft = await client.post(at.format("S-08"), json=UNDO, headers=keyed("a"))
    refused(draft, 409, "sheet_not_closed")
    good(await _close(client), 201)
    early = await client.post(
        at.format("S-08"), json={**UNDO, "on": "2026-06-28"}, headers=keyed("b")
    )
    refused(early, 422, "reversal_too_early")
    none = await client.post(at.format("S-99"), json=UNDO, headers=keyed("c"))
    refused(none, 404, "not_found")


def _right(**more: Any) -> dict[str, Any]:  # noqa: ANN401 - as `sheet` takes it
    content = sheet(**more)
    del content["organisation"]
    return content


async def test_a_correction_reverses_and_replaces_and_the_reports_follow(
    client: httpx.AsyncClient,
) -> None:
    """M-0006 brought 500 more at the first meeting, and every report says so.

    What was known before the correction is told as it was.
    """
    wrong = good(await client.get("/v1/sheets/S-01"))
    before, known_before = await _reports(client), await _reports(client, known_by=NOON)
    lines = [line | ({"amount": "700.00"} if _is_hers(line) else {}) for line in wrong["lines"]]
    counted = rupees(parse_rupees(wrong["cash_counted"]) + 500_00)
    right = _right(
        code="S-01B",
        held_on=wrong["held_on"],
        present=wrong["present"],
        lines=lines,
        cash_counted=counted,
    )
    response = await client.post(
        "/v1/sheets/S-01/corrections",
        json={**UNDO, "replacement": right},
        headers=keyed("correct-S-01"),
    )
    made = good(response, 201)
    assert [voucher["kind"] for voucher in made["vouchers"]] == ["reversal", "normal"]
    assert good(await client.get(response.headers["Location"]))["state"] == "closed"
    assert good(await client.get("/v1/sheets/S-01"))["state"] == "reversed"
    assert good(await client.get("/v1/events/S-01B/reversal"))["reverses"] == "S-01"

    after = await _reports(client)
    assert after["member-savings"] == [
        row | ({"compulsory": _more(row["compulsory"])} if row["member"] == "M-0006" else {})
        for row in before["member-savings"]
    ]
    assert [row for row in after["trial-balance"] if row not in before["trial-balance"]] == [
        _raised(row) for row in before["trial-balance"] if _is_raised(row)
    ]
    for name in ("rollup", "mobilisation"):
        assert after[name] != before[name], name
    for name in ("loans", "par"):
        assert after[name] == before[name], name
    assert await _reports(client, known_by=NOON) == known_before


REPORTS = ("trial-balance", "rollup", "member-savings", "mobilisation", "loans", "par")
NOON = "2026-07-31T12:00:00+05:00"
"""Before anything that these tests post."""


async def _reports(client: httpx.AsyncClient, **asked: str) -> dict[str, list[dict[str, str]]]:
    asked = {"as_of": "2026-07-31", **asked}
    found = {name: await client.get(f"/v1/reports/{name}", params=asked) for name in REPORTS}
    return {name: good(table)["rows"] for name, table in found.items()}


def _is_hers(line: dict[str, str]) -> bool:
    return (line["member"], line["kind"]) == ("M-0006", "saving_compulsory")


def _more(amount: str) -> str:
    return rupees(parse_rupees(amount) + 500_00)


def _is_raised(row: dict[str, str]) -> bool:
    return (row["org"], row["fund"]) == ("CO-01", "own") and row["code"] in {"1000", "2000"}


def _raised(row: dict[str, str]) -> dict[str, str]:
    side = "debit" if row["code"] == "1000" else "credit"
    return {**row, side: _more(row[side])}


async def test_a_correction_is_whole_or_nothing(client: httpx.AsyncClient) -> None:
    """What the right sheet refuses leaves the wrong one closed."""

    async def correct(wrong: str, key: str, **more: Any) -> httpx.Response:  # noqa: ANN401 - as `sheet` takes it
        asked = {**UNDO, "replacement": _right(**more)}
        return await client.post(f"/v1/sheets/{wrong}/corrections", json=asked, headers=keyed(key))

    await _draft(client)
    refused(await correct("S-08", "a", code="S-09"), 409, "sheet_not_closed")
    good(await _close(client), 201)
    future = await correct("S-08", "b", code="S-09", held_on="2026-09-01")
    refused(future, 422, "dated_in_future")
    refused(await correct("S-08", "c", code="S-01"), 409, "already_exists")
    refused(await correct("S-08", "d", code="E-01"), 409, "already_exists")
    refused(await correct("S-99", "e", code="S-09"), 404, "not_found")
    assert good(await client.get("/v1/sheets/S-08"))["state"] == "closed"
    good(await correct("S-08", "f", code=None), 201)
    refused(await correct("S-08", "g", code="S-10"), 409, "already_reversed")
