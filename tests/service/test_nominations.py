"""Whom COs nominate."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from typing import TYPE_CHECKING

import pytest

from service import nominations
from service.nominations import Nomination, Office
from service.refusals import AlreadyExists, Malformed, NotFound

if TYPE_CHECKING:
    from tests.support.world import World

ON = date(2026, 1, 1)
LATER = date(2026, 7, 1)


async def test_a_nomination_is_recorded_once(world: World) -> None:
    """In whichever office, while it lasts."""
    one = Nomination("Zainab", "VO-01", Office.PRESIDENT, ON, date(2026, 6, 1))
    later = Nomination("Zainab", "VO-01", Office.MANAGER, date(2026, 6, 1))
    async with world.at(LATER) as books:
        await nominations.nominate_one(books, one)
        await nominations.nominate_one(books, later)
    async with world.reading() as books:
        found = await nominations.nominations(books, "VO-01")
    assert found == [one, later]
    for again in (one, replace(one, role=Office.MANAGER), replace(one, to_on=date.max)):
        with pytest.raises(AlreadyExists):
            async with world.at(LATER) as books:
                await nominations.nominate_one(books, again)


@pytest.mark.parametrize(
    ("refusal", "changed"),
    [
        (NotFound, {"member": "Nobody"}),
        (NotFound, {"organisation": "VO-77"}),
        (Malformed, {"to_on": ON}),
    ],
)
async def test_a_nomination_that_cannot_be_meant_is_refused(
    world: World, refusal: type[Exception], changed: dict[str, object]
) -> None:
    """Of nobody, to nothing, or for no day."""
    one = replace(Nomination("Zainab", "VO-01", Office.PRESIDENT, ON), **changed)  # type: ignore[arg-type] # as the table says
    with pytest.raises(refusal):
        async with world.at(ON) as books:
            await nominations.nominate_one(books, one)
