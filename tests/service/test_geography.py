"""Places: a tree of names, apart from federation."""

from __future__ import annotations

from datetime import date
from typing import TYPE_CHECKING

from service import geography
from service.geography import NOWHERE, Place

if TYPE_CHECKING:
    from tests.support.world import World

ON = date(2026, 1, 1)
VILLAGE = Place("Sindh", "Thatta", "Mirpur Sakro", "Ghulamullah", "Haji Ghulam")
NEIGHBOUR = VILLAGE._replace(village="Allah Dino")
ELSEWHERE = Place("Punjab", "Khushab", None, None, "Haji Ghulam")


async def test_places_are_read_back_with_all_levels_above_them(world: World) -> None:
    """Also where a level in between is not given."""
    asked = [VILLAGE, NEIGHBOUR, ELSEWHERE, Place("Sindh"), NOWHERE]
    async with world.at(ON) as books:
        ids = await geography.place_ids(books, asked)
    async with world.reading() as books:
        found = await geography.places(books, ids.values())
    assert {found[number]: number for number in found} == ids
    assert NOWHERE not in ids


async def test_a_place_is_made_once(world: World) -> None:
    """Two villages of one name in two districts are two; the same village is one."""
    async with world.at(ON) as books:
        first = await geography.place_ids(books, [VILLAGE, ELSEWHERE])
    async with world.at(ON) as books:
        again = await geography.place_ids(books, [ELSEWHERE, VILLAGE, NEIGHBOUR])
    assert {place: again[place] for place in first} == first
    assert len(set(again.values())) == 3
    async with world.reading() as books:
        rows = await books.fetch("SELECT level, count(*) FROM service.place GROUP BY level")
    counts = {row[0]: row[1] for row in rows}
    assert counts == {"province": 2, "district": 2, "tehsil": 1, "union_council": 1, "village": 3}


async def test_no_places_are_no_work(world: World) -> None:
    """An organisation that covers everything lies nowhere."""
    async with world.at(ON) as books:
        assert await geography.place_ids(books, [NOWHERE]) == {}
        assert await geography.places(books, []) == {}
