"""What a national run takes on the disk, chosen and said before anything is written."""

from __future__ import annotations

import shutil
from typing import TYPE_CHECKING, Final

from bench.national.results import Plan
from service.demo.estimate import LEFT_FREE, estimate, gib
from service.demo.shape import MOST_SHEETS

if TYPE_CHECKING:
    from collections.abc import Collection
    from pathlib import Path

YEARS: Final = 5
"""The design's, of which a statement is; fewer where more do not fit."""
BESIDES: Final = 9 * 1024**3
"""The log of changes (max_wal_size), and what posting adds while it is measured."""
BESIDES_SMALL: Final = 2 * 1024**3
LARGE_FROM: Final = 1_000_000


class TooLittleRoom(Exception):
    """The disk is too small for what was asked."""


def needed(plan: Plan, sizes: Collection[int], *, dropped: bool) -> int:
    """The bytes that these sizes take together, or one by one where each is dropped."""
    besides = BESIDES if max(sizes, default=0) >= LARGE_FROM else BESIDES_SMALL
    books = [estimate(plan.shape(members)).bytes for members in sizes]
    return besides + (max(books, default=0) if dropped else sum(books))


def free(directory: Path) -> int:
    """The bytes that are free where the run will write."""
    while not directory.exists():
        directory = directory.parent
    return shutil.disk_usage(directory).free


def chosen(
    plan: Plan, sizes: Collection[int], room: int, *, years: bool, sheets: bool, dropped: bool
) -> Plan:
    """As many sheets a year, where they may be chosen, as fit over the years of the plan.

    Fewer years, where they may be chosen, if not one sheet fits; at last what is smallest.
    """
    tried = [
        Plan(some_years, some_sheets, plan.seed, plan.planned_on)
        for some_years in (range(plan.years, 0, -1) if years else [plan.years])
        for some_sheets in (range(MOST_SHEETS, 0, -1) if sheets else [plan.sheets])
    ]
    fits = (one for one in tried if needed(one, sizes, dropped=dropped) <= _to_use(room))
    return next(fits, tried[-1])


def say(plan: Plan, missing: Collection[int], room: int, *, dropped: bool) -> str:
    """What the run needs and what there is. Raises `TooLittleRoom`."""
    if not missing:
        return f"All books are there already; {gib(room)} are free."
    need = needed(plan, missing, dropped=dropped)
    sizes = ", ".join(f"{members:,}" for members in sorted(missing))
    said = (
        f"Books of {sizes} members over {plan.years} years with {plan.sheets} sheets a year"
        f" are still to be written, and take about {gib(need)} of {gib(room)} that are free"
        f"{'; each is deleted once it is measured' if dropped else ''}."
    )
    if need > _to_use(room):
        raise TooLittleRoom(
            f"{said} A quarter of what is free is to stay so: --drop the books of each size once"
            " it is measured, ask for fewer --members, --years or --sheets, or name a --scratch"
            " on a larger disk."
        )
    if plan.years < YEARS:
        said += f" Statements are of {plan.years} years, not of the {YEARS} that the design asks."
    return said


def _to_use(room: int) -> float:
    return (1 - LEFT_FREE) * room
