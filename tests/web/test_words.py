"""Figures as the pages show them."""

from __future__ import annotations

from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from api.web.filled import amount_of, day_of
from api.web.language import ENGLISH, URDU
from api.web.words import Words, typed
from ledger.money import MoneyMalformed, rupees
from service.refusals import Malformed

IN_ENGLISH, IN_URDU = Words(ENGLISH), Words(URDU)


@pytest.mark.parametrize(
    ("paisa", "lakhs", "thousands"),
    [
        (0, "0", "0"),
        (99, "0", "0"),
        (100_000, "1,000", "1,000"),
        (123_456_750, "12,34,567", "1,234,567"),
        (10_000_000_000, "10,00,00,000", "100,000,000"),
        (-150_00, "\N{MINUS SIGN}150", "\N{MINUS SIGN}150"),
    ],
)
def test_money_is_grouped_as_its_reader_wants(paisa: int, lakhs: str, thousands: str) -> None:
    """In lakhs and crores, or in thousands; it never turns round."""
    for words, whole in ((IN_ENGLISH, lakhs), (Words(URDU, lakhs=False), thousands)):
        wanted = f"<small>Rs</small> {whole}<small>.{abs(paisa) % 100:02d}</small>"
        assert words.money(paisa) == f'<bdi dir="ltr" class="m">{wanted}</bdi>'


def test_a_day_has_its_month_in_words() -> None:
    """In Urdu the month stands between two numbers of their own."""
    day = date(2026, 11, 2)
    assert IN_ENGLISH.day(day) == '<bdi dir="ltr" class="n">2 Nov 2026</bdi>'
    number = '<bdi dir="ltr" class="n">{}</bdi>'
    assert IN_URDU.day(day) == f"{number.format(2)}\u00a0نومبر\u00a0{number.format(2026)}"


def test_what_has_digits_in_a_text_is_isolated_and_the_rest_is_escaped() -> None:
    """Names of organisations have codes in them, and may have anything."""
    found = IN_URDU.text("CO-01 <b> چشمہ 2")
    first = '<bdi dir="ltr" class="n">CO-01</bdi>'
    assert found == f'{first} &lt;b&gt; چشمہ <bdi dir="ltr" class="n">2</bdi>'


@given(st.integers(0, 10**15))
def test_an_amount_is_read_as_it_is_shown(paisa: int) -> None:
    """With separators and without, also in the digits of an Urdu keyboard."""
    shown = IN_ENGLISH.grouped(paisa // 100) + f".{paisa % 100:02d}"
    assert amount_of(rupees(paisa)) == amount_of(shown) == paisa
    assert amount_of(shown.translate(str.maketrans("0123456789", "۰۱۲۳۴۵۶۷۸۹"))) == paisa


@pytest.mark.parametrize("said", ["1.234", "ten", "1e3", "--1", "½", "1 .. 2"])
def test_what_is_no_amount_is_refused(said: str) -> None:
    """Nothing is guessed."""
    with pytest.raises(MoneyMalformed):
        amount_of(said)


@given(st.dates(date(2000, 1, 1), date(2100, 1, 1)))
def test_a_day_is_read_as_it_is_typed(day: date) -> None:
    """20-11-2026, and with strokes or dots."""
    for mark in "-/.":
        assert day_of(typed(day).replace("-", mark), date.min) == day
    assert day_of(" ", day) == day


@pytest.mark.parametrize("said", ["31-02-2026", "2026-11-20", "tomorrow", "1-1-26"])
def test_what_is_no_day_is_refused(said: str) -> None:
    """American order is not taken for ours, nor is a day that never was."""
    with pytest.raises(Malformed):
        day_of(said, date.min)
