"""Places: province, district, tehsil (taluka), union council, village; a dated list.

Geography is apart from federation: an organisation lies in a place and belongs to a
parent, and either may change without the other.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Iterable

    from service.books import Books, WritableBooks


class Place(NamedTuple):
    """Where an organisation lies; None from the level at which it covers more than one."""

    province: str | None = None
    district: str | None = None
    tehsil: str | None = None
    union_council: str | None = None
    village: str | None = None


NOWHERE: Final = Place()

_ADD = """
    INSERT INTO service.place (level, name, within) VALUES (:level, :name, :within)
    ON CONFLICT (within, level, name, from_on) DO UPDATE SET name = excluded.name
    RETURNING id
"""

_PATHS = """
    WITH RECURSIVE up AS (
        SELECT id AS place, id, level, name, within FROM service.place WHERE id = ANY (:ids)
        UNION ALL
        SELECT up.place, p.id, p.level, p.name, p.within
        FROM up JOIN service.place p ON p.id = up.within
    )
    SELECT place, level, name FROM up
"""


async def place_ids(books: WritableBooks, places: Iterable[Place]) -> dict[Place, int]:
    """The numbers of places, made where they are new; the empty place has none."""
    ids: dict[Place, int] = {}
    made: dict[tuple[str, str, int | None], int] = {}
    for place in sorted(set(places) - {NOWHERE}, key=str):
        within: int | None = None
        for level, name in zip(Place._fields, place, strict=True):
            if name is None:
                continue
            step = (level, name, within)
            if step not in made:
                row = await books.fetch_one(_ADD, level=level, name=name, within=within)
                made[step] = row[0] if row else 0
            within = made[step]
        if within is not None:
            ids[place] = within
    return ids


async def places(books: Books, ids: Iterable[int]) -> dict[int, Place]:
    """The places of these numbers, with all levels above them."""
    levels: dict[int, dict[str, str]] = {}
    for place, level, name in await books.fetch(_PATHS, ids=sorted(set(ids))):
        levels.setdefault(place, {})[level] = name
    return {place: Place(**names) for place, names in levels.items()}
