"""Money, numbers and days as the pages show them: isolated, so that no text turns them round.

Whatever has digits stands in a `bdi` of its own that runs from left to right, in Western digits
and in either language; Urdu never stands inside one.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from babel.dates import get_month_names
from markupsafe import Markup, escape

from ledger.money import PAISA_PER_RUPEE

if TYPE_CHECKING:
    from datetime import date

    from api.web.language import Language

_WITH_DIGITS = re.compile(r"[A-Za-z0-9+./:_-]*[0-9][A-Za-z0-9+./:_-]*")
_OF_THOUSANDS = re.compile(r"(?<=[0-9])(?=(?:[0-9]{3})+$)")
_OF_LAKHS = re.compile(r"(?<=[0-9])(?=(?:[0-9]{2})*[0-9]{3}$)")
MINUS: Final = "\N{MINUS SIGN}"


@dataclass(frozen=True, slots=True)
class Words:
    """How one reader sees figures: in a language, in lakhs or in thousands."""

    language: Language
    lakhs: bool = True

    def grouped(self, number: int) -> str:
        """A whole number with its separators: 12,34,567 or 1,234,567."""
        between = _OF_LAKHS if self.lakhs else _OF_THOUSANDS
        sign = MINUS if number < 0 else ""
        return sign + between.sub(",", str(abs(number)))

    def money(self, paisa: int, *, rs: bool = True) -> Markup:
        """An amount in rupees; Rs and paisa step back. Where a column head says Rs, no `rs`."""
        rupees, part = divmod(abs(paisa), PAISA_PER_RUPEE)
        sign = MINUS if paisa < 0 else ""
        said = Markup("<small>Rs</small> ") if rs else ""
        return Markup('<bdi dir="ltr" class="m">{}{}{}<small>.{:02d}</small></bdi>').format(
            said, sign, self.grouped(rupees), part
        )

    def number(self, value: int | str) -> Markup:
        """A number, a code, a voucher: a count has separators, a code stands as it is."""
        said = self.grouped(value) if isinstance(value, int) else value
        return Markup('<bdi dir="ltr" class="n">{}</bdi>').format(said)

    def day(self, day: date) -> Markup:
        """A day in words, never broken: 20 Nov 2026, or the month in the reader's language."""
        if self.language.direction == "ltr":
            month = get_month_names("abbreviated", locale=self.language.code)[day.month]
            return self.number(f"{day.day} {month} {day.year}")
        month = get_month_names("wide", locale=self.language.code)[day.month]
        return Markup("{}\N{NO-BREAK SPACE}{}\N{NO-BREAK SPACE}{}").format(
            self.number(str(day.day)), month, self.number(str(day.year))
        )

    def short(self, day: date) -> Markup:
        """A day as it is typed and stands in tables: 20-11-2026."""
        return self.number(typed(day))

    def text(self, said: str) -> Markup:
        """A name or a sentence, with whatever has digits isolated."""
        parts: list[Markup | str] = []
        last = 0
        for match in _WITH_DIGITS.finditer(said):
            parts += [escape(said[last : match.start()]), self.number(match[0])]
            last = match.end()
        return Markup("").join([*parts, escape(said[last:])])


def typed(day: date) -> str:
    """A day as people type it."""
    return f"{day.day:02d}-{day.month:02d}-{day.year:04d}"
