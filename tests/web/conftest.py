"""Fixtures of the pages' tests: the books of one CO, its officers, and one of another CO."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING, Final

import pytest

from service.books import make_engine
from tests.api.conftest import client, one_co_template, one_co_url
from tests.api.helpers import make_app, one_officer
from tests.support import database
from tests.support.house import PILOT
from tests.support.importing import engine_of, load_folder
from tests.support.people import Post, appoint
from tests.web.forms import ANOTHER_CO, PEOPLE

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Iterator
    from pathlib import Path

    import httpx
    from fastapi import FastAPI

__all__ = ["client", "one_co_template", "one_co_url"]


@pytest.fixture(scope="session")
def officers_template(one_co_template: str) -> Iterator[str]:
    """The books of one CO with its officers and another CO, to clone from."""
    with database.clone_of(one_co_template) as url:
        with asyncio.Runner(loop_factory=asyncio.new_event_loop) as runner:
            runner.run(_register(url))
        appoint(url, PEOPLE)
        yield url


async def _register(url: str) -> None:
    engine = make_engine(url, connections=2)
    try:
        async with one_officer(make_app(engine), "shazia") as officer:
            answer = await officer.post("/v1/organisations", json=ANOTHER_CO)
            assert answer.status_code == 201, answer.text
    finally:
        await engine.dispose()


@pytest.fixture
def officers_url(officers_template: str) -> Iterator[str]:
    """Those books, for one test, which may commit."""
    with database.clone_of(officers_template) as url:
        yield url


@pytest.fixture
async def app(officers_url: str) -> AsyncIterator[FastAPI]:
    """The application on those books."""
    engine = make_engine(officers_url, connections=6)
    try:
        yield make_app(engine)
    finally:
        await engine.dispose()


UNION_COUNCIL: Final = {
    "treasurer": (Post("treasurer", "LSO-01"),),
    "village": (Post("treasurer", "VO-01"),),
    "auditor": (Post("auditor", "LSO-01"),),
    "village_auditor": (Post("auditor", "VO-01"),),
    "village_book": (Post("accountant", "VO-01", below=False),),
}
"""Who looks after the pilot's union council, and after one of its villages; and their auditors."""


@pytest.fixture(scope="session")
def council_url(template_database: str) -> Iterator[str]:
    """The pilot's books and its treasurers, which no test writes."""
    with database.clone_of(template_database) as url:
        with asyncio.Runner(loop_factory=asyncio.new_event_loop) as runner:
            runner.run(_load(url, PILOT))
        appoint(url, UNION_COUNCIL)
        yield url


async def _load(url: str, folder: Path) -> None:
    async with engine_of(url) as engine:
        await load_folder(engine, folder)


@pytest.fixture
async def council(council_url: str) -> AsyncIterator[FastAPI]:
    """The application on the pilot's books."""
    engine = make_engine(council_url, connections=4)
    try:
        yield make_app(engine)
    finally:
        await engine.dispose()


@pytest.fixture
async def treasurer(council: FastAPI) -> AsyncIterator[httpx.AsyncClient]:
    """The browser of the treasurer of the union council."""
    async with one_officer(council, "treasurer") as client:
        yield client


@pytest.fixture
async def of_one_book(council: FastAPI) -> AsyncIterator[httpx.AsyncClient]:
    """The browser of who keeps the book of a village, and sees nothing below it."""
    async with one_officer(council, "village_book") as client:
        yield client


@pytest.fixture
async def of_a_village(council: FastAPI) -> AsyncIterator[httpx.AsyncClient]:
    """The browser of a treasurer of one village of it."""
    async with one_officer(council, "village") as client:
        yield client
