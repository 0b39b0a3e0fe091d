"""Languages of the pages: whole, or not offered."""

from __future__ import annotations

import re

import pytest
from starlette.requests import Request

from api import errors
from api.web import language, refusals, strings
from api.web.reader import Reader
from api.web.words import Words
from service.refusals import Malformed

GAP = re.compile(r"%\((\w+)\)s")


def test_the_catalogues_have_the_strings_of_the_pages() -> None:
    """After `python -m api.web.strings` nothing is left to do."""
    found = {(one.context, one.id) for one in strings.collected() if one.id}
    for name in (language.ALL_STRINGS, *language.ALL):
        if name != language.ENGLISH.code:
            known = language.catalogue(name)
            assert {(one.context, one.id) for one in known if one.id} == found, name


def test_urdu_has_every_string() -> None:
    """So it is offered; Sindhi and Pashto lie ready, and are not."""
    assert not language.lacking("ur")
    assert list(language.offered()) == ["en", "ur"]
    assert len(language.lacking("sd")) == len(language.lacking("ps")) > 100


def test_translations_have_the_gaps_of_their_strings() -> None:
    """Each name and amount comes into the sentence, once."""
    for message in language.catalogue("ur"):
        if message.id:
            assert sorted(GAP.findall(str(message.string))) == sorted(GAP.findall(str(message.id)))


def test_translations_have_no_latin_letters_and_no_quotation_marks() -> None:
    """Nothing stays in English by mistake; quotation marks would mirror."""
    for message in language.catalogue("ur"):
        if message.id:
            said = GAP.sub("", str(message.string))
            assert not re.search(r"[A-Za-z\"“”«»]", said), message.id


def test_a_word_is_said_by_its_meaning() -> None:
    """What is left to pay is not a member who left."""
    urdu = language.translations("ur")
    assert urdu.pgettext("still to pay", "left") == "باقی"
    assert urdu.pgettext("of a member", "left") != urdu.pgettext("still to pay", "left")


@pytest.mark.parametrize("detail", sorted(refusals.DETAILS))
def test_what_a_form_lacks_is_said_in_urdu(detail: str) -> None:
    """Also the sentence beneath, which is English where the service says it."""
    reader = Reader(_request(), language.URDU, Words(language.URDU))
    found = errors.Said(Malformed, f"field: {detail[0].lower()}{detail[1:]}")
    shown = refusals.shown(reader, found)
    assert shown.translated
    assert shown.detail == language.translations("ur").gettext(detail) != detail


def test_strings_have_no_words_that_pages_avoid() -> None:
    """Nobody is told of errors, nobody submits, nothing syncs, and no loan bears interest."""
    avoided = re.compile(r"\b(error|invalid|submit\w*|sync\w*|interest)\b", re.IGNORECASE)
    assert not [one.id for one in strings.collected() if avoided.search(str(one.id))]


@pytest.mark.parametrize(
    ("cookie", "accepted", "spoken"),
    [
        ("", "", "ur"),
        ("", "en-GB,en;q=0.9", "en"),
        ("", "ur-PK,en;q=0.8", "ur"),
        ("", "sd,de;q=0.5", "ur"),
        ("en", "ur", "en"),
        ("xx", "en", "en"),
    ],
)
def test_somebody_is_spoken_to_in(cookie: str, accepted: str, spoken: str) -> None:
    """The language that was chosen; else what the browser wants and there is; else Urdu."""
    headers = [(b"accept-language", accepted.encode()), (b"cookie", _cookie(cookie))]
    assert language.of_request(_request(*headers)).code == spoken


def _request(*headers: tuple[bytes, bytes]) -> Request:
    return Request({"type": "http", "headers": headers})


def _cookie(code: str) -> bytes:
    return f"{language.COOKIE}={code}".encode() if code else b""
