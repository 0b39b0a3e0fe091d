"""What a bundle says that the books know already.

A known organisation, member or product of the same content is passed over; of other
content it is refused. Loans, sheets and events are history, and are never said twice.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, TypeVar

from service import federation, members, organisations
from service.federation import FOREVER, Membership
from service.imports import registering
from service.imports.problems import BundleRefused, Problem
from service.loans import products

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Mapping

    from service.books import Books
    from service.imports.rows import Bundle

Row = TypeVar("Row")


async def refuse_known(books: Books, bundle: Bundle) -> None:
    """Raise `BundleRefused` where the books already know a code as something else."""
    have = {
        o.code: o for o in await organisations.named(books, [o.code for o in bundle.organisations])
    }
    people = {m.code: m for m in await members.named(books, [m.code for m in bundle.members])}
    rules = {code: first for code, (first, *_) in (await products.products(books)).items()}
    problems = [
        *_differing("organisations.csv", bundle.organisations, registering.organisation, have),
        *_differing("members.csv", bundle.members, registering.member, people),
        *_differing("products.csv", bundle.products, registering.product, rules),
        *await _moved(books, bundle, set(have)),
        *await _history(books, bundle),
    ]
    if problems:
        raise BundleRefused(problems)


def _differing(
    file: str, rows: Iterable[Row], made: Callable[[Row], object], have: Mapping[str, object]
) -> Iterator[Problem]:
    for row in rows:
        code, line = row.code, row.line  # type: ignore[attr-defined] # every row has both
        if code in have and have[code] != made(row):
            yield _known(file, line, code, "with other content")


async def _moved(books: Books, bundle: Bundle, have: set[str]) -> list[Problem]:
    """Memberships of known organisations that the books do not have so."""
    known = set(await federation.memberships(books)) if have else set()
    return [
        _known("federation.csv", row.line, row.code, "with other memberships")
        for row in bundle.federation
        if row.code in have
        and Membership(row.code, row.parent, row.from_on, row.to_on or FOREVER) not in known
    ]


async def _history(books: Books, bundle: Bundle) -> list[Problem]:
    loans = {row.code: ("loans.csv", row.line) for row in bundle.loans}
    documents = {row.code: ("sheets.csv", row.line) for row in bundle.sheets}
    documents |= {row.code: ("events.csv", row.line) for row in bundle.events}
    problems = []
    for table, rows in (("loan", loans), ("sheet", documents), ("event", documents)):
        sql = f"SELECT code FROM service.{table} WHERE code = ANY (:codes)"
        found = await books.fetch(sql, codes=list(rows))
        problems += [_known(*rows[c], c, "as part of another history") for (c,) in found]
    return problems


def _known(file: str, line: int, code: str, how: str) -> Problem:
    return Problem(
        file, line, "code", f"{code} is known already {how}", "Use a code of its own, or leave it."
    )
