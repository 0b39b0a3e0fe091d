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
from service.conditions import where

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

_ORGANISATIONS: Final = {
    "seen": "code = ANY (:seen)",
    "q": """(strpos(lower(code), :q) > 0 OR strpos(lower(name), :q) > 0
        OR strpos(lower(name_ur), :q) > 0)""",
}
_NUMBERED: Final = """
    OR (access.may('identify', b.book_id) AND :digits IN (
        regexp_replace(m.cnic, '[^0-9]', '', 'g'),
        right(regexp_replace(m.phone, '[^0-9]', '', 'g'), 10)))
"""
_MEMBERS: Final = {
    "homes": "m.organisation = ANY (:homes)",
    "q": """(strpos(lower(m.code), :q) > 0 OR strpos(lower(m.name), :q) > 0
        OR strpos(lower(m.name_ur), :q) > 0 {numbered})""",
}
_LOANS: Final = {
    "homes": "(l.lender = ANY (:homes) OR l.organisation = ANY (:homes))",
    "q": "starts_with(lower(l.code), :q)",
}
_SHEETS: Final = {
    "homes": "organisation = ANY (:homes)",
    "q": "starts_with(lower(code), :q)",
}
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

    Fewer than two characters find vouchers alone. What it costs goes by the organisations that are
    open to whoever asks, unless those are very many.
    """
    q = " ".join(words.lower().split())
    vouchers = await _vouchers(books, q, at.lower())
    if len(q) < LEAST_CHARACTERS:
        return Found(vouchers=vouchers)
    homes = await access.homes(books, Right.READ)
    by_code = await _organisations(books, q, limit)
    return Found(
        organisations=await organisations.named(books, by_code),
        members=await members.named(books, await _members(books, q, homes, limit)),
        loans=await _loans(books, q, homes, limit),
        sheets=await _sheets(books, q, homes, limit),
        vouchers=vouchers,
        people=[
            one.person for one in await people.people(books, only=people.Only(name=q), limit=limit)
        ],
    )


async def _organisations(books: Books, q: str, limit: int) -> list[str]:
    asked = {"q": q, "limit": limit, "seen": await access.homes(books, Right.SEE)}
    found = f"SELECT code FROM service.organisation {where(_ORGANISATIONS, asked)}"
    rows = await books.fetch(f"{found} ORDER BY lower(code) <> :q, code LIMIT :limit", **asked)
    return [row[0] for row in rows]


async def _members(books: Books, q: str, homes: list[str] | None, limit: int) -> list[str]:
    asked = {"q": q, "limit": limit, "homes": homes, "digits": _digits(q)}
    of = where(_MEMBERS, asked).format(numbered=_NUMBERED if asked["digits"] else "")
    found = "service.member m JOIN service.book_number b ON b.code = m.organisation"
    order = "ORDER BY lower(m.code) <> :q, m.code LIMIT :limit"
    rows = await books.fetch(f"SELECT m.code FROM {found} {of} {order}", **asked)
    return [row[0] for row in rows]


async def _loans(books: Books, q: str, homes: list[str] | None, limit: int) -> list[Loan]:
    asked = {"q": q, "limit": limit, "homes": homes}
    found = "service.loan l LEFT JOIN service.member m ON m.code = l.member"
    sql = f"SELECT l.code, l.lender, m.code FROM {found} {where(_LOANS, asked)}"
    rows = await books.fetch(f"{sql} ORDER BY l.code LIMIT :limit", **asked)
    return [Loan(*row) for row in rows]


async def _sheets(books: Books, q: str, homes: list[str] | None, limit: int) -> list[Sheet]:
    asked = {"q": q, "limit": limit, "homes": homes}
    sql = f"SELECT code, organisation, held_on FROM service.sheet {where(_SHEETS, asked)}"
    rows = await books.fetch(f"{sql} ORDER BY code LIMIT :limit", **asked)
    return [Sheet(*row) for row in rows]


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
