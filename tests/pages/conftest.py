"""Fixtures of the tests in a browser: one Chromium, the service on the pilot's books, screens.

All these tests share one event loop, for the browser lives on it.
"""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import pytest
import pytest_asyncio
from playwright.async_api import expect
from pytest_asyncio import is_async_test

from tests.support import browser as browsers
from tests.support import database
from tests.support.browser import DESK, PATIENCE_MS, PHONE, looking
from tests.support.house import House, house_on, load_pilot

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Iterator, Mapping

    from playwright.async_api import Browser, Page

    from jobs.demo import Somebody

HERE = Path(__file__).parent
expect.set_options(timeout=PATIENCE_MS)


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Run all of this folder on the loop of the session."""
    on_one_loop = pytest.mark.asyncio(loop_scope="session")
    for item in items:
        if HERE in item.path.parents and is_async_test(item):
            item.add_marker(on_one_loop, append=False)


@pytest_asyncio.fixture(scope="session", loop_scope="session")
async def browser() -> AsyncIterator[Browser]:
    """Chromium, started once."""
    async with browsers.launched() as found:
        yield found


@pytest.fixture(scope="session")
def pilot_house(template_database: str) -> Iterator[tuple[str, Mapping[str, Somebody]]]:
    """The pilot's books and the people of the demo: to clone from, never to connect to."""
    with database.clone_of(template_database) as url:
        yield url, load_pilot(url)


@pytest.fixture(scope="module")
def house(pilot_house: tuple[str, Mapping[str, Somebody]]) -> Iterator[House]:
    """The service for the tests of one module, which see what the others wrote."""
    template, people = pilot_house
    with database.clone_of(template) as url, house_on(url, people) as found:
        yield found


@pytest.fixture
def own_house(pilot_house: tuple[str, Mapping[str, Somebody]]) -> Iterator[House]:
    """The service for one test, which may write and move the clock as it likes."""
    template, people = pilot_house
    with database.clone_of(template) as url, house_on(url, people) as found:
        yield found


@pytest_asyncio.fixture(loop_scope="session")
async def phone(browser: Browser, house: House) -> AsyncIterator[Page]:
    """A page on a phone that was never here, at the module's house."""
    async with looking(browser, PHONE, address=house.address) as context:
        yield await context.new_page()


@pytest_asyncio.fixture(loop_scope="session")
async def desk(browser: Browser, house: House) -> AsyncIterator[Page]:
    """A page at a desk, at the module's house."""
    async with looking(browser, DESK, address=house.address) as context:
        yield await context.new_page()
