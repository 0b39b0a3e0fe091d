"""The commit comes before the reply, and a database in trouble is said so."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

import asyncpg
import pytest
from sqlalchemy import make_url

from service.books import make_engine
from tests.api.helpers import client_of, good, grant, keyed, make_app, refused, serve, sheet
from tests.support.database import asyncpg_url

if TYPE_CHECKING:
    import httpx

FAILING = """
    CREATE FUNCTION public.fail() RETURNS trigger LANGUAGE plpgsql AS $$
    BEGIN RAISE EXCEPTION 'at the very end' USING ERRCODE = '{state}'; END $$;
    CREATE CONSTRAINT TRIGGER fail AFTER INSERT ON service.holiday
        DEFERRABLE INITIALLY DEFERRED FOR EACH ROW EXECUTE FUNCTION public.fail();
"""
DAY = {"day": "2026-08-14", "name": "Independence Day"}


async def _execute(url: str, statement: str) -> None:
    connection = await asyncpg.connect(asyncpg_url(url))
    try:
        await connection.execute(statement)
    finally:
        await connection.close()


@pytest.mark.parametrize(
    ("state", "status", "code"),
    [
        ("XX000", 500, "unexpected"),
        ("40001", 503, "too_busy"),
        ("40P01", 503, "too_busy"),
        ("57P01", 503, "database_unavailable"),
        ("23505", 409, "already_exists"),
        ("23503", 404, "not_found"),
        ("23514", 422, "malformed"),
        ("22003", 422, "malformed"),
    ],
)
async def test_a_failing_commit_is_never_answered_with_success(
    client: httpx.AsyncClient, one_co_url: str, state: str, status: int, code: str
) -> None:
    """The error comes at COMMIT, after the route has made its 201."""
    await _execute(one_co_url, FAILING.format(state=state))
    response = await client.post("/v1/holidays", json=DAY)
    found = refused(response, status, code)
    assert "at the very end" not in response.text
    assert ("Retry-After" in response.headers) is (status == 503)
    assert found["title"]
    days = good(await client.get("/v1/holidays"))["items"]
    assert DAY not in days


async def test_what_is_answered_is_there_for_others(
    client: httpx.AsyncClient, one_co_url: str
) -> None:
    """Another connection sees it as soon as the answer is here."""
    good(await client.post("/v1/sheets", json=sheet()), 201)
    connection = await asyncpg.connect(asyncpg_url(one_co_url))
    try:
        assert await connection.fetchval("SELECT count(*) FROM service.sheet WHERE code = 'S-08'")
    finally:
        await connection.close()


async def test_two_at_once_take_one_code(client: httpx.AsyncClient) -> None:
    """The other one is told that it is taken."""
    answers = await asyncio.gather(
        *(client.post("/v1/sheets", json=sheet()) for _ in range(4)),
    )
    assert sorted(answer.status_code for answer in answers) == [201, 409, 409, 409]


async def test_two_events_at_once_take_one_code(client: httpx.AsyncClient) -> None:
    """Under two keys: one is posted, of the other nothing."""
    answers = await asyncio.gather(
        *(client.post("/v1/events", json=grant(), headers=keyed(f"k{n}")) for n in range(4)),
    )
    assert sorted(answer.status_code for answer in answers) == [201, 409, 409, 409]


async def test_a_lost_database_is_unavailable(one_co_url: str) -> None:
    """Nobody listens there: 503, to come again; the service itself lives."""
    nowhere = make_url(one_co_url).update_query_dict({"host": "/nonexistent"})
    async with serve(nowhere.render_as_string(hide_password=False)) as client:
        for path in ("/v1/organisations", "/health/ready"):
            refused(await client.get(path), 503, "database_unavailable")
        assert good(await client.get("/health/live")) == {"status": "ok"}


async def test_a_broken_connection_is_unavailable_once(one_co_url: str) -> None:
    """At most: a connection that the server ended is replaced."""
    async with serve(one_co_url) as client:
        good(await client.get("/v1/organisations"))
        await _execute(
            one_co_url,
            "SELECT pg_terminate_backend(pid) FROM pg_stat_activity"
            " WHERE datname = current_database() AND pid <> pg_backend_pid()",
        )
        statuses = [(await client.get("/v1/organisations")).status_code for _ in range(3)]
        assert statuses[1:] == [200, 200]


async def test_too_many_at_once_are_told_to_come_again(one_co_url: str) -> None:
    """The pool is waited for only so long."""
    engine = make_engine(one_co_url, connections=1)
    engine.pool._timeout = 0.05  # type: ignore[attr-defined] # no setting reaches it
    try:
        async with engine.connect(), client_of(make_app(engine)) as client:
            refused(await client.get("/v1/organisations"), 503, "too_busy")
    finally:
        await engine.dispose()


async def test_the_service_is_ready_only_with_every_migration(one_co_url: str) -> None:
    """A database behind is not worked on."""
    async with serve(one_co_url) as client:
        assert good(await client.get("/health/ready")) == {"status": "ok"}
        await _execute(one_co_url, "UPDATE alembic_version SET version_num = '0001'")
        refused(await client.get("/health/ready"), 503, "not_ready")
