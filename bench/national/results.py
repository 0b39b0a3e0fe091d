"""The file of results: what was measured so far, so that a run goes on where it was cut off."""

from __future__ import annotations

import json
import os
from dataclasses import asdict, dataclass, field
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any, Final

from bench.national.rows import Row
from service.demo.shape import Shape

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

COS: Final = 555_000
MEMBERS: Final = 10_000_000
MONTHS: Final = 12


class AnotherRun(Exception):
    """The directory holds the results of a run over other years or sheets, or by another seed."""


@dataclass(frozen=True, slots=True)
class Plan:
    """What all sizes of a run share, so that they compare."""

    years: int
    sheets: int
    seed: int
    planned_on: str
    """The day of its beginning; books of every size go up to the month before."""

    def shape(self, members: int) -> Shape:
        """The demo of about so many members."""
        first = datetime.fromisoformat(self.planned_on).date().replace(day=1)
        month = first.year * MONTHS + first.month - 2
        last_month = first.replace(year=month // MONTHS, month=month % MONTHS + 1)
        return Shape(cos_of(members), self.years, self.seed, self.sheets, last_month)


@dataclass(frozen=True, slots=True)
class Part:
    """One measurement of one size: its rows, when they were made, and in how long."""

    at: str
    seconds: float
    rows: Sequence[Row]
    load: float | None
    """How many wanted a processor meanwhile, in the minute before the end; ours too."""


@dataclass(slots=True)
class Results:
    """All that was measured, by size and measurement; kept on the disk at every change."""

    path: Path
    plan: Plan | None = None
    environment: list[tuple[str, str]] = field(default_factory=list)
    parts: dict[int, dict[str, Part]] = field(default_factory=dict)

    @classmethod
    def read(cls, path: Path) -> Results:
        """What an earlier run has left, or nothing yet."""
        if not path.exists():
            return cls(path)
        kept = json.loads(path.read_text(encoding="utf-8"))
        return cls(
            path,
            Plan(**kept["plan"]),
            [(name, what) for name, what in kept["environment"]],
            {int(members): _parts(parts) for members, parts in kept["sizes"].items()},
        )

    def begin(self, plan: Plan) -> Plan:
        """Plan the run; the plan of an earlier run goes on. Raises `AnotherRun`."""
        if self.plan is None:
            self.plan = plan
            self.write()
        elif (self.plan.years, self.plan.sheets, self.plan.seed) != (
            plan.years, plan.sheets, plan.seed,
        ):  # fmt: skip
            raise AnotherRun(
                f"{self.path} holds a run over {self.plan.years} years with {self.plan.sheets}"
                f" sheets a year and seed {self.plan.seed}. Go on with that, or name another"
                " --scratch."
            )
        return self.plan

    def has(self, members: int, name: str) -> bool:
        """Whether a measurement of a size was made."""
        return name in self.parts.get(members, {})

    def keep(self, members: int, name: str, seconds: float, rows: Sequence[Row]) -> None:
        """Keep a measurement, at once."""
        at = datetime.now(UTC).isoformat(timespec="minutes")
        self.parts.setdefault(members, {})[name] = Part(at, seconds, list(rows), os.getloadavg()[0])
        self.write()

    def row(self, members: int, work: str) -> Row | None:
        """One row of a size, where it was measured."""
        rows = (row for part in self.parts.get(members, {}).values() for row in part.rows)
        return next((row for row in rows if row.work == work), None)

    def write(self) -> None:
        """Put all on the disk, whole or not at all."""
        kept = {
            "plan": None if self.plan is None else asdict(self.plan),
            "environment": self.environment,
            "sizes": {
                members: {name: _kept(part) for name, part in parts.items()}
                for members, parts in sorted(self.parts.items())
            },
        }
        beside = self.path.with_suffix(".new")
        beside.write_text(json.dumps(kept, indent=1, ensure_ascii=False), encoding="utf-8")
        beside.replace(self.path)


def cos_of(members: int) -> int:
    """How many COs have about so many members."""
    return max(members * COS // MEMBERS, 1)


def _kept(part: Part) -> dict[str, Any]:
    rows = [row.kept() for row in part.rows]
    return {"at": part.at, "seconds": part.seconds, "load": part.load, "rows": rows}


def _parts(kept: dict[str, Any]) -> dict[str, Part]:
    return {
        name: Part(
            part["at"],
            part["seconds"],
            [Row.read(row) for row in part["rows"]],
            part["load"],
        )
        for name, part in kept.items()
    }
