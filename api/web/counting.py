"""The count of the box as a form says it: by notes, and coins in one sum."""

from __future__ import annotations

from typing import Final

from api.web import filled as forms
from ledger.money import PAISA_PER_RUPEE, MoneyMalformed

NOTES: Final = (5000, 1000, 500, 100, 75, 50, 20, 10)
"""Banknotes of the State Bank, in rupees."""
_WORTHS: Final = {f"note:{worth}": worth for worth in NOTES}


def counted_of(sent: dict[str, str]) -> int:
    """What was counted by notes and coins, in paisa. Raises `Malformed`, also for no count."""
    counted = {
        name: typed
        for name, typed in sent.items()
        if (name == "coins" or name.startswith("note:")) and typed.strip()
    }
    found = {name: _counted(name, typed) for name, typed in counted.items()}
    wrong = [forms.Wrong(name, counted[name]) for name, paisa in found.items() if paisa is None]
    if wrong or not found:
        raise forms.wrongly_filled(wrong or [forms.Wrong("coins", "")])
    return sum(paisa or 0 for paisa in found.values())


def _counted(name: str, typed: str) -> int | None:
    """So many notes, or coins in all, in paisa; None for what nobody can have counted."""
    try:
        amount = forms.amount_of(typed)
    except MoneyMalformed:
        return None
    if amount < 0:
        return None
    if name == "coins":
        return amount
    return _WORTHS[name] * amount if name in _WORTHS and amount % PAISA_PER_RUPEE == 0 else None
