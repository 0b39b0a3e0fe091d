"""A VO or LSO of a demo."""

from __future__ import annotations

from ledger.postgres.bulk import BulkBook


class Upper:
    """The book of a VO or LSO, with its cash in hand and its CIF at bank."""

    __slots__ = ("book", "code", "fund_bank", "lent", "place")

    def __init__(self, book: int, code: str, place: int) -> None:
        self.book = BulkBook(book, code)
        self.code = code
        self.place = place
        self.fund_bank = 0
        self.lent = 0
