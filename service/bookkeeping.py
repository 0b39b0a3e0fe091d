"""The books as people read them: heads, vouchers, accounts and statements, by organisation."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from ledger.calendar import business_date
from ledger.entries import AccountKey, EntryRef
from ledger.postgres import balances, journal, statements
from ledger.postgres import books as heads
from ledger.postgres import chain as chains
from ledger.postgres.balances import ALL_ACCOUNTS
from ledger.postgres.journal import EVERY_ENTRY, Only
from ledger.postgres.settled import refuse_unsettled
from ledger.postgres.statements import BEFORE_ALL
from ledger.postgres.verify import verify
from service import access, organisations
from service.access import Right
from service.refusals import NotFound

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Iterable
    from datetime import date, datetime

    from ledger.entries import Entry
    from ledger.postgres.balances import AccountBalance, AccountsAsked, Balance, NodeBalance
    from ledger.postgres.books import BookHead
    from ledger.postgres.chain import ChainLink
    from ledger.postgres.statements import Place, Statement
    from ledger.postgres.verify import Proof
    from ledger.requests import Posted
    from service.books import Books, WritableBooks


class Voucher(NamedTuple):
    """What a posting made in one book; it never changes."""

    organisation: str
    no: int
    value_date: date
    posted_at: datetime
    kind: str
    reference: str
    hash: bytes


class Move(NamedTuple):
    """What one entry did to a fund and code, in paisa, and what stood there then."""

    no: int
    value_date: date
    reference: str
    narrative: str
    debit: int
    credit: int
    balance: int


_CASH = "1000"
_VOUCHERS = """
    SELECT e.book_id, o.code, e.no, e.value_date, e.posted_at, e.kind::text, e.reference, e.hash
    FROM unnest($1::bigint[], $2::bigint[]) AS w (book_id, no)
    JOIN ledger.entry e USING (book_id, no)
    JOIN service.book_number o USING (book_id)
    ORDER BY e.book_id, e.no
"""


_NUMBERS = """
    SELECT a.code, a.fund, a.party, a.no FROM ledger.account a
    JOIN unnest($2::text[], $3::text[], $4::text[]) AS w (code, fund, party)
        USING (code, fund, party)
    WHERE a.book_id = $1
"""
_MOVES = """
    WITH moved AS (
        SELECT l.value_date, l.entry_no, sum(l.debit)::bigint AS debit,
            sum(l.credit)::bigint AS credit
        FROM ledger.known($6, ARRAY [$1::bigint]) AS k
        JOIN ledger.line l
            ON l.book_id = k.book_id AND l.entry_no <= k.last_no AND l.value_date <= $5
        JOIN ledger.account a ON a.book_id = l.book_id AND a.no = l.account_no
        WHERE a.fund = $2 AND a.code = $3
        GROUP BY l.value_date, l.entry_no
    ), held AS (
        SELECT moved.*,
            (sum(debit - credit) OVER (ORDER BY value_date, entry_no))::bigint AS balance
        FROM moved
    )
    SELECT h.entry_no, h.value_date, e.reference, e.narrative, h.debit, h.credit, h.balance
    FROM held h JOIN ledger.entry e ON e.book_id = $1 AND e.no = h.entry_no
    WHERE h.value_date >= $4
    ORDER BY h.value_date DESC, h.entry_no DESC LIMIT $7
"""
_REVERSED_BY = "SELECT no FROM ledger.entry WHERE book_id = $1 AND reverses = $2"


async def head(books: Books, organisation: str) -> BookHead:
    """The end of an organisation's book. Raises `NotFound`."""
    return await heads.head(books.ledger, await access.authorise(books, Right.READ, organisation))


async def close_period(
    books: WritableBooks, organisation: str, closed_to: date, *, reason: str
) -> BookHead:
    """Close a book up to a day. Raises `NotFound`, `DatedInFuture`, `PeriodClosed`."""
    book = await access.authorise(books, Right.APPROVE, organisation)
    await heads.close_period(
        books.ledger, book, closed_to, actor=books.actor, reason=reason, at=books.now
    )
    return await heads.head(books.ledger, book)


async def vouchers_of(
    books: Books, posted: Posted, organisation: str | None = None
) -> list[Voucher]:
    """The vouchers of a posting; unasked, where it was made now in this organisation's book."""
    if organisation is None or not posted.entries:
        return await vouchers(books, posted.refs)
    return [
        Voucher(
            organisation=organisation,
            no=entry.ref.no,
            value_date=entry.value_date,
            posted_at=entry.posted_at,
            kind=entry.kind.value,
            reference=entry.reference,
            hash=entry.hash,
        )
        for entry in posted.entries
    ]


async def vouchers(books: Books, refs: Iterable[EntryRef]) -> list[Voucher]:
    """The vouchers of a posting, by book and number: the same whenever they are asked for."""
    return list((await vouchers_by_ref(books, refs)).values())


async def vouchers_by_ref(books: Books, refs: Iterable[EntryRef]) -> dict[EntryRef, Voucher]:
    """Vouchers, of as many postings as are asked for, in the order of books and numbers."""
    wanted = list(refs)
    rows = await books.ledger.fetch(
        _VOUCHERS, [ref.book for ref in wanted], [ref.no for ref in wanted]
    )
    return {EntryRef(book, fields[1]): Voucher(*fields) for book, *fields in rows}


