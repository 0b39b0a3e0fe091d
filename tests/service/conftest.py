"""A federation for the tests of the service's actions."""

from __future__ import annotations

import asyncio
from datetime import date
from typing import TYPE_CHECKING

import pytest

from tests.support import database
from tests.support.importing import engine_of
from tests.support.world import World

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Iterator

PARENTS = {
    "LSO-01": None,
    "LSO-02": None,
    "VO-01": "LSO-01",
    "VO-02": "LSO-01",
    "CO-01": "VO-01",
    "CO-02": "VO-01",
    "CO-03": "VO-02",
}
MEMBERS = {
    "Zainab": "CO-01",
    "Amina": "CO-01",
    "Kausar": "CO-01",
    "Salma": "CO-02",
    "Hajra": "CO-03",
}
FIRST = date(2026, 1, 1)
TICKS_BEFORE = 1000


@pytest.fixture(scope="session")
def founded_database(template_database: str) -> Iterator[str]:
    """The federation, to clone from."""
    with database.clone_of(template_database) as url:
        with asyncio.Runner(loop_factory=asyncio.new_event_loop) as runner:
            runner.run(_found(url))
        yield url


async def _found(url: str) -> None:
    async with engine_of(url) as engine:
        made = await World.founded(engine)
        for code, parent in PARENTS.items():
            await made.form(code, under=parent)
        for name, co in MEMBERS.items():
            await made.join(name, co)
        for org in ("LSO-01", "VO-01", "VO-02", "CO-01", "CO-02"):
            for kind, fund in (("donation_cash", "own"), ("cif_capital", "cif")):
                given = made.event(kind, FIRST, org, "10000.00", fund=fund, code=f"{org}/{fund}")
                await made.record(given)


@pytest.fixture
def world_database(founded_database: str) -> Iterator[str]:
    """The federation, for one test."""
    with database.clone_of(founded_database) as url:
        yield url


@pytest.fixture
async def world(world_database: str) -> AsyncIterator[World]:
    """LSO-01 over VO-01 and VO-02, three COs, five members, money in hand; LSO-02 alone.

    Zainab, Amina and Kausar are members of CO-01, Salma of CO-02, Hajra of CO-03, which is
    under VO-02. All but LSO-02 and CO-03 have Rs 10,000 of own cash and as much of CIF, from
    a donation and a grant of 1 January 2026.
    """
    async with engine_of(world_database) as engine:
        yield World(engine, ticks=TICKS_BEFORE)
