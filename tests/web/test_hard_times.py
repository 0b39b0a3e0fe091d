"""Pages when things go wrong around them: too much at once, no database, no session any more."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from api.rates import Rates
from service.books import make_engine
from tests.api.conftest import one_co_template, one_co_url
from tests.api.helpers import make_app, one_officer, serve

if TYPE_CHECKING:
    import pytest

__all__ = ["one_co_template", "one_co_url"]

BROWSER: Final = {"Accept": "text/html,*/*;q=0.8", "Accept-Language": "en"}
HTML: Final = "text/html; charset=utf-8"


async def test_too_much_at_once_is_said_on_a_page(one_co_url: str) -> None:
    """With what to do, and the headers that a browser goes by; a machine has its problem."""
    rates = Rates(credential=1, address=1, sign_in=1)
    async with serve(one_co_url, rates=rates) as client:
        for _ in range(2):
            answer = await client.post("/login", data={"name": "x"}, headers=BROWSER)
        assert (answer.status_code, answer.headers["Content-Type"]) == (429, HTML)
        assert "Wait a little, then try again." in answer.text
        assert int(answer.headers["Retry-After"]) > 0
        assert "default-src 'none'" in answer.headers["Content-Security-Policy"]
        answer = await client.post("/v1/sessions", json={}, headers=BROWSER)
        assert "json" in answer.headers["Content-Type"]


async def test_what_is_too_large_is_said_on_a_page(one_co_url: str) -> None:
    """It is refused before any page sees it."""
    async with serve(one_co_url, most_bytes=100) as client:
        answer = await client.post("/sheets/new", data={"a": "b" * 200}, headers=BROWSER)
        assert (answer.status_code, answer.headers["Content-Type"]) == (413, HTML)


async def test_no_database_is_said_on_a_page(monkeypatch: pytest.MonkeyPatch) -> None:
    """Nothing is lost, it says, and the form may be sent again."""
    monkeypatch.setenv("PGCONNECT_TIMEOUT", "1")
    engine = make_engine("postgresql+asyncpg://nobody@127.0.0.1:1/nowhere", connections=1)
    try:
        async with one_officer(make_app(engine), "shazia") as client:
            for answer in (
                await client.get("/", headers=BROWSER),
                await client.post("/sheets/new", data={"csrf": "x"}, headers=BROWSER),
                await client.post("/login", data={"name": "x", "password": "y"}, headers=BROWSER),
            ):
                assert (answer.status_code, answer.headers["Content-Type"]) == (503, HTML)
                assert "The books cannot be reached." in answer.text
    finally:
        await engine.dispose()
