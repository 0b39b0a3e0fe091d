"""A replica of the service without its API: keeps the schedule, on a clock that a test moves.

The clock stands in a file; what the schedule counts in minutes takes moments here.
"""

from __future__ import annotations

import asyncio
import sys
from datetime import datetime
from pathlib import Path
from typing import Any, Final

from jobs import schedule, stretches
from jobs.keeping import scheduled
from service.books import make_engine

QUICK: Final[dict[str, Any]] = {
    "CANDIDACY_S": 0.2,
    "LEASE_S": 1.0,
    "REST_WITHIN_S": 1.0,
    "ABSENCE_S": 0.2,
    "STATEMENT_WITHIN_S": 5.0,
    "PART_WITHIN_S": 8.0,
    "FOLD_IDLE_S": 0.2,
    "FOLD_SAID_S": 1.0,
    "TRIGGERS": {
        job: {"trigger": "interval", "seconds": 0.2} for job in schedule.MINUTE_OF_THE_HOUR
    },
}
BOOKS_OF_A_STRETCH: Final = 2


def main() -> None:
    """Keep the schedule until killed."""
    url, clock = sys.argv[1:]
    assert vars(schedule).keys() >= QUICK.keys()
    vars(schedule).update(QUICK)
    vars(stretches)["BOOKS_OF_A_STRETCH"] = BOOKS_OF_A_STRETCH
    asyncio.run(_keep(url, Path(clock)))


async def _keep(url: str, clock: Path) -> None:
    engine = make_engine(url, connections=4)
    async with scheduled(
        engine, url, clock=lambda: datetime.fromisoformat(clock.read_text(encoding="ascii"))
    ):
        print("ready", flush=True)  # noqa: T201 - how the test learns it
        await asyncio.Event().wait()


if __name__ == "__main__":
    main()
