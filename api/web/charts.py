"""Bars as a picture: where each stands, in whole pixels, zero-based; a table beside says the same.

Time runs from left to right in either language. Amounts are paisa.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final, NamedTuple

from ledger.money import PAISA_PER_RUPEE

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

WIDTH: Final = 410
HEIGHT: Final = 262
_LEFT: Final = 56
_TOP: Final = 20
_FLOOR: Final = 214
_BAR: Final = 26
_BETWEEN: Final = 4
_STEPS: Final = (1, 2, 5)
_MOST_LINES: Final = 5
_UNITS: Final = {True: (10_000_000, 100_000, 1_000), False: (1_000_000, 1_000)}
"""In rupees, the largest first: crore, lakh and thousand; million and thousand."""


class Bar(NamedTuple):
    """One bar: what it is made of, from the floor up, by series."""

    parts: tuple[tuple[str, int], ...]

    @property
    def total(self) -> int:
        """All of it, less what was taken back."""
        return sum(amount for _, amount in self.parts)

    @property
    def boxes(self) -> Iterator[tuple[str, int]]:
        """What is drawn, from the floor up: what was taken back makes it lower, from the top."""
        height = max(self.total, 0)
        for name, amount in self.parts:
            drawn = min(max(amount, 0), height)
            height -= drawn
            yield name, drawn


class Group(NamedTuple):
    """The bars of one period, side by side."""

    label: str
    bars: tuple[Bar, ...]


class Box(NamedTuple):
    """A part of a bar as it is drawn: `kind` is the number of its series, from 1."""

    kind: int
    period: str
    amount: int
    x: int
    y: int
    height: int


class Mark(NamedTuple):
    """An amount and where it is written."""

    x: int
    y: int
    amount: int


class Label(NamedTuple):
    """A period and the middle of its bars."""

    x: int
    said: str


@dataclass(frozen=True, slots=True)
class Chart:
    """A picture of bars."""

    boxes: tuple[Box, ...]
    marks: tuple[Mark, ...]
    lines: tuple[Mark, ...]
    labels: tuple[Label, ...]
    highest: int
    width: int = WIDTH
    height: int = HEIGHT
    left: int = _LEFT
    floor: int = _FLOOR
    bar: int = _BAR

    def unit(self, *, lakhs: bool) -> int:
        """In what the amounts are said, in rupees: the largest unit that the highest fills."""
        fills = (one for one in _UNITS[lakhs] if self.highest >= one * PAISA_PER_RUPEE)
        return next(fills, 1)


def bars(groups: Sequence[Group], series: Sequence[str]) -> Chart:
    """The picture of groups of bars whose parts are of at most five series."""
    highest = max((bar.total for group in groups for bar in group.bars), default=0)
    step = _step(highest)
    top = step * max(1, -(-highest // step))

    def up(amount: int) -> int:
        return amount * (_FLOOR - _TOP) // top

    wide = (WIDTH - _LEFT) // max(1, len(groups))
    boxes, marks, labels = list[Box](), list[Mark](), list[Label]()
    for n, group in enumerate(groups):
        taken = len(group.bars) * (_BAR + _BETWEEN) - _BETWEEN
        first = _LEFT + n * wide + (wide - taken) // 2
        labels.append(Label(first + taken // 2, group.label))
        for k, bar in enumerate(group.bars):
            x, so_far = first + k * (_BAR + _BETWEEN), 0
            for name, amount in bar.boxes:
                below, so_far = so_far, so_far + amount
                if high := up(so_far) - up(below):
                    kind = series.index(name) + 1
                    boxes.append(Box(kind, group.label, amount, x, _FLOOR - up(so_far), high))
            if bar.total > 0:
                marks.append(Mark(x + _BAR // 2, _FLOOR - up(bar.total) - 6, bar.total))
    lines = [Mark(_LEFT, _FLOOR - up(at), at) for at in range(0, top + 1, step)]
    return Chart(tuple(boxes), tuple(marks), tuple(lines), tuple(labels), highest)


def said(amount: int, unit: int) -> str:
    """An amount in a unit of rupees with one place, half up: 2.8 of 2,78,050."""
    tenths = (amount * 20 + unit * PAISA_PER_RUPEE) // (2 * unit * PAISA_PER_RUPEE)
    return f"{tenths // 10}.{tenths % 10}"


def _step(highest: int) -> int:
    """From one line to the next: 1, 2 or 5 times a power of ten, so that there are few lines."""
    size = PAISA_PER_RUPEE
    while True:
        for times in _STEPS:
            if highest <= size * times * _MOST_LINES:
                return size * times
        size *= 10
