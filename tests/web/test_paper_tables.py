"""Tables of papers: sums after what they are of, and nothing wider than the paper."""

from __future__ import annotations

from datetime import date
from types import SimpleNamespace
from typing import Any

import pytest
from starlette.requests import Request

from api.web import headings, language
from api.web.paper_tables import PAPERS, direction_of, table, text_cell, totals_apart
from api.web.reader import Reader
from api.web.words import Words
from service.tables.columns import Column, Form

LARGE = 1_23_45_678_90
FUND, CODE = Column("fund"), Column("code")
AMOUNT = Column("amount", Form.MONEY)


def reader(code: str = "en") -> Reader:
    """Somebody who reads a language."""
    spoken = language.ALL[code]
    return Reader(Request({"type": "http", "headers": []}), spoken, Words(spoken))


def row(**cells: Any) -> SimpleNamespace:  # noqa: ANN401 - whatever a row has
    """A row of a statement."""
    return SimpleNamespace(**cells)


def said(columns: list[Column], rows: list[Any], totals: list[Any]) -> list[list[str]]:
    """What a table says, row by row; a sum has a star before it."""
    made = table(reader(), reader("ur"), columns, rows, totals)
    return [["*"] * one.is_sum + [cell.said for cell in one.cells] for one in made.rows]


def test_a_sum_stands_after_what_it_is_of() -> None:
    """Where that lies together; the word stands in the last column of text that is free."""
    rows = [row(fund=fund, code=code, amount=100) for fund, code in ("a1", "a2", "b1")]
    totals = [{"fund": "a", "amount": 200}, {"fund": "b", "amount": 100}]
    assert said([FUND, CODE, AMOUNT], rows, totals) == [
        ["a", "1", "1.00"],
        ["a", "2", "1.00"],
        ["*", "a", "Total", "2.00"],
        ["b", "1", "1.00"],
        ["*", "b", "Total", "1.00"],
    ]


def test_sums_of_what_lies_apart_stand_at_the_end() -> None:
    """As do those of several kinds."""
    rows = [row(fund=fund, code="1", amount=-100) for fund in "aba"]
    totals = [{"fund": "a", "amount": -200}, {"fund": "b", "amount": -100}]
    told = said([FUND, CODE, AMOUNT], rows, totals)
    assert [one[0] for one in told] == ["a", "b", "a", "*", "*"]
    assert told[-2][1:] == ["a", "Total", "\N{MINUS SIGN}2.00"]


def test_totals_of_other_columns_have_a_table_of_their_own() -> None:
    """A day book has no opening, but what it adds up to has."""
    apart = totals_apart([FUND, AMOUNT], [{"fund": "own", "code": "1000", "opening": 5}])
    assert [column.name for column in apart] == ["fund", "code", "account", "opening"]
    assert not totals_apart([FUND, AMOUNT], [{"fund": "own", "amount": 5}])


@pytest.mark.parametrize("columns", [3, 8, 13, 21, 40])
def test_no_table_is_wider_than_its_paper(columns: int) -> None:
    """Amounts and days are never broken: each has the width that its digits take."""
    names = [name for name in headings.COLUMNS if name != "account"][:columns]
    every = [Column("value_date", Form.DAY), *(Column(name, Form.MONEY) for name in names[1:])]
    one = row(value_date=date(2026, 11, 20), **dict.fromkeys(names[1:], -LARGE))
    made = table(reader("ur"), reader(), every, [one] * 3)
    paper = next(paper for paper in PAPERS if paper.size == made.size)
    for cell, width in zip(made.rows[0].cells, made.widths, strict=True):
        assert len(cell.said) * 0.572 * made.type_pt < paper.width_pt * width / 100
    assert sum(made.widths) == pytest.approx(100, abs=0.5)
    assert made.type_pt >= 4


def test_a_cell_runs_as_its_first_letter_does() -> None:
    """Digits within Urdu are isolated; without letters a cell runs from left to right."""
    assert direction_of("20-11-2026") == "ltr"
    assert direction_of("(S-1) واؤچر") == "ltr"
    assert direction_of("1: واؤچر S-1") == "rtl"
    assert text_cell("نقد 20-11-2026 کو").said == "نقد \u206620-11-2026\u2069 کو"
    assert text_cell("Meeting of 20-11-2026").said == "Meeting of 20-11-2026"
