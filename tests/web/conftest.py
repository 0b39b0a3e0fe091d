"""Fixtures of the pages' tests: the books of one CO, its officers, and one of another CO."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

import pytest

from service.books import make_engine
from tests.api.conftest import client, one_co_template, one_co_url
from tests.api.helpers import make_app, one_officer
from tests.support import database
from tests.support.people import appoint
from tests.web.forms import ANOTHER_CO, PEOPLE

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Iterator

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
