"""The statement of an account: its opening, and every line with the balance after it."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from random import Random
from typing import TYPE_CHECKING, Final

import pytest

from ledger.postgres.statements import BEFORE_ALL, Place, Statement, statement
from ledger.refusals import MomentUnsettled
from tests.support.ledger import (
    DAY,
    NOW,
    TODAY,
    account,
    deposit,
    open_books,
    post_all,
    request,
)

if TYPE_CHECKING:
    import asyncpg

SAVINGS: Final = account("2000", "M-1")
DAYS: Final = [DAY + timedelta(days=n) for n in range(6)]


async def save(connection: asyncpg.Connection) -> list[tuple[date, int, int]]:
    """Thirty deposits out of order; day, number and amount of each, as a statement has them."""
    await open_books(connection, "CO-01")
    random = Random(3)  # noqa: S311 - a fixed history, not a secret
    kept = []
    for no in range(1, 31):
        on, amount = random.choice(DAYS), random.randint(1, 99)
        at = NOW + no * timedelta(seconds=1)
        await post_all(connection, request(deposit(amount, on=on)), at=at)
        kept.append((on, no, amount))
    return sorted(kept)


def as_rows(found: Statement | None) -> list[tuple[date, int, int, int]]:
    """Day, number, amount and balance after it."""
    assert found is not None
    return [(one.value_date, one.entry_no, one.credit, -one.balance) for one in found.lines]


async def test_a_line_shows_the_balance_after_it(connection: asyncpg.Connection) -> None:
    """In order of days, whatever the order in which they were posted."""
    kept = await save(connection)
    found = await statement(connection, 1, 2)
    assert found is not None
    assert (found.no, found.account, found.opening) == (2, SAVINGS, 0)
    total, expected = 0, []
    for on, no, amount in kept:
        total += amount
        expected.append((on, no, amount, total))
    assert as_rows(found) == expected
    assert [one.n for one in found.lines] == [2] * 30


@pytest.mark.parametrize("known", [None, 0, 12, 30])
@pytest.mark.parametrize(("first", "last"), [(0, 5), (2, 3), (4, 4), (5, 2)])
async def test_a_stretch_opens_with_what_came_before(
    connection: asyncpg.Connection, first: int, last: int, known: int | None
) -> None:
    """From day to day, as known by any moment."""
    kept = [one for one in await save(connection) if known is None or one[1] <= known]
    found = await statement(
        connection,
        1,
        2,
        first_on=DAYS[first],
        last_on=DAYS[last],
        known_by=None if known is None else NOW + known * timedelta(seconds=1),
    )
    assert found is not None
    assert -found.opening == sum(amount for on, _, amount in kept if on < DAYS[first])
    within = [one for one in kept if DAYS[first] <= one[0] <= DAYS[last]]
    assert [row[:3] for row in as_rows(found)] == within
    if within:
        assert -found.lines[-1].balance == sum(a for on, _, a in kept if on <= DAYS[last])


async def test_pages_go_on_where_the_last_one_ended(connection: asyncpg.Connection) -> None:
    """Each opens with the balance at which the one before ended."""
    await save(connection)
    whole = await statement(connection, 1, 2)
    assert whole is not None
    pages, after = list(whole.lines[:0]), BEFORE_ALL
    while page := await statement(connection, 1, 2, after=after, limit=7):
        if not page.lines:
            break
        assert page.opening == (pages[-1].balance if pages else 0)
        pages += page.lines
        after = page.lines[-1].place
    assert tuple(pages) == whole.lines
    assert after == Place(*whole.lines[-1][:3])


async def test_an_account_that_is_not_there_has_no_statement(
    connection: asyncpg.Connection,
) -> None:
    """Nor has one a figure that is not settled yet."""
    await open_books(connection, "CO-01")
    assert await statement(connection, 1, 1) is None
    with pytest.raises(MomentUnsettled):
        await statement(connection, 1, 1, known_by=datetime.now(UTC) + timedelta(minutes=1))
    await post_all(connection, request(deposit(5, on=TODAY)))
    found = await statement(connection, 1, 1, last_on=DAY)
    assert found is not None
    assert found.lines == ()
