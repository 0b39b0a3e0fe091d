"""When everything happens that nobody asks for, and how long it may take: all timings.

Any number of processes may keep this schedule (`jobs.keeping`); one of them leads and works.
Every job asks hourly for the days that are over and not done, so what failed or was missed is
made good within the hour, in order. How long results are kept is here, too.
"""

from __future__ import annotations

from datetime import timedelta
from typing import Any, Final

from service.patience import Patience

MINUTE_OF_THE_HOUR: Final = {"arrears": 15, "mobilisation": 20, "proof": 40, "purge": 50}
"""At which minute of every hour a job does what is missing; the night's work from 00:15 on."""
TRIGGERS: Final[dict[str, dict[str, Any]]] = {
    job: {"trigger": "cron", "minute": minute} for job, minute in MINUTE_OF_THE_HOUR.items()
}
RULES: Final = {"coalesce": True, "max_instances": 1, "misfire_grace_time": None}
"""Whatever piled up is done once, one at a time, however late."""

CANDIDACY_S: Final = 10
"""How often a process sees whether it leads; a new leader begins with what was missed."""
LEASE_S: Final = 30
"""A leader of whom the server heard nothing for as long leads no more: it may be frozen."""

STATEMENT_WITHIN_S: Final = 600
PART_WITHIN_S: Final = 900
"""How long a statement of a job may take, and a part of a step in all."""
REST_WITHIN_S: Final = 60
"""How long a job may do nothing within a transaction: then whoever does it may be frozen."""
ABSENCE_S: Final = 5
"""How soon a statement ends whose process is gone."""

FOLD_BUSY_S: Final = 0.2
FOLD_IDLE_S: Final = 1.0
"""How long folding rests after it found something, and after it found nothing."""
FOLD_WITHIN_S: Final = 120
"""How long one fold may take, with waiting for whatever moves in the federation."""
FOLD_SAID_S: Final = 10
"""How often folding says that all is well."""
FOLD_ENDS_WITHIN_S: Final = 5.0

NIGHTS_KEPT: Final = 60
"""Results of so many nights are kept; of those before, the last night of each month, for ever."""
SETTLED_FOR: Final = timedelta(days=7)
"""Of a day that was at work since, nothing is purged: what was asked for again is kept a week."""
SESSIONS_KEPT: Final = timedelta(days=90)
"""How long a session is kept after its end, and a key that signed access tokens."""


def timing(job: str) -> str:
    """When a job runs, in words."""
    return f"00:{MINUTE_OF_THE_HOUR[job]:02} Asia/Karachi, then hourly for what is missing"


def patience() -> Patience:
    """How long PostgreSQL bears with a part of a job."""
    return Patience(STATEMENT_WITHIN_S, REST_WITHIN_S, ABSENCE_S)


def patience_with_folding() -> Patience:
    """The same with a fold."""
    return Patience(FOLD_WITHIN_S, REST_WITHIN_S, ABSENCE_S)
