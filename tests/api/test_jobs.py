"""How jobs stand, for who looks after the whole house."""

from __future__ import annotations

import asyncio
from datetime import UTC, date, datetime, timedelta
from typing import TYPE_CHECKING, Final

import pytest

from service.jobs import Duty
from tests.api.helpers import good, make_app, one_officer, refused, serve
from tests.support.database import execute
from tests.support.importing import NOW, engine_of
from tests.support.people import Post, appoint

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

    import httpx

SILENT_FOR: Final = timedelta(minutes=15)
DUTIES: Final = (
    Duty("arrears", "nightly", ("loans", "portfolio_at_risk", "dues"), SILENT_FOR),
    Duty("fold", "continuously", (), SILENT_FOR),
)
PROOF: Final = Duty(
    "proof", "nightly", ("books", "trail"), SILENT_FOR, only_latest=True, proves=True
)
PROVEN: Final = """
    INSERT INTO service.job_run (id, job, business_date, started_at, asked_by, finished_at)
    VALUES (gen_random_uuid(), 'proof', '{on}', '{on}', 'tests', {finished});
    INSERT INTO service.proof_part (business_date, step, first, findings, proven_at, run)
    SELECT business_date, 'books', 1, {findings}, now(), id FROM service.job_run
    WHERE business_date = '{on}'
"""
FOUND: Final = """
    INSERT INTO service.proof_finding (business_date, about, code, book_id, no, what, run)
    VALUES ('2026-07-29', 'book', 'CO-01', 5, 7, 'I3: it does not fit', gen_random_uuid()),
        ('2026-07-30', 'person', 'hina', NULL, 2, 'links before it are missing', gen_random_uuid())
"""
RUN: Final = """
    INSERT INTO service.job_run (id, job, business_date, started_at, asked_by, rows_made, {more})
    VALUES (gen_random_uuid(), 'arrears', '{on}', '{at}', 'tests', 7, {values})
"""
PART: Final = """
    INSERT INTO service.job_part
    SELECT job, business_date, 'loans', {first}, id, 4, started_at FROM service.job_run
    WHERE business_date = '{on}'
"""
STEADY: Final = """
    INSERT INTO service.steady_job
    VALUES ('fold', '2026-07-31T08:00:00Z', '2026-07-30T08:00:00Z', 'It took too long.')
"""
DONE: Final = """
    INSERT INTO service.job_step
    SELECT 'arrears', day, steps.step, r.id, now()
    FROM service.job_run r, generate_series('2026-03-05'::date, '2026-07-29', '1 day') AS day,
        unnest(ARRAY ['loans', 'portfolio_at_risk', 'dues']) AS steps (step)
    WHERE r.finished_at IS NOT NULL
"""


@pytest.fixture
async def client(one_co_url: str) -> AsyncIterator[httpx.AsyncClient]:
    """A client on the books of one CO, where arrears and folding are known."""
    async with serve(one_co_url, duties=DUTIES) as found:
        yield found


def begun(on: str, *, at: datetime, more: str, values: str) -> str:
    """A run of a day, with more columns of it."""
    return RUN.format(on=on, at=at.isoformat(), more=more, values=values)


async def test_jobs_that_never_ran_are_far_behind(client: httpx.AsyncClient) -> None:
    """All days since the first posting; and all that is posted waits to be folded."""
    found = good(await client.get("/v1/jobs"))
    assert found["leader"] is None
    arrears, fold = found["items"]
    assert arrears.pop("findings") is None
    days = (date(2026, 7, 30) - date(2026, 3, 5)).days + 1
    never = {"last_success_at": None, "last_day": None, "running": None, "failure": None}
    assert arrears == never | {
        "name": "arrears",
        "when": "nightly",
        "lag_days": days,
        "waiting": None,
    }
    assert fold["waiting"]["deltas"] > 100
    assert fold["waiting"]["oldest_at"] == "2026-03-05T13:00:00Z"
    assert fold["lag_days"] is None


