"""The languages of the pages, and their catalogues of strings.

Strings are written in English in templates and code; `locale/CODE.po` has each language's.
A language is offered once its catalogue has every string; until then it lies ready.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache
from gettext import GNUTranslations, NullTranslations
from io import BytesIO
from pathlib import Path
from typing import TYPE_CHECKING, Final

from babel.messages import mofile, pofile

if TYPE_CHECKING:
    from babel.messages.catalog import Catalog, Message
    from starlette.requests import Request

LOCALE: Final = Path(__file__).parent / "locale"
ALL_STRINGS: Final = "amanat"
"""The catalogue of all strings that there are."""
COOKIE: Final = "amanat_language"


@dataclass(frozen=True, slots=True)
class Language:
    """A language of the pages: its code, its own name, and which way it runs."""

    code: str
    name: str
    direction: str


ENGLISH: Final = Language("en", "English", "ltr")
URDU: Final = Language("ur", "اردو", "rtl")
ALL: Final = {
    one.code: one
    for one in (ENGLISH, URDU, Language("sd", "سنڌي", "rtl"), Language("ps", "پښتو", "rtl"))
}


@cache
def catalogue(name: str) -> Catalog:
    """The strings of a language; of `ALL_STRINGS`, in English alone."""
    path = LOCALE / (f"{name}.pot" if name == ALL_STRINGS else f"{name}.po")
    with path.open("rb") as file:
        return pofile.read_po(file, locale=None if name == ALL_STRINGS else name)


def lacking(code: str) -> list[str]:
    """The strings that a language has no words for yet."""
    found = catalogue(code)
    return [
        str(message.id)
        for message in catalogue(ALL_STRINGS)
        if message.id and not _said(found, message)
    ]


def _said(found: Catalog, message: Message) -> bool:
    """Whether a string has words there, in its own meaning."""
    known = found.get(message.id, message.context)
    return known is not None and bool(known.string)


@cache
def offered() -> dict[str, Language]:
    """The languages whose catalogues are whole, by code; English first."""
    return {code: one for code, one in ALL.items() if one is ENGLISH or not lacking(code)}


@cache
def translations(code: str) -> NullTranslations:
    """What says a string in a language; in English it is said as it stands."""
    if code == ENGLISH.code:
        return NullTranslations()
    compiled = BytesIO()
    mofile.write_mo(compiled, catalogue(code))
    compiled.seek(0)
    return GNUTranslations(compiled)


def of_request(request: Request) -> Language:
    """The language somebody chose; else what the browser wants first and there is; else Urdu."""
    wanted = request.headers.get("Accept-Language", "").split(",")
    codes = [tag.partition(";")[0].strip().lower().partition("-")[0] for tag in wanted]
    chosen = [request.cookies.get(COOKIE, ""), *codes]
    return next((offered()[code] for code in chosen if code in offered()), URDU)
