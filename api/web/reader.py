"""Whoever reads a page: in which language, and with which figures."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

from api.web import language
from api.web.words import Words

if TYPE_CHECKING:
    from starlette.requests import Request

    from api.web.language import Language

GROUPING_COOKIE: Final = "amanat_grouping"
THOUSANDS: Final = "thousands"


@dataclass(frozen=True, slots=True)
class Reader:
    """Whoever reads a page, and how: filled in by the request."""

    request: Request
    language: Language
    words: Words

    @classmethod
    def of(cls, request: Request) -> Reader:
        """The reader that a request shows."""
        spoken = language.of_request(request)
        lakhs = request.cookies.get(GROUPING_COOKIE) != THOUSANDS
        return cls(request, spoken, Words(spoken, lakhs=lakhs))

    def says(self, message: str) -> str:
        """A string in the reader's language; nothing stays nothing, not a catalogue's head."""
        return message and language.translations(self.language.code).gettext(message)

    def name(self, named: Any) -> str:  # noqa: ANN401 - whatever has a name, and may have one in Urdu
        """What somebody or something is called in the reader's script, where that is known."""
        own = getattr(named, "name_ur", None) if self.language.direction == "rtl" else None
        return str(own or named.name)
