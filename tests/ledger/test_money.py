"""Money: text to paisa and back, rounding, and splitting without losing a paisa."""

from __future__ import annotations

from decimal import Decimal
from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ledger.money import (
    CURRENCY,
    MOST_PAISA,
    MoneyMalformed,
    Rounding,
    as_moneyed,
    from_moneyed,
    grouped_rupees,
    parse_rupees,
    round_to_step,
    rupees,
    split,
)

AMOUNTS = st.integers(-MOST_PAISA, MOST_PAISA)


@pytest.mark.parametrize(
    ("text", "paisa"),
    [
        ("0", 0),
        ("1500", 150_000),
        ("1500.5", 150_050),
        ("1500.05", 150_005),
        ("-0.01", -1),
        ("-1500.50", -150_050),
        ("007", 700),
        ("92233720368547758.07", MOST_PAISA),
        ("-92233720368547758.07", -MOST_PAISA),
    ],
)
def test_rupees_in_text_are_read_to_the_paisa(text: str, paisa: int) -> None:
    """At most two decimals, a leading minus, no separators."""
    assert parse_rupees(text) == paisa


@pytest.mark.parametrize(
    "text",
    [
        *["", " ", "1 ", " 1", "1\n", "+1", "--1", "-", ".5", "5.", "1.234", "1,500", "1_500"],
        *[
            "1e3",
            "1E3",
            "NaN",
            "nan",
            "inf",
            "-Infinity",
            "0x10",
            "1.5.0",
            "Rs 5",
            "\u0665",
            "\uff15",
        ],
        *["92233720368547758.08", "-92233720368547758.08", "100000000000000000", "9" * 400],
    ],
)
def test_anything_else_than_rupees_is_refused(text: str) -> None:
    """Float notation, NaN, other digits, separators and amounts that no account holds."""
    with pytest.raises(MoneyMalformed):
        parse_rupees(text)


@given(AMOUNTS)
def test_an_amount_survives_being_written_and_read(paisa: int) -> None:
    """Text and paisa say the same."""
    assert parse_rupees(rupees(paisa)) == paisa


@given(st.text(alphabet="0123456789.-+e,_ N", max_size=22))
def test_text_is_either_exact_or_refused(text: str) -> None:
    """What is read is what an exact decimal would read."""
    try:
        paisa = parse_rupees(text)
    except MoneyMalformed:
        return
    assert Decimal(paisa) == Decimal(text) * 100


@pytest.mark.parametrize(
    ("paisa", "text"),
    [
        (0, "0.00"),
        (5, "0.05"),
        (99_999, "999.99"),
        (100_000, "1,000.00"),
        (9_999_900, "99,999.00"),
        (10_000_000, "1,00,000.00"),
        (123_456_750, "12,34,567.50"),
        (-123_456_750, "-12,34,567.50"),
        (1_000_000_000, "1,00,00,000.00"),
    ],
)
def test_amounts_are_grouped_in_lakh_and_crore(paisa: int, text: str) -> None:
    """The last three digits, then pairs, as written in Pakistan."""
    assert grouped_rupees(paisa) == text


@given(AMOUNTS)
def test_grouping_only_adds_commas(paisa: int) -> None:
    """Without its commas it is the plain amount."""
    assert grouped_rupees(paisa).replace(",", "") == rupees(paisa)


@given(AMOUNTS)
def test_an_amount_survives_py_moneyed(paisa: int) -> None:
    """That library's Money says the same amount in rupees."""
    money = as_moneyed(paisa)
    assert (str(money.currency), money.amount) == (CURRENCY, Decimal(paisa) / 100)
    assert from_moneyed(money) == paisa


@pytest.mark.parametrize(
    ("amount", "currency"),
    [
        ("1", "USD"),
        ("NaN", "PKR"),
        ("sNaN", "PKR"),
        ("Infinity", "PKR"),
        ("0.001", "PKR"),
        ("92233720368547758.08", "PKR"),
        ("123456789012345678901234567890.12", "PKR"),
    ],
)
def test_money_that_is_not_whole_paisa_is_refused(amount: str, currency: str) -> None:
    """Another currency, NaN, infinity, fractions of a paisa, and too much."""
    money = type(as_moneyed(0))(Decimal(amount), currency)
    with pytest.raises(MoneyMalformed):
        from_moneyed(money)


@pytest.mark.parametrize(
    ("value", "step", "half_up", "half_even", "up"),
    [
        # value              step  half_up  half_even  up
        (Fraction(0), 100, 0, 0, 0),
        (Fraction(49), 100, 0, 0, 100),
        (Fraction(50), 100, 100, 0, 100),
        (Fraction(51), 100, 100, 100, 100),
        (Fraction(100), 100, 100, 100, 100),
        (Fraction(150), 100, 200, 200, 200),
        (Fraction(250), 100, 300, 200, 300),
        (Fraction(1, 3), 1, 0, 0, 1),
        (Fraction(5, 2), 1, 3, 2, 3),
        (Fraction(1499999, 1000), 500, 1500, 1500, 1500),
    ],
)
def test_a_value_is_rounded_to_a_step(
    value: Fraction, step: int, half_up: int, half_even: int, up: int
) -> None:
    """A tie goes up, to the even multiple, or always to the next multiple."""
    assert round_to_step(value, step, Rounding.HALF_UP) == half_up
    assert round_to_step(value, step, Rounding.HALF_EVEN) == half_even
    assert round_to_step(value, step, Rounding.UP) == up


@given(st.fractions(0, 10**9), st.sampled_from([1, 10, 50, 100, 500]), st.sampled_from(Rounding))
def test_a_rounded_value_is_a_near_multiple(value: Fraction, step: int, rule: Rounding) -> None:
    """Never further away than half a step, or one step when it always goes up."""
    rounded = round_to_step(value, step, rule)
    assert rounded % step == 0
    if rule is Rounding.UP:
        assert 0 <= rounded - value < step
    else:
        assert abs(rounded - value) <= Fraction(step, 2)


@given(AMOUNTS, st.lists(st.integers(0, 10**12), min_size=1).filter(any))
def test_shares_sum_to_the_total_and_are_fair(total: int, weights: list[int]) -> None:
    """Not a paisa is lost, and no share is a paisa or more away from its exact size."""
    shares = split(total, weights)
    assert sum(shares) == total
    for share, weight in zip(shares, weights, strict=True):
        assert abs(share - Fraction(total * weight, sum(weights))) < 1


@pytest.mark.parametrize(
    ("total", "weights", "shares"),
    [
        (100, [1, 1, 1], [34, 33, 33]),
        (101, [1, 1, 1], [34, 34, 33]),
        (1, [0, 1, 1], [0, 1, 0]),
        (-100, [1, 1, 1], [-33, -33, -34]),
        (10, [7], [10]),
        (0, [3, 4], [0, 0]),
    ],
)
def test_the_largest_remainders_take_what_is_left(
    total: int, weights: list[int], shares: list[int]
) -> None:
    """Among equal remainders the earlier share takes it."""
    assert split(total, weights) == shares


@pytest.mark.parametrize("weights", [[], [0], [0, 0], [1, -1], [2, -1]])
def test_weights_that_share_nothing_out_are_refused(weights: list[int]) -> None:
    """None, all zero, or one negative."""
    with pytest.raises(ValueError, match="weights"):
        split(100, weights)
