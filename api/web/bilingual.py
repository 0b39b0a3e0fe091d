"""Words in two languages: the reader's first, the other beside it, smaller."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from markupsafe import Markup

from api.web import language
from api.web.reader import Reader
from api.web.words import Words

if TYPE_CHECKING:
    from api.web.language import Language


class Both:
    """Says a string in the reader's language and in the other: English, or else Urdu."""

    def __init__(self, reader: Reader) -> None:
        other = language.URDU if reader.language is language.ENGLISH else language.ENGLISH
        self.reader = reader
        self.also = Reader(reader.request, other, Words(other, lakhs=reader.words.lakhs))

    def __call__(self, message: str) -> Markup:
        """A string, twice."""
        return self.beside(self.reader.says(message), self.also.says(message))

    def names(self, named: Any) -> Markup:  # noqa: ANN401 - whatever has a name
        """What somebody is called in both scripts, where both are known."""
        return self.beside(self.reader.name(named), self.also.name(named))

    def beside(self, own: str, other: str) -> Markup:
        """A text of the reader's language, and the same of the other."""
        first = self._isolated(self.reader, own)
        if own == other:
            return first
        language: Language = self.also.language
        also = Markup('<span class="also" lang="{}" dir="{}">{}</span>').format(
            language.code, language.direction, self._isolated(self.also, other)
        )
        return Markup("{} {}").format(first, also)

    def _isolated(self, reader: Reader, said: str) -> Markup:
        return Markup("<bdi>{}</bdi>").format(reader.words.text(said))
