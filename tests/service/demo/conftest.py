"""A small demo, made once; who changes it works on a clone."""

from __future__ import annotations

import asyncio
from datetime import date
from typing import TYPE_CHECKING, Final

import pytest

from jobs.generating import connect
from service.demo import rolling, writing
from service.demo.shape import Shape
from tests.support.database import clone_of
from tests.support.importing import NOW

if TYPE_CHECKING:
    from collections.abc import Iterator

SMALL: Final = Shape(cos=60, years=2, seed=7, sheets=12, last_month=date(2026, 6, 1))


@pytest.fixture(scope="package")
def demo_url(template_database: str) -> Iterator[str]:
    """The books of sixty COs over two years: to be read only."""
    with clone_of(template_database) as url:
        with asyncio.Runner(loop_factory=asyncio.new_event_loop) as runner:
            runner.run(make(url, SMALL))
        yield url


async def make(url: str, shape: Shape, *, units_of_a_block: int | None = None) -> None:
    """Write a demo in this process."""
    plan = writing.planned(shape)
    if units_of_a_block is not None:
        plan = writing.Plan(shape, units_of_a_block)
    connection = await connect(url)
    try:
        await writing.begin(connection, plan)
        for block in await writing.waiting(connection, plan):
            await writing.write_block(connection, plan, block, lambda _: None)
        await rolling.roll_up(lambda: connect(url), shape, date(2026, 6, 1), processes=2)
        await writing.finish(connection, plan, NOW)
    finally:
        await connection.close()
