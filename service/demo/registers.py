"""The registers of a demo: places, organisations, memberships, members; as rows for COPY."""

from __future__ import annotations

from random import Random
from typing import TYPE_CHECKING, Final

from service.demo.federation import formed_on
from service.demo.names import FAMILY, FEMALE, MALE, VILLAGE_WORDS
from service.demo.places import districts
from service.demo.products import PRODUCTS
from service.demo.shape import RSPN, VOS_OF_AN_LSO, Shape

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from ledger.postgres.bulk import Texts
    from service.demo.co import Co
    from service.demo.federation import Ties
    from service.demo.upper import Upper

COLUMNS: Final = {
    "place": "id level name within",
    "organisation": "code book_id kind name name_ur gender place_id formed_on",
    "membership": "organisation parent from_on to_on",
    "member": (
        "code organisation name name_ur father_or_husband gender cnic phone household psc psc_on"
        " joined_on left_on"
    ),
    "product": (
        "code name fund charge repayment rate_percent rate_per frequency instalments charge_step"
        " instalment_step rounding grace_principal grace_charge grace_days charge_basis on_holiday"
    ),
    "loan": (
        "code lender member organisation product principal applied_on approved_on resolution"
        " disbursed_on first_due_on instalments purpose"
    ),
    "instalment": "loan n due_on principal charge before",
}
_NONE: Final = r"\N"
_MOST_MEMBERS: Final = 25
_SEVEN_DIGITS: Final = 10**7


def of_top(shape: Shape, ties: Ties, texts: Texts) -> None:
    """Everything above the LSOs, with the places of the list, and the products."""
    texts.of("place").extend(_places())
    texts.of("product").extend(_products())
    names = {RSPN: ("RSPN", "Rural Support Programmes Network")}
    for place, name in enumerate(shape.rsps):
        names[shape.rsp_book + place] = ("RSP", name)
    for place, district in enumerate(shape.used):
        names[shape.network_book + place] = (
            "NETWORK", f"LSO Network {districts()[district].name}",
        )  # fmt: skip
    for book, (kind, name) in names.items():
        formed = ties.stays[book][0].from_on if book in ties.stays else "1990-01-01"
        texts.of("organisation").append(
            f"{ties.codes[book]}\t{book}\t{kind}\t{name}\t{_NONE}\t{_NONE}\t{_NONE}\t{formed}\n"
        )
        _tie(ties, book, texts)


def of_unit(
    shape: Shape, ties: Ties, lsos: Sequence[Upper], vos: Sequence[Upper], cos: Sequence[Co],
    texts: Texts,
) -> None:  # fmt: skip
    """The organisations of a unit, their places, memberships and members."""
    first_uc = sum(1 for _ in _places()) + 1
    first_village = first_uc + shape.lsos
    tehsils = _tehsil_ids()
    organisations, places = texts.of("organisation"), texts.of("place")
    for lso in lsos:
        inside = tehsils[shape.district_of(lso.place)]
        uc = first_uc + lso.place
        places.append(
            f"{uc}\tunion_council\tUnion Council {lso.place + 1}\t"
            f"{inside[lso.place % len(inside)]}\n"
        )
        formed = formed_on(shape, 3, lso.place)
        organisations.append(
            f"{lso.code}\t{lso.book.id}\tLSO\tLSO {_word(lso.place)}\t{_NONE}\t{_NONE}\t{uc}\t"
            f"{formed}\n"
        )
        _tie(ties, lso.book.id, texts)
    for vo in vos:
        village = first_village + vo.place
        uc = first_uc + vo.place // VOS_OF_AN_LSO
        places.append(f"{village}\tvillage\tVillage {vo.place % VOS_OF_AN_LSO + 1}\t{uc}\n")
        formed = formed_on(shape, 2, vo.place)
        organisations.append(
            f"{vo.code}\t{vo.book.id}\tVO\tVO {_word(vo.place)}\t{_NONE}\t{_NONE}\t{village}\t"
            f"{formed}\n"
        )
        _tie(ties, vo.book.id, texts)
    for co in cos:
        village = first_village + (ties.stays[co.book.id][0].parent - shape.vo_book)
        formed = formed_on(shape, 1, co.place)
        organisations.append(
            f"{co.code}\t{co.book.id}\tCO\tCO {_word(co.place)} {co.place + 1}\t{_NONE}\t"
            f"{co.gender}\t{village}\t{formed}\n"
        )
        _tie(ties, co.book.id, texts)
        texts.of("member").extend(_members(shape, co, formed))


