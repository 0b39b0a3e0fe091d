"""What is in a pack: of each book statements, passbooks, loans and chain; of a node the rest."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from service import bookkeeping, members
from service.packs import journal, parts
from service.reports import registry as reports
from service.reports import rendering
from service.reports.lending import loan_register
from service.reports.report import Query
from service.statements import registry
from service.statements.passbook import PASSBOOK
from service.statements.registry import STATEMENTS
from service.statements.statement import Asked, Dated, Narrowing

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Mapping

    from service.packs.parts import Part
    from service.packs.scope import Pack, PackedBook
    from service.reports.report import Table
    from service.statements.statement import Statement
    from service.tables.columns import Cells

REPORTS: Final = ("rollup", "par", "portfolio", "mobilisation")
_MEMBERS_AT_A_TIME: Final = 500


async def contents(pack: Pack) -> AsyncIterator[Part]:
    """Every file of a pack but its cover, guide and manifest, in an order that stays."""
    for book in pack.packed:
        async for part in _of_book(pack, book):
            yield part
    if pack.consolidated:
        async for part in _of_node(pack):
            yield part
    async for part in journal.parts(pack):
        yield part


async def _of_book(pack: Pack, book: PackedBook) -> AsyncIterator[Part]:
    for statement in STATEMENTS.values():
        if Narrowing.ACCOUNT in statement.narrowed_by:
            continue  # one of all accounts is the general ledger
        async for part in _statement(pack, book.organisation, statement, book.folder):
            yield part
    query = Query((pack.last_on,), pack.known_by, book.organisation)
    table = await loan_register(pack.books, book.organisation, query)
    async for part in _table(pack, table, query, f"{book.folder}/loans"):
        yield part
    columns = ("member", *(column.name for column in PASSBOOK.columns))
    yield parts.separated(f"{book.folder}/passbooks.csv", columns, _passbooks(pack, book))
    yield parts.objects(f"{book.folder}/chain.ndjson", _chain(pack, book))


async def _of_node(pack: Pack) -> AsyncIterator[Part]:
    for statement in STATEMENTS.values():
        if statement.node_columns:
            async for part in _statement(
                pack, pack.organisation.code, statement, "consolidated", consolidated=True
            ):
                yield part
    query = Query((pack.last_on,), pack.known_by, pack.organisation.code)
    for name in REPORTS:
        table = await reports.run(pack.books, name, query)
        async for part in _table(pack, table, query, f"reports/{name}"):
            yield part


async def _statement(
    pack: Pack, organisation: str, statement: Statement, folder: str, *, consolidated: bool = False
) -> AsyncIterator[Part]:
    asked = Asked(
        first_on=pack.first_on if statement.dated is Dated.PERIOD else None,
        last_on=pack.last_on if statement.dated is Dated.PERIOD else None,
        as_of=pack.last_on if statement.dated is Dated.DAY else None,
        known_by=pack.known_by,
        consolidated=consolidated,
    )
    made = await registry.of_organisation(pack.books, organisation, statement.name, asked)
    book = made.workbook(made_at=pack.books.now)
    name = f"{folder}/{statement.name}"
    async for part in parts.table(name, book, made.names, made.table_rows(), made.totals):
        yield part


async def _table(pack: Pack, table: Table, query: Query, name: str) -> AsyncIterator[Part]:
    last = name.rpartition("/")[2]
    book = rendering.workbook(table, last, query, made_at=pack.books.now)
    async for part in parts.table(name, book, table.columns, parts.each(table.rows)):
        yield part


async def _passbooks(pack: Pack, book: PackedBook) -> AsyncIterator[Cells]:
    """The passbooks of all who are or were members, one after the other."""
    asked = Asked(first_on=pack.first_on, last_on=pack.last_on, known_by=pack.known_by)
    after = ""
    while found := await members.members(
        pack.books, book.organisation, after=after, limit=_MEMBERS_AT_A_TIME
    ):
        for member in found:
            made = await registry.passbook(pack.books, member.code, asked)
            async for row in made.table_rows():
                yield (member.code, *row)
        after = found[-1].code


async def _chain(pack: Pack, book: PackedBook) -> AsyncIterator[Mapping[str, object]]:
    """The links of a book as far as it was known, from its first entry on."""
    async for link in await bookkeeping.chain(pack.books, book.organisation):
        if link.no > book.head.last_no:
            return
        yield link._asdict()
