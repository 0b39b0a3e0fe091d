"""Reports on books: journal, trial balance, roll-up, members' savings."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ledger.calendar import BUSINESS_ZONE
from ledger.money import rupees
from ledger.postgres import balances
from ledger.postgres.settled import refuse_unsettled
from service import savings
from service.reports import scope
from service.reports.report import Table

if TYPE_CHECKING:
    from service.books import Books
    from service.reports.report import Cell, Query

_JOURNAL = """
    SELECT e.reference, o.code, e.value_date, a.fund, a.code AS account, a.party,
        sum(l.debit) AS debit, sum(l.credit) AS credit
    FROM ledger.entry e
    JOIN ledger.line l
        ON l.book_id = e.book_id AND l.entry_no = e.no AND l.value_date = e.value_date
    JOIN ledger.account a ON a.book_id = l.book_id AND a.no = l.account_no
    JOIN service.book_number o ON o.book_id = e.book_id
    WHERE e.value_date <= :last AND e.posted_at <= coalesce(:known_by, e.posted_at)
        AND (:everywhere OR e.book_id = ANY (:in_books))
    GROUP BY e.reference, o.code, e.value_date, a.fund, a.code, a.party
"""


async def journal(books: Books, query: Query) -> Table:
    """What each sheet and event put on each account, each side summed, not netted."""
    await refuse_unsettled(books.ledger, query.known_by)
    in_books = await scope.books_under(books, query.node, query.last)
    rows = await books.fetch(
        _JOURNAL,
        last=query.last,
        known_by=query.known_by,
        everywhere=in_books is None,
        in_books=in_books or [],
    )
    found = sorted(rows, key=lambda row: (row[0], row[1], *row[3:6]))
    return Table(
        ("event", "org", "on", "fund", "code", "party", "debit", "credit"),
        [
            (event, org, day.isoformat(), fund, code, party, rupees(int(dr)), rupees(int(cr)))
            for event, org, day, fund, code, party, dr, cr in found
        ],
    )


async def trial_balance(books: Books, query: Query) -> Table:
    """The balance of each fund and code of each book, on its side."""
    names = await scope.codes(books)
    rows: list[tuple[Cell, ...]] = []
    moment = _moment(query)
    for day in sorted(query.as_of):
        in_books = await scope.books_under(books, query.node, day)
        found = await balances.trial_balance(
            books.ledger, day, known_by=query.known_by, books=in_books
        )
        rows += sorted(
            (
                day.isoformat(),
                *moment,
                names[balance.book],
                balance.fund,
                balance.code,
                rupees(max(balance.net, 0)),
                rupees(max(-balance.net, 0)),
            )
            for balance in found
            if balance.net
        )
    known = ("known_by",) if moment else ()
    return Table(("as_of", *known, "org", "fund", "code", "debit", "credit"), rows)


async def rollup(books: Books, query: Query) -> Table:
    """Balance, eliminated and consolidated of VOs, LSOs and everything above them."""
    nodes = await scope.node_ids(books, query.node)
    rows: list[tuple[Cell, ...]] = []
    for day in sorted(query.as_of):
        names = await scope.codes(books) if query.node else await scope.federated(books, day)
        asked = [node for node in names if nodes is None or node in nodes]
        async with books.whole_house(nodes=asked):
            found = await balances.rollup(books.ledger, day, known_by=query.known_by, nodes=asked)
        rows += sorted(
            (
                day.isoformat(),
                names[b.node],
                b.fund,
                b.code,
                rupees(b.net),
                rupees(b.eliminated),
                rupees(b.net - b.eliminated),
            )
            for b in found
            if b.net or b.eliminated
        )
    return Table(("as_of", "node", "fund", "code", "balance", "eliminated", "consolidated"), rows)


async def member_savings(books: Books, query: Query) -> Table:
    """Each member's compulsory and voluntary savings."""
    await refuse_unsettled(books.ledger, query.known_by)
    rows: list[tuple[Cell, ...]] = []
    for day in sorted(query.as_of):
        in_books = await scope.books_under(books, query.node, day)
        found = await savings.savings(books, day, known_by=query.known_by, in_books=in_books)
        rows += sorted(
            (day.isoformat(), s.member, rupees(s.compulsory), rupees(s.voluntary))
            for s in found
            if s.compulsory or s.voluntary
        )
    return Table(("as_of", "member", "compulsory", "voluntary"), rows)


def _moment(query: Query) -> tuple[str, ...]:
    if query.known_by is None:
        return ()
    return (query.known_by.astimezone(BUSINESS_ZONE).isoformat(),)
