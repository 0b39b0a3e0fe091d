"""Whole numbers in forms: within their bounds however long they are typed."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import pytest

from api.web.forms import whole
from tests.web.forms import changed, fields_of, page_of, people, sent

if TYPE_CHECKING:
    from fastapi import FastAPI

NEW: Final = "/loans/new?organisation=CO-01&member=M-0002"


@pytest.mark.parametrize(
    ("typed", "meant"),
    [("1", 1), (" 520 ", 520), ("007", 7), ("0" * 5000 + "12", 12), ("۱۲", 12), ("1,00", 100)],
)
def test_a_number_is_read_as_people_type_it(typed: str, meant: int) -> None:
    """On whatever keyboard; zeros before it are nothing."""
    assert whole(1, 520)(typed) == meant


@pytest.mark.parametrize(
    "typed", ["", "0", "521", "-1", "1.5", "x", "0" * 9 + "521", "1" + "0" * 5000, "12" * 5]
)
def test_a_number_out_of_bounds_is_refused(typed: str) -> None:
    """Also where its first digits alone would do."""
    with pytest.raises(ValueError) as refused:  # noqa: PT011 - it has no sentence; the field has
        whole(1, 520)(typed)
    assert refused.value.args == (typed,)


@pytest.mark.parametrize("term", ["12345", "521", "0", "0000000009999999999", "9" * 4999])
async def test_a_loan_of_too_many_instalments_is_not_worked_out(app: FastAPI, term: str) -> None:
    """It says how many there may be, and what was typed stays."""
    async with people(app, "amina") as (amina,):
        fields = changed(
            fields_of(await page_of(amina, NEW)), product="FLAT", amount="5000", term=term
        )
        answer = await sent(amina, "/loans/new", fields)
        assert answer.status_code == 422
        assert 'id="term-wrong">Write a number from' in answer.text
        assert "520" in answer.text.partition("term-wrong")[2].partition("</span>")[0]
        assert dict(fields_of(answer.text))["term"] == term
