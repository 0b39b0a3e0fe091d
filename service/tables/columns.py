"""What the cells of a column are, so that whoever writes them down knows an amount from a text."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from enum import Enum, auto
from typing import TypeAlias

Cell: TypeAlias = str | int | None
"""Text, a day or moment as ISO text, an amount as rupees, a number, or nothing."""
Cells: TypeAlias = Sequence[object]
"""A row: text, numbers, nothing; in NDJSON whatever JSON has."""


class Form(Enum):
    """What the cells of a column are."""

    TEXT = auto()
    NUMBER = auto()
    DAY = auto()
    MOMENT = auto()
    MONEY = auto()
    PERCENT = auto()
    """A share in a hundred, as text with two decimals."""


@dataclass(frozen=True, slots=True)
class Column:
    """A column: its name, and the attribute of a row that it shows where that is another."""

    name: str
    form: Form = Form.TEXT
    shows: str = ""

    @property
    def attribute(self) -> str:
        """The attribute of a row that it shows."""
        return self.shows or self.name
