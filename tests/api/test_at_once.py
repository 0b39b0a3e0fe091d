"""Sent at the same moment: nothing is doubled, and no limit is passed by being quick."""

from __future__ import annotations

import asyncio
from contextlib import asynccontextmanager
from typing import TYPE_CHECKING, Any, Final

from service.books import make_engine
from tests.api.helpers import good, grant, keyed, make_app, one_officer, sheet

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

    import httpx

BATCH: Final = "/v1/sheets/batch"
ROUNDS: Final = 6


@asynccontextmanager
async def officer(url: str) -> AsyncIterator[httpx.AsyncClient]:
    """A client to whom what waits for a second officer is what waits."""
    engine = make_engine(url, connections=8)
    try:
        async with one_officer(make_app(engine), "shazia") as client:
            yield client
    finally:
        await engine.dispose()


def money(kind: str, amount: str, **more: Any) -> dict[str, Any]:  # noqa: ANN401 - JSON is as wide as it is
    """A sheet of one line of the first member."""
    counted = f"-{amount}" if kind == "withdrawal" else amount
    line = {"member": "M-0001", "kind": kind, "amount": amount}
    return sheet(cash_counted=counted, lines=[line], present=["M-0001"], **more)


async def batch(client: httpx.AsyncClient, *items: tuple[str, dict[str, Any]]) -> list[int]:
    """What became of each sheet of a batch."""
    body = {"items": [{"key": key, "sheet": one} for key, one in items]}
    found = good(await client.post(BATCH, json=body))["items"]
    return [one["status"] for one in found]


async def test_a_limit_is_not_passed_by_many_sheets_at_once(one_co_url: str) -> None:
    """What a member withdraws at one meeting counts together, however it is sent."""
    async with officer(one_co_url) as client:
        saved = money("saving_voluntary", "90000.00", code="S-50", held_on="2026-06-28")
        assert await batch(client, ("saved", saved)) == [201]
        taken = [money("withdrawal", "4500.00", code=f"S-6{n}") for n in range(6)]
        sent = await asyncio.gather(*(batch(client, (f"w{n}", s)) for n, s in enumerate(taken)))
        assert sorted(status for (status,) in sent) == [201, 201, 202, 202, 202, 202]
        drafts = [
            money("withdrawal", "9000.00", code=f"S-7{n}", held_on="2026-06-28") for n in range(4)
        ]
        for draft in drafts:
            good(await client.post("/v1/sheets", json=draft), 201)
        closed = await asyncio.gather(
            *(
                client.post(f"/v1/sheets/S-7{n}/close", headers=keyed(f"c-{n}"))
                for n in range(len(drafts))
            )
        )
        assert sorted(one.status_code for one in closed) == [201, 202, 202, 202]


async def test_a_sheet_and_an_event_never_share_a_code(one_co_url: str) -> None:
    """Whichever comes first has it; the other is told so."""
    async with officer(one_co_url) as client:
        for n in range(ROUNDS):
            event = grant(code=f"X-{n}", organisation="CO-01")
            (status,), recorded = await asyncio.gather(
                batch(client, (f"s-{n}", sheet(code=f"X-{n}"))),
                client.post("/v1/events", json=event, headers=keyed(f"e-{n}")),
            )
            assert sorted([status, recorded.status_code]) == [201, 409], recorded.text


async def test_a_batch_sent_again_at_once_is_answered_as_the_first(one_co_url: str) -> None:
    """Also where a sheet of it waits for a second officer."""
    async with officer(one_co_url) as client:
        asked = [
            ("far", sheet(code="F-1", held_on="2026-04-02")),
            *((f"k{n}", sheet(code=f"K-{n}")) for n in range(5)),
        ]
        sent = await asyncio.gather(*(batch(client, *asked) for _ in range(ROUNDS)))
        assert sent == [[202, *[201] * 5]] * ROUNDS


async def test_batches_that_name_the_same_sheets_do_not_wait_in_a_circle(one_co_url: str) -> None:
    """Whatever the order of their items, and beside somebody who closes one of them."""
    async with officer(one_co_url) as client:
        for n in range(ROUNDS):
            draft = sheet(code=f"D-{n}", held_on="2026-04-02")
            good(await client.post("/v1/sheets", json=draft), 201)
            fresh = [(f"f{n}-{m}", sheet(code=f"F{n}-{m}")) for m in range(3)]
            close = f"/v1/sheets/D-{n}/close"
            one, other, closed = await asyncio.gather(
                batch(client, *fresh, (f"d-{n}", draft)),
                batch(client, (f"d-{n}", draft), *reversed(fresh)),
                client.post(close, headers=keyed(f"d-{n}")),
            )
            assert (one[:3], other[1:]) == ([201] * 3, [201] * 3)
            assert {one[3], other[0], closed.status_code} == {202}, closed.text
