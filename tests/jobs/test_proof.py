"""The proof by night: part by part, beside posting; what it finds is kept, shown and said."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING, Final

import asyncpg
import pytest
from sqlalchemy.exc import DBAPIError

from jobs import listing, proof, stretches
from jobs.catalogue import JOBS, Job, Step
from jobs.folding import fold_all
from jobs.proving import proof as whole_proof
from jobs.running import run
from service import audit, proofs
from service.books import read_books, write_books
from service.jobs import state
from service.sheets import actions as sheets
from service.sheets.sheet import Sheet, SheetLine, SheetLineKind
from tests.jobs.asking import END_OF_JUNE, at, night_after, rows
from tests.support.database import asyncpg_url, execute
from tests.support.importing import engine_of

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

    from sqlalchemy.ext.asyncio import AsyncEngine

    from jobs.progress import Progress
    from jobs.stretches import Stretch
    from jobs.work import Work
    from service.books import Books

PROOF: Final = JOBS["proof"]
CLOCK: Final = at(night_after(END_OF_JUNE))
TAMPER: Final = """
    SET session_replication_role = replica;
    UPDATE ledger.line SET debit = debit + 1 WHERE (book_id, entry_no, n) = (
        SELECT book_id, entry_no, n FROM ledger.line WHERE debit > 0
        ORDER BY book_id DESC, entry_no, n LIMIT 1)
"""
TAMPER_ALL: Final = """
    SET session_replication_role = replica;
    UPDATE ledger.line SET debit = debit + 1 WHERE debit > 0
"""
FORGE: Final = """
    SET session_replication_role = replica;
    UPDATE audit.trail SET actor = 'somebody else' WHERE about = 'house' AND no = 1
"""
PROVEN: Final = """
    SELECT step, sum(books)::int, sum(entries)::int, sum(lines)::int, sum(links)::int,
        sum(findings)::int, count(*) FROM service.proof_part GROUP BY step ORDER BY step
