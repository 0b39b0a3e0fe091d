"""Loans that live by chance: by night, by day and in the books they are one and the same."""

from __future__ import annotations

import random
from collections import Counter
from contextlib import suppress
from datetime import date
from typing import TYPE_CHECKING, Final, NamedTuple
from uuid import uuid4

import pytest

from ledger.calendar import end_of_day
from ledger.refusals import Refusal
from service import arrears, bookkeeping
from service.arrears import EVERYBODY, Standing
from service.loans import contracts
from tests.support.lives import (
    DAY,
    LAST,
    MEMBERS,
    OF_MEMBERS,
    OF_ORGANISATIONS,
    OF_PLAIN,
    PAIRS,
    TERMS_OF_MEMBERS,
    TERMS_OF_ORGANISATIONS,
    TERMS_OF_PLAIN,
    YEAR_END,
    Lives,
)

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import datetime

    from service.books import Books
    from service.loans.figures import LoanFigures
    from tests.support.lives import Happens
    from tests.support.world import World

FEW: Final = range(1, 5)
MANY: Final = range(5, 65)
STEPS: Final = 30
LOANS: Final = 6
OUT: Final = date(2026, 1, 10)
BEFORE_THE_YEAR_END: Final = date(2026, 5, 2)
END: Final = date(2026, 7, 30)
_KEPT: Final = ", ".join(name for name in Standing._fields if name != "state")
_OF_LOANS: Final = """
    SELECT party, code, sum(debit - credit)::bigint FROM ledger.account
    WHERE code IN ('1300', '1310', '1320', '2200') GROUP BY party, code
"""


class Asked(NamedTuple):
    """What all loans were said to be on a day, by what was known at a moment."""

    on: date
    known_by: datetime
    said: dict[str, LoanFigures]


@pytest.mark.parametrize("seed", FEW)
async def test_loans_of_members_live_by_chance(world: World, seed: int) -> None:
    """Whatever happens to them, all at once stand where each stands by itself."""
    await _members(world, seed)


@pytest.mark.long
@pytest.mark.parametrize("seed", MANY)
async def test_many_loans_of_members_live_by_chance(world: World, seed: int) -> None:
    """The same, further afield."""
    await _members(world, seed)


@pytest.mark.parametrize("seed", FEW)
async def test_loans_between_organisations_live_by_chance(world: World, seed: int) -> None:
    """Whatever happens to them, both books say the same of them."""
    await _organisations(world, seed)


@pytest.mark.long
@pytest.mark.parametrize("seed", MANY)
async def test_many_loans_between_organisations_live_by_chance(world: World, seed: int) -> None:
    """The same, further afield."""
    await _organisations(world, seed)


@pytest.mark.parametrize("seed", FEW)
async def test_plain_loans_live_by_chance(world: World, seed: int) -> None:
    """Loans that keep their schedule, whatever is paid, are worked out all at once."""
    await _plain(world, seed)


@pytest.mark.long
@pytest.mark.parametrize("seed", MANY)
async def test_many_plain_loans_live_by_chance(world: World, seed: int) -> None:
    """The same, further afield."""
    await _plain(world, seed)


async def _plain(world: World, seed: int) -> None:
    chance = random.Random(seed)  # noqa: S311 - a history, no secret
    lives = Lives(world, chance, OUT, OUT, plain=True)
    for n, name in enumerate(chance.sample(sorted(TERMS_OF_PLAIN), LOANS)):
        await lives.lend(name, TERMS_OF_PLAIN[name], "CO-01", MEMBERS[n % len(MEMBERS)])
    await _live(lives, OF_PLAIN)
    async with world.reading() as books:
        sql = "SELECT count(*) FROM service.loan WHERE afresh"
        assert await books.fetch(sql) == [(0,)]


async def _members(world: World, seed: int) -> None:
    chance = random.Random(seed)  # noqa: S311 - a history, no secret
    lives = Lives(world, chance, OUT, OUT)
    for n, name in enumerate(chance.sample(sorted(TERMS_OF_MEMBERS), LOANS)):
        await lives.lend(name, TERMS_OF_MEMBERS[name], "CO-01", MEMBERS[n % len(MEMBERS)])
    await _live(lives, OF_MEMBERS)


async def _organisations(world: World, seed: int) -> None:
    chance = random.Random(seed)  # noqa: S311 - a history, no secret
    lives = Lives(world, chance, BEFORE_THE_YEAR_END, BEFORE_THE_YEAR_END)
    for lender, borrower in PAIRS:
        name = chance.choice(sorted(TERMS_OF_ORGANISATIONS))
        await lives.lend(name, TERMS_OF_ORGANISATIONS[name], lender, borrower)
    await _live(lives, OF_ORGANISATIONS)


