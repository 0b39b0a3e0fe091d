"""The garbage collector of a process that posts."""

from __future__ import annotations

import gc
from typing import Final

_OBJECTS_BEFORE_A_ROUND: Final = 50_000


def calm_collector() -> None:
    """Let the collector leave alone what is loaded, and come round less often.

    A batch makes tens of thousands of small records that all live until it is written; by
    default the collector walks them again and again, for a fifth of the processor time.
    To be called once a process has loaded what it needs.
    """
    gc.collect()
    gc.freeze()
    gc.set_threshold(_OBJECTS_BEFORE_A_ROUND)
