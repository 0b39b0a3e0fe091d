"""Conditions of a list: a statement for each combination that is asked for.

Each is planned for itself. One statement for all of them (`:code IS NULL OR code = :code`) is
planned anew for every execution, or once for the whole table, which costs a hundred times more.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping


def where(conditions: Mapping[str, str], asked: Mapping[str, object]) -> str:
    """`WHERE` the conditions hold whose value is asked for; None leaves one out."""
    held = [text for name, text in conditions.items() if asked[name] is not None]
    return f"WHERE {' AND '.join(held)}" if held else ""