"""
PARTS: Final = "SELECT first FROM service.proof_part WHERE step = 'books' ORDER BY first"
KEPT: Final = "SELECT about, book_id IS NULL, no IS NULL FROM service.proof_finding ORDER BY n"


@pytest.fixture
async def engine(loaded_url: str) -> AsyncIterator[AsyncEngine]:
    """A pool of connections to the five books of the smallest bundle."""
    async with engine_of(loaded_url) as made:
        yield made


@pytest.fixture(autouse=True)
def narrow(monkeypatch: pytest.MonkeyPatch) -> None:
    """Two books to a stretch."""
    monkeypatch.setattr(stretches, "BOOKS_OF_A_STRETCH", 2)


async def prove(engine: AsyncEngine, job: Job = PROOF) -> None:
    await run(engine, job, END_OF_JUNE, asked_by="tests", clock=CLOCK)


async def change(url: str, *statements: str) -> None:
    await asyncio.to_thread(execute, url, *statements)


async def test_a_night_proves_all_that_the_command_proves(
    engine: AsyncEngine, loaded_url: str
) -> None:
    """Every book, entry, line and link, each in one part, by a run that each part names."""
    whole = await whole_proof(engine, actor="tests", clock=CLOCK)
    await prove(engine)
    of = whole.books
    assert await rows(loaded_url, PROVEN) == [
        ("books", of.books, of.entries, of.lines, 0, 0, 3),
        ("trail", 0, 0, 0, whole.links, 0, audit.SHARES + 1),
    ]
    assert whole.links > 0
    runs = "SELECT DISTINCT run FROM service.proof_part"
    assert await rows(loaded_url, runs) == await rows(loaded_url, "SELECT id FROM service.job_run")


async def test_a_tampered_book_found_at_night_is_kept_shown_and_said(
    engine: AsyncEngine, loaded_url: str, capsys: pytest.CaptureFixture[str]
) -> None:
    """The job is done all the same; the finding says book and entry, as the command does."""
    await change(loaded_url, TAMPER)
    await prove(engine)
    whole = await whole_proof(engine, actor="tests", clock=CLOCK)
    said = capsys.readouterr().out
    assert "the proof found what does not hold" in said
    assert "error" in said
    listed = await listing.findings(engine, None, actor="tests", clock=CLOCK)
    assert listed == [str(one) for one in whole.findings]
    assert all(line in said for line in listed)
    async with read_books(engine, actor="tests", now=CLOCK()) as books:
        standing = {one.name: one for one in (await state(books, listing.duties())).jobs}
    assert standing["proof"].findings == len(listed) > 0
    assert standing["proof"].failure is None
    assert standing["proof"].last_day == END_OF_JUNE
    assert standing["arrears"].findings is None


async def test_a_forged_link_of_the_trail_is_found_at_night(
    engine: AsyncEngine, loaded_url: str
) -> None:
    """It has no book; the finding says whose chain and which link."""
    await change(loaded_url, FORGE)
    await prove(engine)
    assert await rows(loaded_url, KEPT) == [("house", True, False)]
    assert await listing.findings(engine, END_OF_JUNE, actor="tests", clock=CLOCK) == [
        "audit trail of the house, link 1: it does not say what was sealed"
    ]


@pytest.mark.parametrize(
    "tampering",
    [
        FORGE,
        "UPDATE audit.trail SET code = 'CO-9' WHERE no = 1 AND code = 'CO-01'",
        "UPDATE audit.trail SET about = 'person', prev_hash = sha256('x') WHERE no = 1",
        "DELETE FROM audit.trail",
        "DELETE FROM audit.chain",
        "UPDATE audit.chain SET last_no = last_no + 2",
        "UPDATE audit.chain SET code = code || 'x'",
    ],
)
async def test_the_trail_in_shares_is_proven_as_the_whole_is(
    engine: AsyncEngine, loaded_url: str, tampering: str
) -> None:
    """Each chain is in one share; one whose head is gone is in the last."""
    appoint = "INSERT INTO service.holiday VALUES ('{}', 'A day')"
    await change(
        loaded_url,
        *(appoint.format(f"2026-08-1{day}") for day in range(4)),
        "UPDATE service.member SET name = 'X'",
        "UPDATE service.organisation SET name = name || 'x'",
    )
    await change(loaded_url, f"SET session_replication_role = replica; {tampering}")
    async with read_books(engine, actor="tests", now=CLOCK()) as books:
        wanted = await audit.broken(books)
        there = await audit.count(books)
        shares = [await audit.prove_share(books, n) for n in range(audit.SHARES + 1)]
    assert wanted
    found = [one for _, broken in shares for one in broken]
    assert sorted(found, key=str) == sorted(wanted, key=str)
    assert sum(links for links, _ in shares) == there


async def test_a_proof_killed_between_parts_is_resumed(
    engine: AsyncEngine, loaded_url: str
) -> None:
    """What was proven stays proven; the next run proves the rest, and no book twice."""
    seen: list[Stretch] = []

    async def die(books: Books, *, stretch: Stretch) -> Work:
        seen.append(stretch)
        if len(seen) == 2:
            await books.fetch("SELECT pg_terminate_backend(pg_backend_pid())")
        return await proof.prove_books(books, stretch=stretch)

    dying = Job("proof", (Step(proof.BOOKS, cut=True, look=die), PROOF.steps[1]))
    with pytest.raises((DBAPIError, asyncpg.PostgresError, asyncpg.InterfaceError)):
        await prove(engine, dying)
    done = await rows(loaded_url, PARTS)
    assert 1 <= len(done) < 3
    told: list[Progress] = []
    await run(engine, PROOF, END_OF_JUNE, asked_by="next", clock=CLOCK, tell=told.append)
    assert [one.done for one in told if one.step == "books"] == list(range(len(done) + 1, 4))
    assert await rows(loaded_url, PARTS) == [(1,), (3,), (5,)]


async def test_a_proof_while_posting_and_folding_go_on_finds_nothing(
    engine: AsyncEngine, loaded_url: str
) -> None:
    """Each part sees one moment of its books, whatever happens between its questions."""
    now = CLOCK()

    async def post(n: int) -> None:
        lines = (SheetLine("M-0002", SheetLineKind.SAVING_VOLUNTARY, 10_00),)
        sheet = Sheet(f"BUSY-{n}", "CO-01", END_OF_JUNE, ("M-0001", "M-0002"), 10_00, lines)
        async with write_books(engine, actor="clerk", now=now) as books:
            await sheets.prepare(books, sheet)
            await sheets.close(books, sheet.code, key=sheet.code)
        await fold_all(engine, clock=CLOCK)

    async def posting(ended: asyncio.Event) -> int:
        n = 0
        while not ended.is_set():
            await post(n)
            n += 1
        return n

    ended = asyncio.Event()
    going_on = asyncio.create_task(posting(ended))
    await prove(engine)
    ended.set()
    assert await going_on > 0
    assert await rows(loaded_url, "SELECT sum(findings)::int FROM service.proof_part") == [(0,)]


async def test_what_a_proof_reads_keeps_nobody_from_asking_what_was_known(
    engine: AsyncEngine, loaded_url: str
) -> None:
    """It writes only when it has read: until then no moment waits for it to be settled."""
    settled: list[bool] = []

    async def look(books: Books, *, stretch: Stretch) -> Work:
        work = await proof.prove_books(books, stretch=stretch)
        began = await books.ledger.fetchval("SELECT now()")
        other = await asyncpg.connect(asyncpg_url(loaded_url))
        settled.append(await other.fetchval("SELECT ledger.settled_before() > $1", began))
        await other.close()
        return work

    monkey = Job("proof", (Step(proof.BOOKS, cut=True, look=look),))
    await prove(engine, monkey)
    assert len(settled) == 3
    assert all(settled)


async def test_of_very_many_findings_some_are_kept_and_all_counted(
    engine: AsyncEngine, loaded_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A stretch of which nothing holds fills no disk."""
    monkeypatch.setattr(proofs, "MOST_KEPT", 2)
    monkeypatch.setattr(proof, "MOST_SAID", 1)
    await change(loaded_url, TAMPER_ALL)
    await prove(engine)
    counts = "SELECT sum(findings)::int, max(findings)::int FROM service.proof_part"
    ((all_of_them, most),) = await rows(loaded_url, counts)
    assert int(str(most)) > 2
    ((kept,),) = await rows(loaded_url, "SELECT count(*) FROM service.proof_finding")
    assert int(str(kept)) <= 2 * 3 < int(str(all_of_them))
