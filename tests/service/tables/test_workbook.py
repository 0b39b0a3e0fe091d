"""Workbooks: exact amounts, days, text that nothing runs, and as many sheets as it takes."""

from __future__ import annotations

import io
import re
import zipfile
from datetime import UTC, date, datetime
from typing import TYPE_CHECKING, Any, Final

from service.tables.columns import Column, Form
from service.tables.workbook import AT_A_TIME, Workbook
from tests.support import workbooks

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from service.tables.columns import Cells

COLUMNS: Final = (
    Column("on", Form.DAY),
    Column("what"),
    Column("n", Form.NUMBER),
    Column("amount", Form.MONEY),
)
NOW: Final = datetime(2026, 7, 1, tzinfo=UTC)
DAY: Final = "2026-06-30"


async def _written(
    rows: Sequence[Cells],
    totals: Sequence[Mapping[str, object]] = (),
    head: Mapping[str, object] | None = None,
    **more: Any,  # noqa: ANN401 - whatever a workbook takes
) -> bytes:
    async with Workbook(COLUMNS, head or {}, name="it", made_at=NOW, **more) as book:
        for row in rows:
            await book.take(row)
        return (await book.finished(totals)).read()


def _sheet(content: bytes) -> str:
    return zipfile.ZipFile(io.BytesIO(content)).read("xl/worksheets/sheet1.xml").decode()


async def test_amounts_are_written_digit_by_digit() -> None:
    """The largest that a spreadsheet keeps has no other digits than its own."""
    amounts = ["0.01", "0.10", "-0.07", "1234567.89", "9999999999999.99", "-9007199254740.93"]
    found = _sheet(await _written([(DAY, "x", 1, amount) for amount in amounts]))
    assert re.findall(r'<c r="D\d+" s="\d"><v>([^<]+)</v>', found) == amounts


async def test_an_amount_that_no_spreadsheet_keeps_is_text() -> None:
    """Rather than a number with another last digit."""
    cells = workbooks.sheets(await _written([(DAY, "x", 1, "92233720368547758.07")]))["it"]
    assert cells[-1][3] == "92233720368547758.07"


async def test_days_are_days_and_nothing_is_nothing() -> None:
    """An empty cell is empty, not text without letters."""
    head = {"organisation": "CO-01", "last_on": DAY, "known_by": None}
    read = workbooks.sheets(
        await _written([(DAY, "x", 7, "1.00"), (None, None, None, None)], (), head)
    )
    assert read["it"][:2] == [
        ["organisation", "CO-01", "", ""],
        ["last_on", date(2026, 6, 30), "", ""],
    ]
    assert read["it"][3:] == [["on", "what", "n", "amount"], [date(2026, 6, 30), "x", 7.0, 1.0]]


async def test_no_text_is_a_formula_or_a_link() -> None:
    """Whatever a member is called; in the head, too."""
    texts = ["=1+1", "+1", "-1", "@x", "https://example.org", "mailto:x", "{=1}", "اردو", "12", " "]
    content = await _written([(DAY, text, 1, "1.00") for text in texts], (), {"organisation": "=1"})
    assert [row[1] for row in workbooks.sheets(content)["it"][3:]] == texts
    assert "<f>" not in _sheet(content)
    assert "hyperlink" not in _sheet(content)


async def test_what_is_too_long_for_a_sheet_goes_on_in_the_next() -> None:
    """Each with the names of the columns, the last with the totals, which are not torn apart."""
    rows = [(DAY, f"row {n}", n, f"{n}.00") for n in range(AT_A_TIME + 3)]
    total = {"what": "own", "amount": "5.00", "closing": "6.00"}
    content = await _written(rows, [total], {"organisation": "CO-01"}, most_rows=400)
    found = workbooks.sheets(content)
    assert list(found) == ["it", "it 2"]
    names = [column.name for column in COLUMNS]
    assert found["it"][2] == names
    assert found["it 2"][0][:4] == names
    texts = [row[1] for row in (*found["it"][3:], *found["it 2"][1:-3])]
    assert texts == [text for _, text, *_ in rows]
    assert found["it 2"][-2:] == [["totals", "", "", "", "closing"], ["", "own", "", 5.0, 6.0]]
    torn = workbooks.sheets(await _written(rows[:7], [total], most_rows=9))
    assert [len(sheet) for sheet in torn.values()] == [9, 4]


async def test_the_names_of_the_columns_stay_in_sight() -> None:
    """The first row that scrolls is the first of the table."""
    assert 'topLeftCell="A4"' in _sheet(await _written([(DAY, "x", 1, "1.00")], (), {"a": "b"}))


async def test_the_same_rows_make_the_same_file() -> None:
    """Made at the same moment."""
    rows = [(DAY, "x", 1, "1.00")]
    assert await _written(rows) == await _written(rows)
