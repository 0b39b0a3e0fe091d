"""Members of COs."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from typing import TYPE_CHECKING

import pytest

from service import members
from service.members import Gender, Member
from service.refusals import AlreadyExists, Malformed, MemberOfAnother, NotFound

if TYPE_CHECKING:
    from tests.support.world import World

ON = date(2026, 1, 1)
LATER = date(2026, 7, 1)
NASREEN = Member(
    code="M-9",
    organisation="CO-01",
    name="Nasreen",
    gender=Gender.FEMALE,
    joined_on=ON,
    name_ur="نسرین",
    father_or_husband="Karim",
    cnic="10000-0000009-2",
    phone="+92 300 0000009",
    household="HH-9",
    psc=12,
    psc_on=date(2025, 6, 1),
    left_on=date(2026, 6, 30),
)


async def _admit(world: World, member: Member) -> None:
    async with world.at(LATER) as books:
        await members.admit(books, member)


async def test_a_member_is_read_back_as_she_was_admitted(world: World) -> None:
    """Every field of her row."""
    await _admit(world, NASREEN)
    async with world.reading() as books:
        assert await members.member(books, "M-9") == NASREEN
        assert await members.organisations_of(books, ["M-9", "Salma"]) == {
            "M-9": "CO-01",
            "Salma": "CO-02",
        }


REFUSED = {
    "a code that is taken": (AlreadyExists, {"code": "Zainab"}),
    "a member of a VO": (Malformed, {"organisation": "VO-01"}),
    "a member of nothing": (NotFound, {"organisation": "CO-77"}),
    "gone before she came": (Malformed, {"left_on": date(2025, 12, 31)}),
}


@pytest.mark.parametrize(("refusal", "changed"), REFUSED.values(), ids=REFUSED.keys())
async def test_who_cannot_be_a_member_is_not_admitted(
    world: World, refusal: type[Exception], changed: dict[str, object]
) -> None:
    """Only COs have members, and each has a code of her own."""
    with pytest.raises(refusal):
        await _admit(world, replace(NASREEN, **changed))  # type: ignore[arg-type] # as the table says


async def test_members_are_listed_page_by_page(world: World) -> None:
    """Those of one CO, in the order of their codes."""
    async with world.reading() as books:
        found = await members.members(books, "CO-01", after="Amina", limit=1)
    assert [member.code for member in found] == ["Kausar"]


async def test_who_is_not_known_is_not_found(world: World) -> None:
    """One by one or together."""
    async with world.reading() as books:
        with pytest.raises(NotFound, match="Nobody"):
            await members.member(books, "Nobody")
        with pytest.raises(NotFound, match="Nobody"):
            await members.organisations_of(books, ["Zainab", "Nobody"])


def test_a_stranger_is_refused() -> None:
    """The sentence says where she belongs."""
    members.refuse_strangers({"Zainab": "CO-01"}, "CO-01")
    with pytest.raises(MemberOfAnother, match="Salma is a member of CO-02, not of CO-01"):
        members.refuse_strangers({"Zainab": "CO-01", "Salma": "CO-02"}, "CO-01")


@pytest.mark.parametrize(
    ("changed", "told"),
    [
        ({}, []),
        ({"cnic": None}, []),
        ({"gender": Gender.MALE}, ["cnic"]),
        ({"psc_on": None}, ["psc_on"]),
        ({"psc": None, "gender": Gender.MALE}, ["cnic", "psc_on"]),
    ],
)
def test_what_is_odd_about_a_member_is_said_and_never_refused(
    changed: dict[str, object], told: list[str]
) -> None:
    """The last digit of a CNIC, and a score without its day."""
    odd = members.doubts(replace(NASREEN, **changed))  # type: ignore[arg-type] # as the table says
    assert [doubt.partition(":")[0] for doubt in odd] == told