async def test_a_success_a_failure_and_a_run_under_way_are_shown(
    client: httpx.AsyncClient, one_co_url: str
) -> None:
    """Each from the run that it happened in."""
    hour = timedelta(hours=1)
    await asyncio.to_thread(
        execute,
        one_co_url,
        begun(
            "2026-07-29",
            at=NOW - 9 * hour,
            more="finished_at",
            values=f"'{(NOW - 8 * hour).isoformat()}'",
        ),
        DONE,
        begun(
            "2026-07-30",
            at=NOW - 2 * hour,
            more="failed_at, failure",
            values=f"'{(NOW - hour).isoformat()}', 'DeadlockDetectedError: deadlock detected'",
        ),
        begun(
            "2026-07-28",
            at=NOW - timedelta(minutes=1),
            more="step, parts, seen_at",
            values=f"'loans', 29, '{NOW.isoformat()}'",
        ),
        PART.format(on="2026-07-28", first=1),
        PART.format(on="2026-07-28", first=20_001),
        STEADY,
    )
    arrears, fold = good(await client.get("/v1/jobs"))["items"]
    assert (arrears["last_day"], arrears["lag_days"]) == ("2026-07-29", 1)
    assert arrears["last_success_at"] == (NOW - 8 * hour).isoformat().replace("+00:00", "Z")
    assert arrears["failure"] == {
        "at": (NOW - hour).isoformat().replace("+00:00", "Z"),
        "why": "DeadlockDetectedError: deadlock detected",
    }
    assert arrears["running"] == {
        "on": "2026-07-28",
        "step": "loans",
        "done": 2,
        "parts": 29,
        "rows": 7,
        "since": (NOW - timedelta(minutes=1)).isoformat().replace("+00:00", "Z"),
    }
    assert fold["last_success_at"] == "2026-07-31T08:00:00Z"
    assert fold["failure"]["why"] == "It took too long."


async def test_a_run_that_gives_no_sign_is_not_under_way(
    client: httpx.AsyncClient, one_co_url: str
) -> None:
    """Nobody can say that it was killed; after a while nobody believes in it."""
    seen_at = NOW - SILENT_FOR
    await asyncio.to_thread(
        execute,
        one_co_url,
        begun(
            "2026-07-30",
            at=seen_at,
            more="step, parts, seen_at",
            values=f"'loans', 29, '{seen_at.isoformat()}'",
        ),
    )
    assert good(await client.get("/v1/jobs"))["items"][0]["running"] is None


@pytest.mark.parametrize(("since", "shown"), [(0, 3), (5, 5)])
async def test_what_a_proof_found_is_shown_until_another_is_whole(
    one_co_url: str, since: int, shown: int
) -> None:
    """One that has only begun says nothing good; a missed night is not made good, and no lag."""
    await asyncio.to_thread(
        execute,
        one_co_url,
        PROVEN.format(on="2026-07-01", findings=9, finished="now()"),
        PROVEN.format(on="2026-07-29", findings=3, finished="now()"),
        PROVEN.format(on="2026-07-30", findings=since, finished="NULL"),
    )
    async with serve(one_co_url, duties=(PROOF,)) as client:
        (proof,) = good(await client.get("/v1/jobs"))["items"]
    assert (proof["findings"], proof["lag_days"]) == (shown, 1)


async def test_findings_are_read_page_by_page_and_night_by_night(one_co_url: str) -> None:
    """Without a night those of the newest proof that is whole, and since."""
    proven = PROVEN.format(on="2026-07-29", findings=1, finished="now()")
    await asyncio.to_thread(execute, one_co_url, proven, FOUND)
    async with serve(one_co_url) as client:
        first = await client.get("/v1/jobs/findings", params={"limit": 1})
        (book,) = good(first)["items"]
        (link,) = good(await client.get(first.links["next"]["url"]))["items"]
        of_a_night = await client.get("/v1/jobs/findings", params={"on": "2026-07-30"})
        assert good(of_a_night)["items"] == [link]
    assert (book["about"], book["code"], book["no"]) == ("book", "CO-01", 7)
    assert (link["about"], link["code"], link["on"]) == ("person", "hina", "2026-07-30")


async def test_who_led_last_does_not_lead_without_the_lock(
    client: httpx.AsyncClient, one_co_url: str
) -> None:
    """The row stays when the process is gone; the lock does not."""
    since = datetime(2026, 7, 1, tzinfo=UTC).isoformat()
    row = f"INSERT INTO service.leader VALUES (true, 1, 'host', 1, '{since}')"
    await asyncio.to_thread(execute, one_co_url, row)
    assert good(await client.get("/v1/jobs"))["leader"] is None


@pytest.mark.parametrize(
    ("posts", "status"),
    [
        ([Post("administrator")], 200),
        ([Post("auditor")], 200),
        ([Post("administrator", "LSO-01")], 403),
        ([Post("auditor", "LSO-01")], 403),
    ],
)
async def test_jobs_are_for_who_administers_or_reads_the_whole_house(
    one_co_url: str, posts: list[Post], status: int
) -> None:
    """Below it they are nobody's affair."""
    await asyncio.to_thread(appoint, one_co_url, {"hina": posts})
    async with (
        engine_of(one_co_url) as engine,
        one_officer(make_app(engine, duties=DUTIES), "hina") as hina,
    ):
        response = await hina.get("/v1/jobs")
    if status == 200:
        assert len(good(response)["items"]) == 2
    else:
        refused(response, status, "forbidden")
