"""Finding by a few words: organisations, members, loans, sheets, vouchers, people.

PostgreSQL shows what is open to whoever asks, and nothing else; whole identity and telephone
numbers find a member for those alone who may see them in full.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Final, NamedTuple

from service import access, members, organisations, people
from service.access import Right

if TYPE_CHECKING:
    from datetime import date

    from service.books import Books
    from service.members import Member
    from service.organisations import Organisation
    from service.people import Person

LEAST_CHARACTERS: Final = 2
_LEAST_DIGITS: Final = 7
"""Of an identity or telephone number."""
_VOUCHER: Final = re.compile(r"(?:(\S.*?)[\s/#]+)?(\d{1,18})", re.ASCII)

_ORGANISATIONS: Final = """
    SELECT code FROM service.organisation
    WHERE strpos(lower(code), :q) > 0 OR strpos(lower(name), :q) > 0
        OR strpos(lower(name_ur), :q) > 0
    ORDER BY lower(code) <> :q, code LIMIT :limit
"""
_MEMBERS: Final = """
    SELECT m.code FROM service.member m JOIN service.book_number b ON b.code = m.organisation
    WHERE (CAST(:homes AS text[]) IS NULL OR m.organisation = ANY (:homes))
        AND (strpos(lower(m.code), :q) > 0 OR strpos(lower(m.name), :q) > 0
            OR strpos(lower(m.name_ur), :q) > 0
            OR (CAST(:digits AS text) IS NOT NULL AND access.may('identify', b.book_id)
                AND :digits IN (regexp_replace(m.cnic, '[^0-9]', '', 'g'),
                    right(regexp_replace(m.phone, '[^0-9]', '', 'g'), 10))))
    ORDER BY lower(m.code) <> :q, m.code LIMIT :limit
"""
_LOANS: Final = """
    SELECT l.code, l.lender, m.code AS member FROM service.loan l
    LEFT JOIN service.member m ON m.code = l.member
    WHERE starts_with(lower(l.code), :q) ORDER BY l.code LIMIT :limit
"""
_SHEETS: Final = """
    SELECT code, organisation, held_on FROM service.sheet
    WHERE starts_with(lower(code), :q) ORDER BY code LIMIT :limit
"""
_ENTRY: Final = """
    SELECT b.code, e.no, e.value_date, e.narrative
    FROM service.book_number b JOIN ledger.entry e ON e.book_id = b.book_id AND e.no = :no
    WHERE lower(b.code) = :code
"""


class Loan(NamedTuple):
    """A loan by its code, who lends, and the member who owes it, where one does."""

    code: str
    lender: str
    member: str | None


class Sheet(NamedTuple):
    """A sheet by its code."""

    code: str
    organisation: str
    held_on: date


class Voucher(NamedTuple):
    """An entry of a book by its number."""

    organisation: str
    no: int
    value_date: date
    narrative: str


@dataclass(frozen=True, slots=True)
class Found:
    """What some words find, of each kind as many as were asked for, at most."""

    organisations: list[Organisation] = field(default_factory=list)
    members: list[Member] = field(default_factory=list)
    loans: list[Loan] = field(default_factory=list)
    sheets: list[Sheet] = field(default_factory=list)
    vouchers: list[Voucher] = field(default_factory=list)
    people: list[Person] = field(default_factory=list)


async def search(books: Books, words: str, *, at: str = "", limit: int = 20) -> Found:
    """What is found by words: a part of a name, a code, a voucher as "CO-01 12" or, `at` it, "12".

    Fewer than two characters find vouchers alone.
    """
    q = " ".join(words.lower().split())
    vouchers = await _vouchers(books, q, at.lower())
    if len(q) < LEAST_CHARACTERS:
        return Found(vouchers=vouchers)
    asked = {"q": q, "limit": limit}
    own = {"homes": await access.homes(books, Right.READ), "digits": _digits(q)}
    by_code = [row[0] for row in await books.fetch(_MEMBERS, **asked, **own)]
    return Found(
        organisations=await organisations.named(
            books, [row[0] for row in await books.fetch(_ORGANISATIONS, **asked)]
        ),
        members=await members.named(books, by_code),
        loans=[Loan(*row) for row in await books.fetch(_LOANS, **asked)],
        sheets=[Sheet(*row) for row in await books.fetch(_SHEETS, **asked)],
        vouchers=vouchers,
        people=[
            one.person for one in await people.people(books, only=people.Only(name=q), limit=limit)
        ],
    )


async def _vouchers(books: Books, q: str, at: str) -> list[Voucher]:
    match = _VOUCHER.fullmatch(q)
    if match is None or not (match[1] or at):
        return []
    rows = await books.fetch(_ENTRY, no=int(match[2]), code=match[1] or at)
    return [Voucher(*row) for row in rows]


def _digits(q: str) -> str | None:
    """The digits of an identity number, or the last ten of a telephone number."""
    found = re.sub(r"[\s+-]", "", q)
    if not found.isascii() or not found.isdecimal() or len(found) < _LEAST_DIGITS:
        return None
    is_cnic = len(found) == 13  # noqa: PLR2004 - as many digits as a CNIC has
    return found if is_cnic else found[-10:]
