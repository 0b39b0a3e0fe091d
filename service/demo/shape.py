"""The shape of a demo: how many organisations of each tier, and which number each has.

Everything about where an organisation stands is arithmetic on its place in its tier, so
that any process knows the number of any book without asking. Ratios: DOMAIN 1.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from functools import cached_property
from typing import TYPE_CHECKING, Final

from service.demo.places import districts

if TYPE_CHECKING:
    from service.demo.places import District

COS_OF_A_VO: Final = 25
VOS_OF_AN_LSO: Final = 9
LSOS_OF_A_UNIT: Final = 2
DISTRICTS_OF_AN_RSP: Final = 14
MONTHS: Final = 12
MOST_SHEETS: Final = 12
RSPN: Final = 1
"""The number of its book."""


@dataclass(frozen=True)
class Shape:
    """What is to be made: so many COs over so many years up to a month, by a seed.

    `sheets` is how many meetings a year each CO writes down, 1 to 12.
    """

    cos: int
    years: int
    seed: int
    sheets: int
    last_month: date
    """The first day of the last month in which anybody meets."""

    @cached_property
    def vos(self) -> int:
        """How many VOs there are."""
        return -(-self.cos // COS_OF_A_VO)

    @cached_property
    def lsos(self) -> int:
        """How many LSOs there are."""
        return -(-self.vos // VOS_OF_AN_LSO)

    @cached_property
    def units(self) -> int:
        """How many groups of LSOs; no organisation has to do with one of another group."""
        return -(-self.lsos // LSOS_OF_A_UNIT)

    @cached_property
    def used(self) -> list[int]:
        """The places, in the list of districts, of those with an LSO."""
        return sorted({self.district_of(lso) for lso in range(self.lsos)})

    @cached_property
    def rsps(self) -> list[str]:
        """The names of the RSPs: one for some districts of a province."""
        return list(dict.fromkeys(self.rsp_names))

    @cached_property
    def rsp_names(self) -> list[str]:
        """The RSP of each district that is used."""
        seen: dict[str, int] = {}
        names = []
        for district in self.used:
            province = districts()[district].province
            seen[province] = seen.get(province, -1) + 1
            names.append(f"RSP {province} {seen[province] // DISTRICTS_OF_AN_RSP + 1}")
        return names

    @cached_property
    def rsp_book(self) -> int:
        """The book of the first RSP; the others follow."""
        return RSPN + 1

    @cached_property
    def network_book(self) -> int:
        """The book of the first LSO network."""
        return self.rsp_book + len(self.rsps)

    @cached_property
    def lso_book(self) -> int:
        """The book of the first LSO."""
        return self.network_book + len(self.used)

    @cached_property
    def vo_book(self) -> int:
        """The book of the first VO."""
        return self.lso_book + self.lsos

    @cached_property
    def co_book(self) -> int:
        """The book of the first CO."""
        return self.vo_book + self.vos

    @cached_property
    def books(self) -> int:
        """How many books there are: the number of the last one."""
        return self.co_book + self.cos - 1

    @cached_property
    def rounds(self) -> list[int]:
        """The months, counted from the first, in which COs meet."""
        meetings = self.years * self.sheets
        return [(n + 1) * MONTHS // self.sheets - 1 for n in range(meetings)]

    @cached_property
    def months(self) -> list[date]:
        """The first day of every month, and of the two years that follow."""
        first = self.last_month.year * MONTHS + self.last_month.month - self.years * MONTHS
        return [
            date(n // MONTHS, n % MONTHS + 1, 1)
            for n in range(first, first + (self.years + 2) * MONTHS)
        ]

    def district_of(self, lso: int) -> int:
        """The place of an LSO's district in the list."""
        return lso * len(districts()) // self.lsos

    def district(self, lso: int) -> District:
        """The district of an LSO."""
        return districts()[self.district_of(lso)]

    def network_of(self, lso: int) -> int:
        """The place of an LSO's network among the networks."""
        return self.used.index(self.district_of(lso))

    def rsp_of(self, network: int) -> int:
        """The place of a network's RSP among the RSPs."""
        return self.rsps.index(self.rsp_names[network])

    def lsos_in(self, unit: int) -> range:
        """The LSOs of a unit."""
        first = unit * LSOS_OF_A_UNIT
        return range(first, min(first + LSOS_OF_A_UNIT, self.lsos))

    def vos_in(self, lso: int) -> range:
        """The VOs that an LSO was founded with."""
        first = lso * VOS_OF_AN_LSO
        return range(first, min(first + VOS_OF_AN_LSO, self.vos))

    def cos_in(self, vo: int) -> range:
        """The COs that a VO was founded with."""
        first = vo * COS_OF_A_VO
        return range(first, min(first + COS_OF_A_VO, self.cos))


def rsp_code(rsp: int) -> str:
    """The code of an RSP by its place."""
    return f"RSP-{rsp + 1:02}"


def network_code(network: int) -> str:
    """The code of an LSO network by its place."""
    return f"NET-{network + 1:03}"


def lso_code(lso: int) -> str:
    """The code of an LSO by its place."""
    return f"LSO-{lso + 1:04}"


def vo_code(vo: int) -> str:
    """The code of a VO by its place."""
    return f"VO-{vo + 1:05}"


def co_code(co: int) -> str:
    """The code of a CO by its place."""
    return f"CO-{co + 1:06}"