def _tie(ties: Ties, book: int, texts: Texts) -> None:
    for stay in ties.stays.get(book, ()):
        texts.of("membership").append(
            f"{ties.codes[book]}\t{ties.codes[stay.parent]}\t{stay.from_on}\t{stay.to_on}\n"
        )
    texts.of("under").extend(
        f"{book}\t{node}\t{from_on}\t{to_on}\n" for node, from_on, to_on in ties.closure(book)
    )


def _members(shape: Shape, co: Co, joined: str) -> Iterator[str]:
    rng = Random(f"{shape.seed} members {co.place}").random  # noqa: S311 - made up
    for n in range(co.size):
        drawn = rng()
        female = co.gender == "women" or (co.gender == "mixed" and drawn < 0.5)  # noqa: PLR2004 - half
        first, first_ur = (FEMALE if female else MALE)[int(rng() * 20)]
        last, last_ur = FAMILY[int(rng() * 20)]
        kin, _ = MALE[int(rng() * 20)]
        name_ur = f"{first_ur} {last_ur}" if drawn < 0.4 else _NONE  # noqa: PLR2004 - some
        cnic = psc = psc_on = _NONE
        if rng() < 0.3:  # noqa: PLR2004 - only part has one
            serial = co.place * _MOST_MEMBERS + n
            sex = int(rng() * 5) * 2 + (not female)
            cnic = f"{10000 + serial // _SEVEN_DIGITS}-{serial % _SEVEN_DIGITS:07}-{sex}"
        if rng() < 0.3:  # noqa: PLR2004 - only part was surveyed
            psc, psc_on = str(int(rng() * 101)), joined
        yield (
            f"M-{co.place + 1:06}-{n + 1:02}\t{co.code}\t{first} {last}\t{name_ur}\t{kin} {last}\t"
            f"{'female' if female else 'male'}\t{cnic}\t{_NONE}\t{_NONE}\t{psc}\t{psc_on}\t"
            f"{joined}\t{_NONE}\n"
        )


def _word(place: int) -> str:
    return VILLAGE_WORDS[place % len(VILLAGE_WORDS)]


def _places() -> Iterator[str]:
    """The list of districts as rows, numbered from 1."""
    provinces: dict[str, int] = {}
    n = 0
    for district in districts():
        if district.province not in provinces:
            n += 1
            provinces[district.province] = n
            yield f"{n}\tprovince\t{district.province}\t{_NONE}\n"
        n += 1
        own = n
        yield f"{own}\tdistrict\t{district.name}\t{provinces[district.province]}\n"
        for tehsil in district.tehsils:
            n += 1
            yield f"{n}\ttehsil\t{tehsil}\t{own}\n"


def _tehsil_ids() -> list[list[int]]:
    """The numbers of the tehsils of each district."""
    found: list[list[int]] = []
    for row in _places():
        number, level, *_ = row.split("\t")
        if level == "district":
            found.append([])
        elif level == "tehsil":
            found[-1].append(int(number))
    return found


def _products() -> Iterator[str]:
    for p in PRODUCTS:
        percent = int(p.rate * 100)
        yield (
            f"{p.code}\t{p.name}\t{p.fund}\t{p.charge}\t{p.repayment}\t{percent}\t{p.rate_per}\t"
            f"{p.frequency}\t{p.instalments}\t{p.charge_step}\t{p.instalment_step}\t{p.rounding}\t"
            f"{p.grace_principal}\t{p.grace_charge}\t{p.grace_days}\t{p.charge_basis}\t"
            f"{p.on_holiday}\n"
        )
