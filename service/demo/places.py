"""The districts of Pakistan that a demo lies in, with their tehsils (talukas in Sindh)."""

from __future__ import annotations

import csv
from functools import cache
from pathlib import Path
from typing import NamedTuple


class District(NamedTuple):
    """A district of the reviewed list."""

    province: str
    name: str
    tehsils: tuple[str, ...]


@cache
def districts() -> tuple[District, ...]:
    """All districts of the list, by province and name."""
    text = Path(__file__).with_name("places.csv").read_text(encoding="utf-8")
    rows = csv.reader(text.splitlines()[1:])
    return tuple(District(row[0], row[1], tuple(row[2].split(";"))) for row in rows)
