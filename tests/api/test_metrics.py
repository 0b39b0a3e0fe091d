"""The page for Prometheus: what it says, and what it says when the database is away."""

from __future__ import annotations

import os
import re
import socket
from datetime import timedelta
from typing import TYPE_CHECKING, Final

import asyncpg
import httpx

from api.metrics import Measured, create_metrics
from api.traffic import Traffic
from service.books import make_engine
from service.jobs import LEADERS_LOCK, Duty
from tests.api.helpers import client_of, make_app
from tests.support.database import asyncpg_url
from tests.support.importing import NOW, engine_of

if TYPE_CHECKING:
    from sqlalchemy.ext.asyncio import AsyncEngine

DUTIES: Final = (
    Duty("arrears", "nightly", ("loans", "portfolio_at_risk", "dues"), timedelta(minutes=15)),
    Duty("proof", "nightly", ("books",), timedelta(minutes=15), only_latest=True, proves=True),
    Duty("fold", "continuously", (), timedelta(minutes=15)),
)
SAMPLE: Final = re.compile(r'^[a-z_]+(\{([a-z]+="[^"\n]*",?)+\})? -?[0-9.e+]+$')


async def page(engine: AsyncEngine, traffic: Traffic | None = None) -> str:
    """The page on a database."""
    app = create_metrics(Measured(engine, lambda: NOW, DUTIES, traffic or Traffic()))
    transport = httpx.ASGITransport(app)
    async with httpx.AsyncClient(transport=transport, base_url="http://amanat") as client:
        response = await client.get("/metrics")
    assert response.status_code == 200
    assert response.headers["content-type"].startswith("text/plain; version=0.0.4")
    return response.text


def values(text: str) -> dict[str, str]:
    """Each sample by its name and labels."""
    lines = [line for line in text.splitlines() if not line.startswith("#")]
    assert all(SAMPLE.match(line) for line in lines), text
    pairs = [line.rsplit(" ", 1) for line in lines]
    assert len(dict(pairs)) == len(pairs)
    return dict(pairs)


async def test_the_page_says_how_jobs_requests_and_the_process_fare(one_co_url: str) -> None:
    """Every metric is explained once, and every sample has its form."""
    traffic = Traffic()
    async with engine_of(one_co_url) as engine:
        async with client_of(make_app(engine, traffic=traffic)) as client:
            for path in ("/v1/organisations/CO-01", "/v1/organisations/VO-01", "/v1/nowhere/7"):
                await client.get(path)
        text = await page(engine, traffic)
    found = values(text)
    there = 'operation="get_organisation",status="200"'
    assert found[f"amanat_request_seconds_count{{{there}}}"] == "2"
    assert float(found[f"amanat_request_seconds_sum{{{there}}}"]) > 0
    nowhere = 'operation="",status="404"'
    assert found[f"amanat_request_seconds_count{{{nowhere}}}"] == "1"
    assert found["amanat_requests_under_way"] == "0"
    assert found["amanat_database_up"] == "1"
    assert found["amanat_led"] == found["amanat_leader"] == "0"
    assert found['amanat_job_lag_days{job="arrears"}'] == "148"
    assert found["amanat_proof_findings"] == "0"
    assert int(found["amanat_deltas_waiting"]) > 100
    assert int(found["process_resident_memory_bytes"]) > 10**6
    assert "amanat_database_connections_most" in found
    named = re.findall(r"^# HELP (\w+) ", text, re.MULTILINE)
    assert named == re.findall(r"^# TYPE (\w+) (?:gauge|summary)$", text, re.MULTILINE)
    assert len(named) == len(set(named))


async def test_a_process_that_leads_says_so(one_co_url: str) -> None:
    """It is the one that the leader's row names, as long as the lock is held."""
    connection = await asyncpg.connect(asyncpg_url(one_co_url))
    try:
        await connection.execute(f"SELECT pg_advisory_lock({LEADERS_LOCK})")
        await connection.execute(
            "INSERT INTO service.leader VALUES (true, pg_backend_pid(), $1, $2, now())",
            socket.gethostname(),
            os.getpid(),
        )
        async with engine_of(one_co_url) as engine:
            found = values(await page(engine))
            assert found["amanat_led"] == found["amanat_leader"] == "1"
            await connection.execute("UPDATE service.leader SET process = process + 1")
            found = values(await page(engine))
            assert (found["amanat_led"], found["amanat_leader"]) == ("1", "0")
    finally:
        await connection.close()


async def test_without_a_database_the_page_says_that_it_is_away() -> None:
    """What the process knows itself is there all the same."""
    engine = make_engine("postgresql+asyncpg://nobody@/nowhere?host=/nonexistent&port=5432")
    found = values(await page(engine))
    assert found["amanat_database_up"] == "0"
    assert "process_resident_memory_bytes" in found
    assert "amanat_led" not in found


async def test_what_is_asked_nowhere_makes_up_no_counts(one_co_url: str) -> None:
    """However many addresses and methods somebody makes up."""
    traffic = Traffic()
    async with (
        engine_of(one_co_url) as engine,
        client_of(make_app(engine, traffic=traffic)) as client,
    ):
        for n in range(10):
            await client.request(f"BREW{n}", f"/v1/{n}")
    assert list(traffic.counts) == [("", 404)]
    assert traffic.counts["", 404].answers == 10
