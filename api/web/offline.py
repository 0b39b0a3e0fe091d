"""The page that stands in for any other where there is no internet, in all languages.

It knows nobody: a worker keeps it on the phone in clear, and whoever finds the phone reads it.
"""

from __future__ import annotations

from hashlib import sha256
from typing import TYPE_CHECKING

from markupsafe import Markup

from api.web import language
from api.web.page import text_of
from api.web.reader import Reader
from api.web.words import Words

if TYPE_CHECKING:
    from starlette.requests import Request

    from api.web.language import Language


def offline_text(request: Request) -> str:
    """Its text, with a part for each language."""

    def reads(one: Language) -> Reader:
        return Reader(request, one, Words(one))

    parts = [
        (one, Markup(text_of(reads(one), "offline_part.html", said=None)))  # noqa: S704 - a template made it, and escapes
        for one in language.offered().values()
    ]
    return text_of(reads(language.ENGLISH), "offline.html", parts=parts, said=None)


def offline_version(request: Request) -> str:
    """What changes whenever its text does."""
    return sha256(offline_text(request).encode()).hexdigest()[:12]
