"""Bars and shares as a desk shows them."""

from __future__ import annotations

from itertools import groupby

import pytest
from hypothesis import given
from hypothesis import strategies as st

from api.web import charts
from api.web.overview import heat, share

AMOUNTS = st.lists(st.integers(-(10**12), 10**12), min_size=1, max_size=5)


@given(st.lists(st.lists(AMOUNTS, min_size=1, max_size=2), min_size=1, max_size=5))
def test_a_bar_is_as_high_as_its_amount(drawn: list[list[list[int]]]) -> None:
    """What was taken back makes it lower; none goes below the floor or out of the picture."""
    names = "abcde"
    groups = [
        charts.Group(str(n), tuple(charts.Bar(tuple(zip(names, one, strict=False))) for one in of))
        for n, of in enumerate(drawn)
    ]
    chart = charts.bars(groups, names)
    for bar in (bar for group in groups for bar in group.bars):
        boxes = list(bar.boxes)
        assert sum(amount for _, amount in boxes) == max(bar.total, 0)
        assert all(amount >= 0 for _, amount in boxes)
    for _, stacked in groupby(sorted(chart.boxes, key=lambda box: (box.x, -box.y)), lambda b: b.x):
        floor = chart.floor
        for box in stacked:
            assert box.y + box.height == floor, "one stands on the other"
            floor = box.y
        assert floor >= 0
    assert {mark.amount for mark in chart.marks} == {
        bar.total for group in groups for bar in group.bars if bar.total > 0
    }


@pytest.mark.parametrize(
    ("part", "whole", "shown", "hot"),
    [
        (0, 0, "–", 0),  # noqa: RUF001 - the dash as the pages have it
        (0, 100, "0.0%", 0),
        (1, 2000, "0.1%", 1),
        (5, 100, "5.0%", 2),
        (-5, 100, "–", 0),  # noqa: RUF001 - as above
        (5, -100, "–", 0),  # noqa: RUF001 - as above
        (100, 100, "100.0%", 4),
    ],
)
def test_a_share_is_of_something(part: int, whole: int, shown: str, hot: int) -> None:
    """Half up; there is none of nothing, nor of less."""
    assert share(part, whole) == shown
    assert heat(part, whole) == hot