async def _live(lives: Lives, table: Mapping[Happens, int]) -> None:
    asked = []
    for _ in range(STEPS):
        await lives.step(table)
        if lives.chance.random() < 0.3:
            asked.append(await _ask(lives))
        if lives.chance.random() < 0.2 and lives.today < LAST:
            await _night(lives)
    assert len(lives.told) > len(lives.loans) + STEPS // 4, "too much was refused"
    lives.today = END
    await _accrue(lives)
    async with lives.world.reading() as books:
        for one in asked:
            again = await _figures(lives, books, one.on, one.known_by)
            assert {code: again[code] for code in one.said} == one.said, lives.told
        await _stand(lives, books, END, None)
        for _ in range(8):
            on = lives.out + lives.chance.randrange((END - lives.out).days) * DAY
            moment = end_of_day(lives.out + lives.chance.randrange((END - lives.out).days) * DAY)
            await _stand(lives, books, on, lives.chance.choice((None, moment)))
        await _agree_with_the_books(lives, books)
        for on in (lives.out, YEAR_END, END):
            await _eliminate_to_nothing(lives, books, on)


async def _ask(lives: Lives) -> Asked:
    on = lives.today - lives.chance.choice((0, 1, 9, 30)) * DAY
    known_by = end_of_day(lives.today - DAY)
    async with lives.world.reading() as books:
        return Asked(on, known_by, await _figures(lives, books, on, known_by))


async def _night(lives: Lives) -> None:
    """What the job keeps of a day is what is said of it; the next day comes."""
    on, known_by = lives.today - lives.chance.choice((0, 0, 4)) * DAY, end_of_day(lives.today)
    lives.today += DAY
    run = uuid4()
    async with lives.world.at(lives.today) as books:
        await arrears.keep_standings(books, on, known_by=known_by, lenders=EVERYBODY, run=run)
        found = await arrears.standings(books, on, known_by=known_by)
        sql = f"SELECT {_KEPT} FROM service.loan_arrears WHERE run = :run ORDER BY loan"
        kept = [tuple(row) for row in await books.fetch(sql, run=run)]
        assert kept == [(*one[:3], *one[4:]) for one in found], (on, lives.told)
        await _stand(lives, books, on, known_by)
        for table in ("loan_due", "loan_arrears"):  # a day may come again
            await books.execute(f"DELETE FROM service.{table}")


async def _accrue(lives: Lives) -> None:
    """What was paid or reversed late is made up for by the next accrual."""
    lenders = {(one.lender, "own" if one.member else "cif") for one in lives.loans.values()}
    for lender, fund in sorted(lenders):
        with suppress(Refusal):  # where there is nothing to accrue
            await lives.world.happen("charge_accrued", END, lender, fund=fund)


async def _figures(
    lives: Lives, books: Books, on: date, known_by: datetime | None
) -> dict[str, LoanFigures]:
    """Of every loan that was agreed by now, one by one."""
    loans = await contracts.loans(books, list(lives.loans))
    return {
        code: (await arrears.figures_of(books, loan, [on], known_by=known_by))[0]
        for code, loan in loans.items()
    }


async def _stand(lives: Lives, books: Books, on: date, known_by: datetime | None) -> None:
    """All at once, those that run and those settled too, stand where each stands by itself."""
    found = await arrears.standings(books, on, known_by=known_by, settled_too=True)
    run = await arrears.standings(books, on, known_by=known_by)
    assert run == [one for one in found if one.state == "paid_out"]
    figures = await _figures(lives, books, on, known_by)
    wanted = {
        code: (one.closed, *(getattr(one, name) for name in Standing._fields[4:]))
        for code, one in figures.items()
        if one.paid_out
    }
    told = {one.loan: (one.state != "paid_out", *one[4:]) for one in found}
    assert told == wanted, (on, known_by, lives.told)


async def _agree_with_the_books(lives: Lives, books: Books) -> None:
    """What is outstanding and accrued is on the accounts, and what one owes on the other's."""
    on_account = Counter({(party, code): net for party, code, net in await books.fetch(_OF_LOANS)})
    for code, figures in (await _figures(lives, books, END, None)).items():
        lent = "1300" if lives.loans[code].member else "1310"
        assert on_account[code, lent] == figures.outstanding_principal, (code, lives.told)
        assert on_account[code, "1320"] == figures.accrued_charge, (code, lives.told)
        assert on_account[code, "2200"] == -on_account[code, "1310"], (code, lives.told)


async def _eliminate_to_nothing(lives: Lives, books: Books, on: date) -> None:
    """What lies between two books below a node is no more than nothing, in each fund."""
    for node in ("LSO-01", "VO-01"):
        total: Counter[str] = Counter()
        for balance in await bookkeeping.consolidated(books, node, on):
            total[balance.fund] += balance.eliminated
        assert not any(total.values()), (node, on, total, lives.told)
