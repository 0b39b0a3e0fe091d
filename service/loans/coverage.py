"""Coverage: what a sum of money leaves open of parts that it settles oldest first.

One rule serves both the split of a payment when it is posted and the arrears of a day.
Source: onboarding bundle, parts 5 and 6.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable


def uncovered(parts: Iterable[int], paid: int) -> list[int]:
    """What is left of each part, in paisa, once `paid` has covered them in their order."""
    left = []
    for part in parts:
        covering = min(part, paid)
        paid -= covering
        left.append(part - covering)
    return left
