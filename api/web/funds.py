"""What funds are called, in words for a page."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from api.web.reader import Reader


def _(message: str) -> str:
    """Marks a string for the catalogues; it is said where the reader is known."""
    return message


NAMES: Final = {
    "own": _("Own fund"),
    "cif": _("Community Investment Fund (CIF)"),
    "igg": _("Grants to pass on (IGG)"),
    "project": _("Project fund"),
}


def name(reader: Reader, fund: str) -> str:
    """What a fund is called; by its code where nobody named it."""
    return reader.says(NAMES[fund]) if fund in NAMES else fund
