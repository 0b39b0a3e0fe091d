"""The service killed as by a power cut, in the middle of concurrent postings over HTTP.

After each kill the same data directory is served again, every request without an answer is
asked again under its key, and the books must be those of a service that was never killed.
"""

from __future__ import annotations

import asyncio
import random
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any, Final

import httpx
import pytest

from ledger.calendar import business_date
from ledger.money import rupees
from ledger.postgres.verify import verify
from service.books import read_books
from tests.jobs.asking import rows
from tests.jobs.services import serving, url_while_serving
from tests.support.database import scratch_directory
from tests.support.importing import NOW, engine_of
from tests.support.people import Post, appoint, signed_in

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator
    from pathlib import Path

    from tests.jobs.services import Service

CLERKS: Final = 6
TODAY: Final = business_date(datetime.now(tz=UTC)).isoformat()
"""What lies long back would wait for a second officer."""
MEMBERS: Final = ("M-0001", "M-0002", "M-0003", "M-0004", "M-0005", "M-0006")
PEOPLE: Final[dict[str, Iterable[Post]]] = {
    f"clerk-{n}": [Post("accountant", "CO-01", below=False)] for n in range(CLERKS)
}
ASKED_AGAIN: Final = 20
"""How many of the answered requests of a round are asked again, beside all unanswered ones."""
HALF: Final = """
    SELECT s.code, s.state, s.entry_no, e.no
    FROM service.sheet s
    JOIN service.organisation o ON o.code = s.organisation
    FULL JOIN ledger.entry e ON e.book_id = o.book_id AND e.reference = s.code
    WHERE coalesce(s.code, e.reference) LIKE 'K-%'
        AND (s.code IS NULL OR s.entry_no IS DISTINCT FROM e.no
            OR (s.state = 'closed') <> (e.no IS NOT NULL))
"""
POSTED: Final = """
    SELECT e.reference, count(DISTINCT e.no), sum(l.debit)::bigint
    FROM ledger.entry e JOIN ledger.line l ON l.book_id = e.book_id AND l.entry_no = e.no
    WHERE e.reference LIKE 'K-%' GROUP BY e.reference
"""


@pytest.fixture
def data_dir() -> Iterator[Path]:
    with scratch_directory() as directory:
        yield directory


@dataclass(slots=True)
class Clerk:
    """Posts meetings one after the other, and remembers what was answered."""

    name: str
    answered: dict[str, dict[str, Any]] = field(default_factory=dict)
    """The answer to each closing, by the code of its sheet."""
    unanswered: str | None = None
    """The sheet in hand when the service went away."""

    async def work(self, client: httpx.AsyncClient, round_: int) -> None:
        """Post until the service is gone."""
        number = 0
        while True:
            number += 1
            code = f"K-{round_}-{self.name}-{number}"
            self.unanswered = code
            try:
                self.answered[code] = await self.post(client, code)
            except httpx.TransportError:
                return

    async def post(self, client: httpx.AsyncClient, code: str) -> dict[str, Any]:
        """Draft and close a meeting; a draft that is there already is the one meant."""
        actor = signed_in(f"clerk-{self.name}")
        drafted = await client.post("/v1/sheets", json=meeting(code), headers=actor)
        if drafted.status_code != httpx.codes.CREATED:
            assert drafted.json()["code"] == "already_exists", drafted.text
        key = {"Idempotency-Key": f"key-{code}"}
        closed = await client.post(f"/v1/sheets/{code}/close", headers=actor | key)
        assert closed.is_success, closed.text
        return dict(closed.json())


def amount_of(code: str) -> int:
    """What each member brings, in paisa: no two meetings of a clerk are alike."""
    return 100 + sum(map(ord, code)) + 100 * int(code.rpartition("-")[2])


