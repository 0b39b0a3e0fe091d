"""What of a party's savings is pledged: a floor in time under all of them together (I6).

From the day of a pledge until before the day of its release, what the party has saved in the
book, on the savings accounts of all funds, is not below the sum of its pledges. Amounts are
paisa; an amount saved is credits less debits.
"""

from __future__ import annotations

from datetime import date  # noqa: TC003 - named tuples keep their annotations
from itertools import accumulate
from typing import NamedTuple


class Pledge(NamedTuple):
    """An amount that stays, from a day on, until before the day of its release."""

    amount: int
    from_on: date
    to_on: date | None = None

    def holds(self, day: date) -> bool:
        """Whether it holds at the end of a day."""
        return self.from_on <= day and (self.to_on is None or day < self.to_on)


class Free(NamedTuple):
    """What is not pledged at the end of a day; below zero where too little is saved."""

    amount: int
    day: date


class Savings(NamedTuple):
    """A party's savings in one book, together, with the pledges on them."""

    saved: int
    """Over all days."""
    later: tuple[tuple[date, int], ...]
    """What single days added, oldest first, of every day that the batch may look behind."""
    pledges: tuple[Pledge, ...]

    def moved(self, day: date, amount: int) -> Savings:
        """The savings after `amount` more on a day."""
        later = dict(self.later)
        later[day] = later.get(day, 0) + amount
        return Savings(self.saved + amount, tuple(sorted(later.items())), self.pledges)

    def least_free(self, since: date) -> Free:
        """The least that is free at the end of `since` or any later day, and the first such day.

        It falls only where less is saved or a pledge begins, so these days are looked at.
        """
        after = [(day, amount) for day, amount in self.later if day > since]
        begins = [(p.from_on, 0) for p in self.pledges if p.from_on > since]
        known = self.saved - sum(amount for _, amount in after)
        days = sorted([(since, 0), *after, *begins])
        saved = accumulate((amount for _, amount in days), initial=known)
        at_end = {day: total for (day, _), total in zip(days, list(saved)[1:], strict=True)}
        return min(Free(total - self._pledged(day), day) for day, total in at_end.items())

    def _pledged(self, day: date) -> int:
        return sum(pledge.amount for pledge in self.pledges if pledge.holds(day))
