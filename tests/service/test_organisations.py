"""Organisations: registered once, each with a book of its own."""

from __future__ import annotations

from datetime import date
from typing import TYPE_CHECKING

import pytest

from service import organisations
from service.geography import Place
from service.organisations import Organisation, OrganisationGender, OrganisationKind
from service.refusals import AlreadyExists, NotFound
from tests.support.importing import fingerprint

if TYPE_CHECKING:
    from tests.support.world import World

ON = date(2026, 1, 1)
NEW = Organisation(
    code="CO-08",
    kind=OrganisationKind.CO,
    name="CO Gulshan",
    formed_on=ON,
    name_ur="گلشن",
    gender=OrganisationGender.WOMEN,
    place=Place("Sindh", "Thatta", None, "Jungshahi", None),
)
PLAIN = Organisation("CO-09", OrganisationKind.CO, "CO nine", ON)


async def test_an_organisation_is_read_back_as_it_was_registered(world: World) -> None:
    """With its place, as far down as it was given."""
    async with world.at(ON) as books:
        numbers = await organisations.register(books, [NEW, PLAIN])
    async with world.reading() as books:
        assert await organisations.organisation(books, "CO-08") == NEW
        assert await organisations.named(books, ["CO-09", "CO-08", "CO-77"]) == [NEW, PLAIN]
        assert await organisations.books_of(books, ["CO-08", "CO-09"]) == numbers
        assert await organisations.book_of(books, "CO-09") == numbers["CO-09"]
    assert len(set(numbers.values())) == 2


async def test_a_code_is_taken_once(world: World) -> None:
    """Of several, none is registered then."""
    before = await fingerprint(world.engine)
    taken = Organisation("CO-01", OrganisationKind.CO, "Another", ON)
    with pytest.raises(AlreadyExists, match="CO-01"):
        async with world.at(ON) as books:
            await organisations.register(books, [NEW, taken])
    assert await fingerprint(world.engine) == before


async def test_what_does_not_exist_is_not_found(world: World) -> None:
    """One by one or together."""
    async with world.reading() as books:
        with pytest.raises(NotFound, match="CO-77"):
            await organisations.organisation(books, "CO-77")
        with pytest.raises(NotFound, match="CO-77"):
            await organisations.books_of(books, ["CO-01", "CO-77"])


async def test_organisations_are_listed_page_by_page(world: World) -> None:
    """In the order of their codes, those after the last one seen."""
    async with world.reading() as books:
        first = await organisations.organisations(books, limit=2)
        rest = await organisations.organisations(books, after=first[-1].code)
    assert [o.code for o in first] == ["CO-01", "CO-02"]
    assert [o.code for o in rest] == ["CO-03", "LSO-01", "LSO-02", "VO-01", "VO-02"]
