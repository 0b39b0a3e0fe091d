"""What a benchmark finds: one figure a row, its target and what it stands beside."""

from __future__ import annotations

from dataclasses import dataclass
from statistics import quantiles
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from collections.abc import Sequence

NOTHING: Final = "-"


@dataclass(frozen=True, slots=True)
class Figure:
    """One row of the table; `beside` is the ceiling or the peer that `ratio` compares with."""

    work: str
    result: str
    target: str = NOTHING
    beside: str = NOTHING
    ratio: str = NOTHING
    remark: str = ""


@dataclass(frozen=True, slots=True)
class Latency:
    """The time of one transaction, from BEGIN to COMMIT's answer, in milliseconds."""

    p50_ms: float
    p99_ms: float

    @classmethod
    def of(cls, seconds: Sequence[float]) -> Latency:
        """The latency of these transactions; there must be two or more."""
        cuts = quantiles(seconds, n=100)
        return cls(cuts[49] * 1000, cuts[98] * 1000)

    def __str__(self) -> str:
        """Both, as a remark of the table."""
        return f"p50 {self.p50_ms:.1f} ms, p99 {self.p99_ms:.1f} ms"


def rate(number: float, unit: str) -> str:
    """So many a second."""
    return f"{number:,.0f} {unit}/s"


def percent(ours: float, ceiling: float) -> str:
    """Ours as a part of a ceiling."""
    return f"{100 * ours / ceiling:.1f} %"


def times(ours: float, theirs: float) -> str:
    """How many times as fast as a peer."""
    return f"{ours / theirs:.1f} times"
