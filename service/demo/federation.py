"""Who belongs to whom in a demo, with the few moves; and the closure that roll-ups stand on."""

from __future__ import annotations

from dataclasses import dataclass, field
from random import Random
from typing import TYPE_CHECKING, Final, NamedTuple

from service.demo import shape as shapes
from service.demo.shape import RSPN, Shape

if TYPE_CHECKING:
    from collections.abc import Iterator

FOREVER: Final = "infinity"
SINCE: Final = "-infinity"
_CO_MOVES: Final = 0.03
_VO_MOVES: Final = 0.02


class Stay(NamedTuple):
    """An organisation's parent from a day until another, as ISO text; books by number."""

    parent: int
    from_on: str
    to_on: str


@dataclass(slots=True)
class Ties:
    """Who belonged to whom in a unit: every stay of each book, by day."""

    stays: dict[int, list[Stay]] = field(default_factory=dict)
    codes: dict[int, str] = field(default_factory=dict)

    def closure(self, book: int) -> Iterator[tuple[int, str, str]]:
        """Every node that a book is under, and when; its own always."""
        yield book, SINCE, FOREVER
        found: dict[int, list[tuple[str, str]]] = {}
        for node, from_on, to_on in self._above(book, "0000-01-01", FOREVER):
            spans = found.setdefault(node, [])
            if spans and spans[-1][1] == from_on:
                spans[-1] = (spans[-1][0], to_on)
            else:
                spans.append((from_on, to_on))
        for node, spans in found.items():
            for from_on, to_on in spans:
                yield node, from_on, to_on

    def parent_on(self, book: int, day: str) -> int:
        """The parent of a book on a day."""
        return next(s.parent for s in self.stays[book] if s.from_on <= day < s.to_on)

    def _above(self, book: int, from_on: str, to_on: str) -> Iterator[tuple[int, str, str]]:
        for stay in self.stays.get(book, ()):
            begins, ends = max(from_on, stay.from_on), min(to_on, stay.to_on)
            if begins < ends:
                yield stay.parent, begins, ends
                yield from self._above(stay.parent, begins, ends)


def top(shape: Shape) -> Ties:
    """The network of RSPs, the RSPs and the networks of LSOs."""
    ties = Ties(codes={RSPN: "RSPN"})
    for rsp in range(len(shape.rsps)):
        book = shape.rsp_book + rsp
        ties.codes[book] = shapes.rsp_code(rsp)
        ties.stays[book] = [Stay(RSPN, "1995-01-01", FOREVER)]
    for network in range(len(shape.used)):
        book = shape.network_book + network
        ties.codes[book] = shapes.network_code(network)
        rsp = shape.rsp_book + shape.rsp_of(network)
        ties.stays[book] = [Stay(rsp, "2000-01-01", FOREVER)]
    return ties


def of_unit(shape: Shape, unit: int, above: Ties) -> Ties:
    """All below the networks in a unit, beside what is above it."""
    rng = Random(f"{shape.seed} ties {unit}")  # noqa: S311 - made up
    ties = Ties(dict(above.stays), dict(above.codes))
    lsos = shape.lsos_in(unit)
    for lso in lsos:
        book = shape.lso_book + lso
        ties.codes[book] = shapes.lso_code(lso)
        network = shape.network_book + shape.network_of(lso)
        ties.stays[book] = [Stay(network, formed_on(shape, 3, lso), FOREVER)]
    sisters = [lso for lso in lsos if shape.network_of(lso) == shape.network_of(lsos[0])]
    for lso in lsos:
        others = [other for other in sisters if other != lso] if lso in sisters else []
        _tie_vos(shape, ties, lso, others, rng)
    return ties


def formed_on(shape: Shape, years: int, place: int) -> str:
    """A day some years before the first month."""
    return (
        shape.months[0].replace(year=shape.months[0].year - years, day=1 + place % 28).isoformat()
    )


def _tie_vos(shape: Shape, ties: Ties, lso: int, others: list[int], rng: Random) -> None:
    for vo in shape.vos_in(lso):
        book = shape.vo_book + vo
        ties.codes[book] = shapes.vo_code(vo)
        moves_to = [shape.lso_book + other for other in others]
        since = formed_on(shape, 2, vo)
        home = shape.lso_book + lso
        ties.stays[book] = _stays(shape, home, since, moves_to, _VO_MOVES, rng)
        sisters = [shape.vo_book + other for other in shape.vos_in(lso) if other != vo]
        for co in shape.cos_in(vo):
            own = shape.co_book + co
            ties.codes[own] = shapes.co_code(co)
            since = formed_on(shape, 1, co)
            ties.stays[own] = _stays(shape, book, since, sisters, _CO_MOVES, rng)


def _stays(
    shape: Shape, home: int, since: str, others: list[int], likely: float, rng: Random
) -> list[Stay]:
    """At home for ever, or until the first of some month and then elsewhere."""
    drawn, month = rng.random(), rng.randrange(1, len(shape.months) - 24)
    if not others or drawn >= likely:
        return [Stay(home, since, FOREVER)]
    on = shape.months[month].isoformat()
    return [Stay(home, since, on), Stay(rng.choice(others), on, FOREVER)]
