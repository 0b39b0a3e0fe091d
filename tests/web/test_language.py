"""Languages of the pages: whole, or not offered."""

from __future__ import annotations

import re

import pytest
from starlette.requests import Request

from api import errors
from api.web import language, refusals, sentences, strings
from api.web.reader import Reader
from api.web.words import Words

GAP = re.compile(r"%\((\w+)\)s|\{(\d)\}")


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


@pytest.mark.parametrize(
    ("said", "urdu"),
    [
        ("amount: it must be above zero.", "یہ صفر سے زیادہ ہونا چاہیے."),
        (
            (
                "Cash in hand (1000 own) would fall to Rs -5.00 on 2026-03-31 or a later day;"
                " it never falls below zero."
            ),
            (
                "مد موجود نقد (1000 own) 31-03-2026 یا بعد کے کسی دن -5.00 روپے ہو جائے گی؛"
                " یہ صفر سے نیچے نہیں جا سکتی."
            ),
        ),
        (
            "paid_by: a grant_ngo says how it was paid: cash or bank.",
            "اس اندراج (این جی او کی گرانٹ) میں یہ بتانا ضروری ہے: ادائیگی کیسے ہوئی: نقد یا بینک.",
        ),
        (
            (
                "The scheme from 2026-07-01 on: each class has a name of its own;"
                " per cent have two decimals at most."
            ),
            (
                "01-07-2026 سے لاگو اسکیم: ہر درجے کا اپنا نام ہوتا ہے؛"
                " فی صد میں اعشاریہ کے بعد زیادہ سے زیادہ دو ہندسے ہوتے ہیں."
            ),
        ),
        (
            "to_on: ended_2 left on 2026-03-31. Name a member.",
            "ended_2 کی رکنیت 31-03-2026 کو ختم ہو چکی. کسی ممبر کا نام دیں.",
        ),
        (
            "There is no loan L-2026-11-20. Check the code.",
            "قرض L-2026-11-20 موجود نہیں. کوڈ دیکھیں.",
        ),
        ("Sheet CO-1-S is closed already.", "شیٹ CO-1-S پہلے ہی اس حالت میں ہے: درج."),
        (
            "product P-1: It lends Rs 5 at least. It is for female members.",
            "ان قواعد میں کم از کم 5 روپے کا قرض ملتا ہے. یہ صرف ان ممبران کے لیے ہے: خواتین.",
        ),
        (
            "L-1 is repaid. A loan is cancelled from approved.",
            "L-1 کی حالت: ادا ہو چکا. قرض کا یہ مرحلہ (منسوخ) صرف ان حالتوں سے ہوتا ہے: منظور.",
        ),
        (
            "product P-1: the rate is below zero; there is no instalment",
            "شرح صفر سے کم ہے؛ کوئی قسط نہیں",
        ),
    ],
)
def test_a_sentence_of_the_service_is_said_in_urdu(said: str, urdu: str) -> None:
    """With its codes as they are, its days as they are typed, its states and kinds in words."""
    shown = refusals.shown(_reader(language.URDU), "malformed", said, 422)
    assert (shown.detail.replace("\N{ARABIC FULL STOP}", "."), shown.translated) == (urdu, True)


def test_a_sentence_of_the_service_is_said_in_english() -> None:
    """Without the field's name, which the page itself marks."""
    said = "on: 2026-12-01 is still to come. Choose an earlier day."
    shown = refusals.shown(_reader(language.ENGLISH), "malformed", said, 422)
    assert shown.detail == "01-12-2026 is still to come. Choose an earlier day."
    said = "product P-1: the rate is below zero; there is no instalment"
    shown = refusals.shown(_reader(language.ENGLISH), "product_contradicts", said, 422)
    assert shown.detail == "The rate is below zero; there is no instalment"


def test_only_what_the_service_wrote_is_said_otherwise() -> None:
    """The narrative of a meeting; what people typed stands as they typed it."""
    reader = _reader(language.URDU)
    assert sentences.told(reader, "Meeting of 2026-11-20") == "20-11-2026 کا اجلاس"
    for typed in (
        "Meeting of the board",
        "Meeting of 2026-11-20 and 2026-11-21",
        "Check the code.",
    ):
        assert sentences.told(reader, typed) == typed


@pytest.mark.parametrize(
    "said", ["Nobody has written this down.", "query /on: not a date", "{0}", ""]
)
def test_what_no_catalogue_has_stands_as_it_was_said(said: str) -> None:
    """So nothing that the service says is lost."""
    shown = refusals.shown(_reader(language.URDU), "malformed", said, 422)
    assert (shown.detail, shown.translated) == (said, False)


def test_every_refusal_means_something_to_a_reader() -> None:
    """But for those of machines alone, whose requests no page makes."""
    of_machines = {
        "refused",
        "http_malformed",
        "json_malformed",
        "method_not_allowed",
        "posted_at_refused",
        "reversal_not_mirrored",
    }
    codes = {errors.code_of(kind) for kind in errors.STATUS}
    assert codes - of_machines <= refusals.MEANS.keys() <= codes


def test_what_is_collected_of_the_service() -> None:
    """Sentences one by one, with their gaps counted; nothing of who runs it, no docstrings."""
    found = {said for _, said in strings.spoken()}
    assert {
        "There is no member {0}.",
        "Check the code.",
        "Meeting of {0}",
        "saving voluntary",
    } <= found
    assert not [one for one in found if "PostgreSQL" in one or "Raises" in one]


def test_strings_have_no_words_that_pages_avoid() -> None:
    """Nobody is told of errors, nobody submits, nothing syncs, and no loan bears interest.

    What the service names so for programs is said in English in its own words.
    """
    avoided = re.compile(r"\b(error|invalid|submit\w*|sync\w*|interest)\b", re.IGNORECASE)
    assert not [
        one.id
        for one in strings.collected()
        if one.context != sentences.CONTEXT and avoided.search(str(one.id))
    ]


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


def _reader(spoken: language.Language) -> Reader:
    return Reader(_request(), spoken, Words(spoken))


def _request(*headers: tuple[bytes, bytes]) -> Request:
    return Request({"type": "http", "headers": headers})


def _cookie(code: str) -> bytes:
    return f"{language.COOKIE}={code}".encode() if code else b""
