"""Fresh sums over all lines, written without the roll-up: what it is compared with."""

from __future__ import annotations

from pathlib import Path
from typing import Final

FRESH_MOVEMENTS: Final = (Path(__file__).parent / "movements.sql").read_text(encoding="utf-8")
FRESH_RECEIPTS: Final = (Path(__file__).parent / "receipts.sql").read_text(encoding="utf-8")
