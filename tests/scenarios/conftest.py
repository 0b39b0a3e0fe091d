"""Plays scenarios, and compares what the books then say with a page that people reviewed."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Protocol

import pytest

from tests.support.importing import engine_of
from tests.support.play import Play
from tests.support.world import World

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

GOLDEN = Path(__file__).parent / "golden"


class Compare(Protocol):
    """Plays a scenario and compares it with its golden page."""

    async def __call__(self, name: str, text: str) -> None:
        """Fail where the journal or the trial balance differ from `golden/<name>.txt`."""


def pytest_addoption(parser: pytest.Parser) -> None:
    """Let a reviewer write the golden pages anew: `pytest tests/scenarios --update-golden`."""
    parser.addoption(
        "--update-golden", action="store_true", help="write the golden pages of the scenarios anew"
    )


@pytest.fixture
async def play(database_url: str, request: pytest.FixtureRequest) -> AsyncIterator[Compare]:
    """A scenario in an empty database with the lending rules of `tests.support.world`."""
    update = bool(request.config.getoption("--update-golden", default=False))
    async with engine_of(database_url) as engine:
        world = await World.founded(engine)

        async def compare(name: str, text: str) -> None:
            told = await Play(world).run(text)
            page = GOLDEN / f"{name}.txt"
            if update:
                page.parent.mkdir(exist_ok=True)
                page.write_text(told, encoding="utf-8")
            assert told == page.read_text(encoding="utf-8")

        yield compare
