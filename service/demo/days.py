"""Days and moments of a demo: everybody meets on a day of their month, and posts soon after."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import TYPE_CHECKING, Final

from ledger.postgres.bulk import Moment

if TYPE_CHECKING:
    from service.demo.shape import Shape

FIRST_DAY: Final = 1
"""Of the month, on which money comes down from above."""
FIRST_MEETING_DAY: Final = 2
LAST_MEETING_DAY: Final = 24
LAST_DAY: Final = 27
"""Of the month, on which VOs and LSOs do their own business."""
_OPENS_S: Final = 4 * 3600
_DAY_S: Final = 86_400
_MICRO: Final = 1_000_000


class Days:
    """Days of months by their number, as ISO text, and moments in them."""

    __slots__ = ("_midnights", "_months")

    def __init__(self, shape: Shape) -> None:
        self._months = [f"{month:%Y-%m}-" for month in shape.months]
        self._midnights = [
            int(datetime(m.year, m.month, 1, tzinfo=UTC).timestamp()) for m in shape.months
        ]

    def day(self, month: int, day: int) -> str:
        """A day as ISO text."""
        return f"{self._months[month]}{day:02}"

    def moment(self, month: int, day: int, seconds: int) -> Moment:
        """So many seconds after offices open on a day (9 o'clock in Karachi)."""
        s = _OPENS_S + seconds
        text = f"{self._months[month]}{day:02} {s // 3600:02}:{s // 60 % 60:02}:{s % 60:02}+00"
        return Moment((self._midnights[month] + (day - 1) * _DAY_S + s) * _MICRO, text)