async def entries(
    books: Books, organisation: str, *, only: Only = EVERY_ENTRY, after: int = 0, limit: int = 100
) -> list[Entry]:
    """Entries of a book in the order of their numbers, those after `after`."""
    book = await access.authorise(books, Right.READ, organisation)
    return await journal.page(books.ledger, book, only=only, after=after, limit=limit)


async def entry(books: Books, organisation: str, no: int) -> Entry:
    """One entry by its voucher number. Raises `NotFound`."""
    ref = EntryRef(await access.authorise(books, Right.READ, organisation), no)
    found = await journal.entries(books.ledger, [ref])
    if ref not in found:
        raise NotFound(f"The book of {organisation} has no entry {no}. Check the number.")
    return found[ref]


async def reversed_by(books: Books, organisation: str, no: int) -> int | None:
    """The number of the entry that undoes another; None where nothing does."""
    book = await access.authorise(books, Right.READ, organisation)
    found: int | None = await books.ledger.fetchval(_REVERSED_BY, book, no)
    return found


async def account_numbers(
    books: Books, organisation: str, accounts: Iterable[AccountKey]
) -> dict[AccountKey, int]:
    """The numbers of accounts in their book."""
    book = await access.authorise(books, Right.READ, organisation)
    wanted = sorted(set(accounts))
    columns = [[key[n] for key in wanted] for n in range(3)]
    rows = await books.ledger.fetch(_NUMBERS, book, *columns)
    return {AccountKey(*row[:3]): row[3] for row in rows}


async def moves(
    books: Books,
    organisation: str,
    account: tuple[str, str],
    *,
    first_on: date,
    last_on: date,
    known_by: datetime | None = None,
    limit: int = 100,
) -> list[Move]:
    """What moved all accounts of a fund and code, entry by entry; of many the last ones."""
    book = await access.authorise(books, Right.READ, organisation)
    await refuse_unsettled(books.ledger, known_by)
    rows = await books.ledger.fetch(_MOVES, book, *account, first_on, last_on, known_by, limit)
    return [Move(*row) for row in reversed(rows)]


async def chain(books: Books, organisation: str, *, after: int = 0) -> AsyncIterator[ChainLink]:
    """The chain of a book, entry by entry, as anybody can compute it again."""
    book = await access.authorise(books, Right.READ, organisation)
    return chains.chain(books.ledger, book, after=after)


async def proof(books: Books, organisation: str, *, below: bool) -> Proof:
    """Prove an organisation's book again from its lines, or those of all below it today."""
    book = await access.authorise(books, Right.READ, organisation, below=below)
    await heads.head(books.ledger, book)  # shown by PostgreSQL to who may read it
    async with books.whole_house(nodes=[book] if below else ()):
        today = business_date(books.now)
        asked = await organisations.books_under(books, book, today) if below else [book]
        return await verify(books.ledger, asked)


async def accounts(
    books: Books,
    organisation: str,
    on: date,
    *,
    known_by: datetime | None = None,
    asked: AccountsAsked = ALL_ACCOUNTS,
) -> list[AccountBalance]:
    """Every account of a book that has moved by a day, or some of them, with their balances."""
    book = await access.authorise(books, Right.READ, organisation)
    return await balances.account_balances(books.ledger, book, on, known_by=known_by, asked=asked)


async def statement(
    books: Books,
    organisation: str,
    account_no: int,
    *,
    first_on: date | None = None,
    last_on: date | None = None,
    known_by: datetime | None = None,
    after: Place = BEFORE_ALL,
    limit: int = 100,
) -> Statement:
    """The statement of one account. Raises `NotFound`."""
    found = await statements.statement(
        books.ledger,
        await access.authorise(books, Right.READ, organisation),
        account_no,
        first_on=first_on,
        last_on=last_on,
        known_by=known_by,
        after=after,
        limit=limit,
    )
    if found is None:
        raise NotFound(f"The book of {organisation} has no account {account_no}.")
    return found


async def fund_balances(
    books: Books, organisation: str, on: date, *, known_by: datetime | None = None
) -> list[Balance]:
    """The balance of every fund and code of one book on a day."""
    book = await access.authorise(books, Right.READ, organisation)
    found = await balances.trial_balance(books.ledger, on, known_by=known_by, books=[book])
    return [balance for balance in found if balance.net]


async def cash_in_hand(books: Books, organisation: str, on: date) -> int:
    """What lies in the box of an organisation at the close of a day, of all funds, in paisa."""
    found = await fund_balances(books, organisation, on)
    return sum(balance.net for balance in found if balance.code == _CASH)


async def consolidated(
    books: Books,
    organisation: str,
    on: date,
    *,
    known_by: datetime | None = None,
    gender: str | None = None,
) -> list[NodeBalance]:
    """The figures of an organisation with all below it on a day, or of some groups among them."""
    book = await access.authorise(books, Right.READ, organisation, below=True)
    async with books.whole_house(nodes=[book]):
        found = await balances.rollup(
            books.ledger, on, known_by=known_by, nodes=[book], gender=gender
        )
    return [balance for balance in found if balance.net or balance.eliminated]
