"""Languages of the pages: whole, or not offered."""

from __future__ import annotations

import re

import pytest

from api.web import language, strings

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
    from starlette.requests import Request  # noqa: PLC0415 - only here

    headers = [(b"accept-language", accepted.encode()), (b"cookie", _cookie(cookie))]
    request = Request({"type": "http", "headers": headers})
    assert language.of_request(request).code == spoken


def _cookie(code: str) -> bytes:
    return f"{language.COOKIE}={code}".encode() if code else b""
