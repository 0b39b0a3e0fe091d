"""The scheme of classes: from which day late on how much of the principal is reserved.

A scheme holds from its day on until the next one begins; it is never changed: a new resolution is
a new scheme. It is one for the whole house. Source: DOMAIN 6.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date  # noqa: TC003 - requests are read back by their annotations
from decimal import Decimal
from itertools import pairwise
from typing import TYPE_CHECKING, Final

from service.refusals import AlreadyExists, SchemeContradicts

if TYPE_CHECKING:
    from collections.abc import Iterator

    from service.books import Books, WritableBooks

WHOLE: Final = Decimal(100)
HUNDREDTH: Final = Decimal("0.01")


@dataclass(frozen=True, slots=True)
class ReserveClass:
    """A class: from how many days past due on, and how many per cent of principal it reserves."""

    name: str
    days_from: int
    percent: Decimal


@dataclass(frozen=True, slots=True)
class Scheme:
    """The classes as resolved, from a day on; oldest loans last. Raises `SchemeContradicts`."""

    from_on: date
    resolution: str
    classes: tuple[ReserveClass, ...]

    def __post_init__(self) -> None:
        if reasons := "; ".join(_contradictions(self.classes)):
            raise SchemeContradicts(f"The scheme from {self.from_on} on: {reasons}.")

    def place(self, days_past_due: int) -> int:
        """Which class a loan of so many days past due is in, counted from 0."""
        return max(n for n, one in enumerate(self.classes) if one.days_from <= days_past_due)


_SCHEMES: Final = """
    SELECT s.from_on, s.resolution, c.name, c.days_from, c.percent
    FROM service.reserve_scheme s JOIN service.reserve_class c USING (from_on)
    ORDER BY s.from_on, c.days_from
"""
_ADD: Final = """
    INSERT INTO service.reserve_scheme (from_on, resolution) VALUES (:from_on, :resolution)
"""
_ADD_CLASS: Final = """
    INSERT INTO service.reserve_class (from_on, days_from, name, percent)
    VALUES (:from_on, :days_from, :name, :percent)
"""


async def schemes(books: Books) -> list[Scheme]:
    """All schemes by the day from which they hold."""
    found: dict[date, tuple[str, list[ReserveClass]]] = {}
    for from_on, resolution, *row in await books.fetch(_SCHEMES):
        found.setdefault(from_on, (resolution, []))[1].append(ReserveClass(*row))
    return [Scheme(day, said, tuple(classes)) for day, (said, classes) in found.items()]


async def scheme_on(books: Books, on: date) -> Scheme:
    """The scheme that holds on a day: the last one that has begun, or else the first."""
    found = await schemes(books)
    begun = [one for one in found if one.from_on <= on]
    return begun[-1] if begun else found[0]


async def add(books: WritableBooks, scheme: Scheme) -> None:
    """Write down a scheme. Raises `AlreadyExists` where one begins on its day."""
    if any(one.from_on == scheme.from_on for one in await schemes(books)):
        raise AlreadyExists(f"A scheme begins on {scheme.from_on} already. Choose another day.")
    await books.execute(_ADD, from_on=scheme.from_on, resolution=scheme.resolution)
    rows = [
        {
            "from_on": scheme.from_on,
            "days_from": one.days_from,
            "name": one.name,
            "percent": one.percent,
        }
        for one in scheme.classes
    ]
    await books.execute_many(_ADD_CLASS, rows)


def _contradictions(classes: tuple[ReserveClass, ...]) -> Iterator[str]:
    if not classes or classes[0].days_from != 0:
        yield "the first class begins with 0 days past due"
    if any(one.days_from >= other.days_from for one, other in pairwise(classes)):
        yield "each class begins with more days than the one before"
    if len({one.name for one in classes}) < len(classes):
        yield "each class has a name of its own"
    percents = [one.percent for one in classes]
    if not all(0 <= percent <= WHOLE for percent in percents):
        yield "a class reserves from 0 to 100 per cent"
    elif any(percent != percent.quantize(HUNDREDTH) for percent in percents):
        yield "per cent have two decimals at most"
