"""What a national run takes on the disk, said before anything is written."""

from __future__ import annotations

import shutil
from typing import TYPE_CHECKING, Final

from bench.national.results import Plan
from service.demo.estimate import LEFT_FREE, estimate, gib
from service.demo.shape import MOST_SHEETS

if TYPE_CHECKING:
    from collections.abc import Collection
    from pathlib import Path

BESIDES: Final = 9 * 1024**3
"""The log of changes (max_wal_size), and what posting adds while it is measured."""
BESIDES_SMALL: Final = 2 * 1024**3
LARGE_FROM: Final = 1_000_000


class TooLittleRoom(Exception):
    """The disk is too small for what was asked."""


def needed(plan: Plan, sizes: Collection[int]) -> int:
    """The bytes that these sizes take together."""
    besides = BESIDES if max(sizes, default=0) >= LARGE_FROM else BESIDES_SMALL
    return besides + sum(estimate(plan.shape(members)).bytes for members in sizes)


def free(directory: Path) -> int:
    """The bytes that are free where the run will write."""
    while not directory.exists():
        directory = directory.parent
    return shutil.disk_usage(directory).free


def most_sheets(years: int, seed: int, today: str, sizes: Collection[int], room: int) -> int:
    """As many sheets a year as fit for the largest size beside the others; 1 at least."""
    for sheets in range(MOST_SHEETS, 1, -1):
        if needed(Plan(years, sheets, seed, today), sizes) <= (1 - LEFT_FREE) * room:
            return sheets
    return 1


def say(plan: Plan, missing: Collection[int], room: int) -> str:
    """What the run needs and what there is. Raises `TooLittleRoom`."""
    if not missing:
        return f"All books are there already; {gib(room)} are free."
    need = needed(plan, missing)
    sizes = ", ".join(f"{members:,}" for members in sorted(missing))
    said = (
        f"Books of {sizes} members over {plan.years} years with {plan.sheets} sheets a year"
        f" are still to be written, and take about {gib(need)} of {gib(room)} that are free."
    )
    if need > (1 - LEFT_FREE) * room:
        raise TooLittleRoom(
            f"{said} A quarter of what is free is to stay so: ask for fewer --members, --years"
            " or --sheets, or name a --scratch on a larger disk."
        )
    return said