def meeting(code: str) -> dict[str, Any]:
    amount = rupees(amount_of(code))
    kind = "saving_voluntary"
    return {
        "code": code,
        "organisation": "CO-01",
        "held_on": TODAY,
        "present": list(MEMBERS),
        "cash_counted": rupees(amount_of(code) * len(MEMBERS)),
        "lines": [{"member": member, "kind": kind, "amount": amount} for member in MEMBERS],
    }


async def post_until_killed(
    service: Service, clerks: list[Clerk], round_: int, after: float
) -> None:
    """All clerks post at once; the service is killed after some seconds of it."""
    async with httpx.AsyncClient(base_url=service.address, timeout=30) as client:
        working = [asyncio.create_task(clerk.work(client, round_)) for clerk in clerks]
        while not any(clerk.answered for clerk in clerks):
            await asyncio.sleep(0.01)
            assert not any(task.done() for task in working)
        await asyncio.sleep(after)
        service.kill()
        await asyncio.gather(*working)


async def ask_again(service: Service, clerks: list[Clerk]) -> None:
    """Whoever got no answer asks again under the same key, and so do some who did."""
    async with httpx.AsyncClient(base_url=service.address, timeout=30) as client:
        for clerk in clerks:
            for code in list(clerk.answered)[-ASKED_AGAIN // CLERKS :]:
                assert await clerk.post(client, code) == clerk.answered[code]
            if clerk.unanswered is not None:
                clerk.answered[clerk.unanswered] = await clerk.post(client, clerk.unanswered)


async def refuse_half(url: str) -> None:
    """Raise unless every closed sheet has its entry, and every entry its closed sheet."""
    assert await rows(url, HALF) == []


async def prove(url: str, answered: dict[str, dict[str, Any]]) -> None:
    """Raise unless the books hold exactly what was answered, each once, and all invariants."""
    found = {str(code): (count, total) for code, count, total in await rows(url, POSTED)}
    assert found == {code: (1, amount_of(code) * len(MEMBERS)) for code in answered}
    kept = await rows(url, "SELECT code, entry_no FROM service.sheet")
    numbers = {str(code): no for code, no in kept}
    for code, answer in answered.items():
        assert [voucher["no"] for voucher in answer["vouchers"]] == [numbers[code]]
    async with engine_of(url) as engine, read_books(engine, actor="auditor", now=NOW) as books:
        proof = await verify(books.ledger)
    assert proof.findings == ()
    assert proof.entries >= len(answered)


async def kill_again_and_again(data_dir: Path, times: int, seed: int) -> int:
    """Kill a posting service some times; how many postings were answered in all."""
    chance = random.Random(seed)  # noqa: S311 - the moments of the kills, repeatable
    answered: dict[str, dict[str, Any]] = {}
    clerks = [Clerk(str(n)) for n in range(CLERKS)]
    for round_ in range(times):
        with serving(data_dir) as service:
            if round_ == 0:
                await asyncio.to_thread(appoint, url_while_serving(data_dir), PEOPLE)
            await refuse_half(url_while_serving(data_dir))
            await ask_again(service, clerks)
            answered |= {code: answer for c in clerks for code, answer in c.answered.items()}
            clerks = [Clerk(str(n)) for n in range(CLERKS)]
            await post_until_killed(service, clerks, round_, chance.uniform(0.0, 0.6))
    with serving(data_dir) as service:
        url = url_while_serving(data_dir)
        await refuse_half(url)
        await ask_again(service, clerks)
        answered |= {code: answer for c in clerks for code, answer in c.answered.items()}
        await prove(url, answered)
        assert await asyncio.to_thread(service.stop) == 0
    return len(answered)


async def test_what_was_acknowledged_is_there_once_after_ten_kills(data_dir: Path) -> None:
    """Nothing that was answered is lost, nothing is there twice, nothing half."""
    assert await kill_again_and_again(data_dir, times=10, seed=10) >= 10


@pytest.mark.long
async def test_what_was_acknowledged_is_there_once_after_two_hundred_kills(data_dir: Path) -> None:
    """The same, through a night of power cuts."""
    assert await kill_again_and_again(data_dir, times=200, seed=200) >= 200
