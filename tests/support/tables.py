"""Tables of pages as text, cell by cell, to hold against what the API says."""

from __future__ import annotations

from dataclasses import dataclass, field
from html.parser import HTMLParser

MINUS = "\N{MINUS SIGN}"


@dataclass(slots=True)
class Row:
    """A row: its cells, and whether it is a sum of others."""

    cells: list[str] = field(default_factory=list)
    is_sum: bool = False


class _Tables(HTMLParser):
    """The tables that are no part of another."""

    def __init__(self) -> None:
        super().__init__()
        self.found: list[list[Row]] = []
        self.deep = 0
        self.in_head = self.in_foot = self.in_cell = False

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        """Open a table, a row, a cell."""
        if tag == "table":
            self.deep += 1
            if self.deep == 1:
                self.found.append([])
        if self.deep != 1:
            return
        if tag in {"thead", "tfoot"}:
            self.in_head, self.in_foot = tag == "thead", tag == "tfoot"
        elif tag == "tbody":
            self.in_head = self.in_foot = False
        elif tag == "tr" and not self.in_head:
            is_sum = self.in_foot or dict(attrs).get("class") == "sum"
            self.found[-1].append(Row(is_sum=is_sum))
        elif tag in {"td", "th"} and not self.in_head:
            self.found[-1][-1].cells.append("")
            self.in_cell = True

    def handle_endtag(self, tag: str) -> None:
        """Close them."""
        if tag in {"td", "th"} and self.deep == 1:
            self.in_cell = False
        if tag == "table":
            self.deep -= 1

    def handle_data(self, data: str) -> None:
        """Take in what stands in a cell."""
        if self.in_cell and self.deep == 1:
            self.found[-1][-1].cells[-1] += data


def tables_of(page: str) -> list[list[Row]]:
    """All tables of a page, without their heads."""
    parser = _Tables()
    parser.feed(page)
    return [
        [Row([" ".join(cell.split()) for cell in row.cells], row.is_sum) for row in table]
        for table in parser.found
    ]


def amount(said: str) -> str:
    """An amount of a page as the API writes it: 12,34,567.50 is 1234567.50, a dash nothing."""
    if said.startswith("\N{EN DASH}"):
        return "0.00"
    return said.replace(",", "").replace(MINUS, "-")
