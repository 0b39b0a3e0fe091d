"""Sentences of the service in the language of whoever reads a page.

The service says in English what it refuses and why, with codes, days and amounts in its
sentences. They are collected from its code (`api.web.strings`), each with its gaps as {0}, {1};
what was said is found among them by the words between the gaps.
"""

from __future__ import annotations

import re
from functools import cache
from typing import TYPE_CHECKING, Final

from api.web import language
from service.sheets.drafting import NARRATIVE

if TYPE_CHECKING:
    from gettext import NullTranslations

    from api.web.reader import Reader

CONTEXT: Final = "of the service"
"""Of these sentences, in the catalogues."""
OR: Final = " or "
AND: Final = "; "
"""Between reasons that are no sentences."""
_ENDS: Final = re.compile(r"(?<=\.) (?=[A-Z0-9{])")
_ABOUT: Final = re.compile(r"(?:\{\w*\}|[\w-]+|(?:product|loan) \S+): (?=\S)")
"""The field that a sentence is about, which a page marks itself."""
_GAP: Final = re.compile(r"\{\d\}")
_ISO: Final = re.compile(r"\A(\d{4})-(\d\d)-(\d\d)\Z", re.ASCII)
_AS_TYPED: Final = r"\3-\2-\1"
_DAY: Final = len("2026-11-20")


def split(said: str) -> list[str]:
    """The sentences in what was said, or its reasons, without the field that it is about."""
    about = _ABOUT.match(said)
    rest = (said[about.end() :] if about else said).strip()
    return _ENDS.split(rest) if rest.endswith(".") else rest.split(AND)


def begun(sentence: str) -> str:
    """A sentence as it stands in the catalogues: with a capital letter at its beginning."""
    return sentence[:1].upper() + sentence[1:]


def said(reader: Reader, detail: str) -> str | None:
    """What the service said, for a reader; None where no catalogue has it."""
    words = language.translations(reader.language.code)
    parts = split(detail)
    found = [one for one in (_said(words, part) for part in parts) if one]
    if len(found) < len(parts):
        return None
    if detail.endswith("."):
        return " ".join(found)
    reasons = [found[0], *(one[:1].lower() + one[1:] for one in found[1:])]
    return words.pgettext(CONTEXT, AND).join(reasons)


def told(reader: Reader, narrative: str) -> str:
    """A narrative, in the reader's language where the service wrote it; people's as it stands."""
    day = narrative[-_DAY:]
    of_service = _ISO.fullmatch(day) and narrative == NARRATIVE.format(day)
    return (said(reader, narrative) if of_service else None) or narrative


def _said(words: NullTranslations, sentence: str) -> str | None:
    for pieces, message in _known():
        gaps = _gaps(pieces, begun(sentence) if pieces[0] else sentence)
        if gaps is not None:
            values = [_filled_in(words, one) for one in gaps]
            return words.pgettext(CONTEXT, message).format(*values)
    return None


def _gaps(pieces: list[str], sentence: str) -> list[str] | None:
    """What stands between the pieces of a sentence; None where it is another sentence."""
    first, *rest = pieces
    if not rest:
        return [] if sentence == first else None
    *between, last = rest
    if not (sentence.startswith(first) and sentence.endswith(last)):
        return None
    left = sentence[len(first) : len(sentence) - len(last)]
    found = []
    for piece in between:
        value, there, left = left.partition(piece)
        if not there:
            return None
        found.append(value)
    return [*found, left] if all([*found, left]) else None


def _filled_in(words: NullTranslations, value: str) -> str:
    """What stands in a gap: a day as it is typed, a state, a kind, an account in words; reasons."""
    if AND in value:
        reasons = [_said(words, one) or one for one in value.split(AND)]
        return words.pgettext(CONTEXT, AND).join(reasons)
    found = _word(words, value)
    if found == value:
        found = words.pgettext(CONTEXT, OR).join(_word(words, one) for one in value.split(OR))
    return _ISO.sub(_AS_TYPED, found)


def _word(words: NullTranslations, value: str) -> str:
    spaced = value.replace("_", " ")
    found = words.pgettext(CONTEXT, spaced)
    return value and words.gettext(value) if found == spaced else found


@cache
def _known() -> list[tuple[list[str], str]]:
    """Each sentence and its pieces; those that say the most in words of their own come first."""
    every = (
        str(one.id) for one in language.catalogue(language.ALL_STRINGS) if one.context == CONTEXT
    )
    known = [(_GAP.split(one), one) for one in every]
    return sorted(known, key=lambda one: (not one[0][0], -sum(map(len, one[0]))))
