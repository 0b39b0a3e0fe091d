"""What a national run finds: a number a row, with its target and what it stands beside."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from statistics import median, quantiles
from typing import TYPE_CHECKING, Any, Final

from bench.figures import NOTHING

if TYPE_CHECKING:
    from collections.abc import Sequence

DIGITS_FROM: Final = 100
"""From here on a number is shown whole, below with one or two decimals."""


@dataclass(frozen=True, slots=True)
class Target:
    """What the design asks for: so much at least, or at most."""

    bound: float
    at_most: bool = False

    def met_by(self, value: float) -> bool:
        """Whether a value keeps to it."""
        return value <= self.bound if self.at_most else value >= self.bound


@dataclass(frozen=True, slots=True)
class Row:
    """One number of one size; `work` is its name at every size."""

    work: str
    value: float
    unit: str
    target: Target | None = None
    high: float | None = None
    """The 95th percentile, where the value is a median; it is what a target is held against."""
    beside: str = NOTHING
    ratio: str = NOTHING
    remark: str = ""

    @property
    def met(self) -> bool | None:
        """Whether it keeps to its target; None without one."""
        judged = self.value if self.high is None else self.high
        return None if self.target is None else self.target.met_by(judged)

    @property
    def number(self) -> str:
        """The number for people, without its unit: with its ratio, and what it misses."""
        high = "" if self.high is None else f" / {shown(self.high)}"
        ratio = "" if self.ratio == NOTHING else f"; {self.ratio}"
        return f"{shown(self.value)}{high}{ratio}{' (missed)' if self.met is False else ''}"

    @property
    def asked(self) -> str:
        """The target for people, if there is one."""
        if self.target is None:
            return ""
        return f"{'≤' if self.target.at_most else '≥'} {shown(self.target.bound)} {self.unit}"

    @property
    def note(self) -> str:
        """What stands beside it, and what there is to say."""
        return "; ".join(said for said in (self.beside, self.remark) if said not in {NOTHING, ""})

    def kept(self) -> dict[str, Any]:
        """As it stands in the file of results."""
        return asdict(self)

    @classmethod
    def read(cls, kept: dict[str, Any]) -> Row:
        """From the file of results."""
        target = kept.pop("target")
        return cls(**kept, target=None if target is None else Target(**target))


def shown(number: float) -> str:
    """A number with as many digits as mean something."""
    if number == int(number) or abs(number) >= DIGITS_FROM:
        return f"{number:,.0f}"
    return f"{number:.1f}" if abs(number) >= 1 else f"{number:.2f}"


def short(members: int) -> str:
    """A size with as few letters as will do."""
    for unit, letter in ((1_000_000, "M"), (1000, "k")):
        if members >= unit:
            return f"{members / unit:g} {letter}"
    return str(members)


def timed(
    work: str, seconds: Sequence[float], target_ms: float | None = None, remark: str = ""
) -> Row:
    """A row of how long one thing takes: the median and the 95th percentile, in milliseconds."""
    return Row(
        work,
        value=median(seconds) * 1000,
        high=quantiles(seconds, n=20)[18] * 1000,
        unit="ms",
        target=None if target_ms is None else Target(target_ms, at_most=True),
        remark=f"fastest {shown(min(seconds) * 1000)} ms" + (f"; {remark}" if remark else ""),
    )
