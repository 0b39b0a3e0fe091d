"""Books written in bulk: the seal of the posting door, and what the door would refuse."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta

import pytest

from ledger.entries import AccountKey, EntryRef
from ledger.postgres.bulk import BulkBook, Lines, Moment, Stretch, Texts, Voucher
from ledger.refusals import ClosingMovesMoney, EntryUnbalanced, FloorPassed, TextMalformed
from ledger.sealing import Opening, SealedLine, genesis, seal

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_AT = datetime(2026, 3, 1, 9, tzinfo=UTC)


def _moment(seconds: int = 0) -> Moment:
    at = _AT + timedelta(seconds=seconds)
    return Moment((at - _EPOCH) // timedelta(microseconds=1), f"{at:%Y-%m-%d %H:%M:%S}+00")


def _voucher(seconds: int = 0, **more: object) -> Voucher:
    said = Voucher("2026-02-10", _moment(seconds), "Meeting", "nasreen", "S-1")
    return said._replace(**more)  # type: ignore[arg-type] # drawn by name


def _hashes(book: BulkBook) -> list[str]:
    texts = Texts()
    book.give_round(texts)
    rows = texts.taken("entry").decode().splitlines()
    return [row.rpartition("\\\\x")[2] for row in rows]


def _sealed(
    no: int, lines: Lines, prev: bytes, openings: tuple[Opening, ...], **more: object
) -> bytes:
    said: dict[str, object] = {"kind": "normal", "reverses": None, "counterpart": None, "at": 0}
    said |= more
    at = _AT + timedelta(seconds=int(str(said["at"])))
    return seal(
        ref=EntryRef(7, no),
        value_date=date(2026, 2, 10),
        posted_at=at,
        recorded_at=at,
        kind=str(said["kind"]),
        narrative="Meeting",
        actor="nasreen",
        reference="S-1",
        key="",
        part=0,
        digest=bytes(32),
        reverses=said["reverses"],  # type: ignore[arg-type] # drawn by name
        counterpart=said["counterpart"],  # type: ignore[arg-type] # drawn by name
        openings=openings,
        lines=[SealedLine(no, subject, debit, credit) for no, debit, credit, subject in lines],
        prev_hash=prev,
    )


@pytest.fixture
def book() -> BulkBook:
    """A book with two members' savings."""
    return BulkBook(7, "CO-01")


def test_an_entry_is_sealed_as_the_door_seals_it(book: BulkBook) -> None:
    """Its openings, a stretch, a transfer's other half, a reversal; entry after entry."""
    cash = book.number("1000", "own")
    amina, zainab = (book.number("2000", "own", member) for member in ("Amina", "زینب"))
    due = book.number("2100", "own", "CO-09", 9)
    stretch = Stretch((amina, zainab), 200, 2)
    head: Lines = [(cash, 450, 0, "")]
    tail: Lines = [(due, 0, 50, "L-1")]
    book.post(_voucher(counterpart=(9, 3)), head, stretch, tail)
    lines = [*head, *stretch.lines(), *tail]
    book.reverse(_voucher(5, kind="reversal", reverses=1), lines)
    openings = (
        Opening(cash, AccountKey("1000", "own"), None),
        Opening(amina, AccountKey("2000", "own", "Amina"), None),
        Opening(zainab, AccountKey("2000", "own", "زینب"), None),
        Opening(due, AccountKey("2100", "own", "CO-09"), 9),
    )
    other = EntryRef(9, 3)
    first = _sealed(1, lines, genesis("CO-01", "PKR"), openings, counterpart=other)
    undone = [(no, credit, debit, subject) for no, debit, credit, subject in lines]
    second = _sealed(2, undone, first, (), kind="reversal", reverses=1, at=5)
    assert _hashes(book) == [first.hex(), second.hex()]


def test_a_stretch_is_written_like_its_lines(book: BulkBook) -> None:
    """The same rows, totals, turnover and seal."""
    other = BulkBook(7, "CO-01")
    rows = []
    for one in (book, other):
        cash = one.number("1000", "own")
        savers = [one.number("2000", "own", f"M-{n}") for n in range(5)]
        stretch = Stretch(savers, 100, 2)
        if one is book:
            one.post(_voucher(), [(cash, 500, 0, "")], stretch, [])
        else:
            one.post(_voucher(), [(cash, 500, 0, "")], None, stretch.lines())
        texts = Texts()
        one.give_round(texts)
        one.give_end(texts)
        rows.append({table: "".join(found) for table, found in texts.rows.items()})
    assert rows[0] == rows[1]
    assert book.line_count == other.line_count == 6


def test_what_the_door_would_refuse_is_refused(book: BulkBook) -> None:
    """Balance, floors, closings that move money, moments, texts that COPY would take apart."""
    cash, saved = book.number("1000", "own"), book.number("2000", "own", "Amina")
    with pytest.raises(EntryUnbalanced, match="out by 1 paisa"):
        BulkBook(8, "CO-02").post(_voucher(), [], None, [(_cash_of(8), 1, 0, "")])
    book.post(_voucher(), [(cash, 100, 0, "")], None, [(saved, 0, 100, "")])
    with pytest.raises(TextMalformed, match="do not move forward"):
        book.post(_voucher(), [(cash, 100, 0, "")], None, [(saved, 0, 100, "")])
    with pytest.raises(FloorPassed, match="falls below its floor"):
        book.post(_voucher(9), [(saved, 300, 0, "")], None, [(cash, 0, 300, "")])
    fees = book.number("4000", "own")
    for kept in (cash, book.number("1100", "cif")):
        with pytest.raises(ClosingMovesMoney, match="of book 7 moves money"):
            book.post(_voucher(9, kind="close"), [(kept, 500, 0, ""), (fees, 0, 500, "")], None, [])
    with pytest.raises(TextMalformed, match="is not written in bulk"):
        book.number("2000", "own", "a\tb")


def _cash_of(_: int) -> int:
    return 0
