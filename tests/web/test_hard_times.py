"""Pages when things go wrong around them: too much at once, no database, no session any more."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from api.rates import Rates
from service.books import make_engine
from tests.api.conftest import one_co_template, one_co_url
from tests.api.helpers import make_app, one_officer, serve
from tests.support.signing import PASSWORD, door_of
from tests.web.forms import fields_of, sent

if TYPE_CHECKING:
    import pytest

__all__ = ["one_co_template", "one_co_url"]

BROWSER: Final = {"Accept": "text/html,*/*;q=0.8", "Accept-Language": "en"}
ITS_OWN: Final = {**BROWSER, "Sec-Fetch-Site": "same-origin"}
TYPED: Final = {"csrf": "x", "organisation": "CO-01", "a:M-0001:fine": '5"><b>', "paid": "M-0001"}
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
                form := await client.post("/sheets/new", data=TYPED, headers=BROWSER),
                await client.post("/login", data={"name": "x", "password": "y"}, headers=BROWSER),
            ):
                assert (answer.status_code, answer.headers["Content-Type"]) == (503, HTML)
                assert "The books cannot be reached." in answer.text
            assert set(fields_of(form.text)) == {*TYPED.items()}
            assert "y" not in dict(fields_of(answer.text)).values()
    finally:
        await engine.dispose()


async def test_what_was_typed_outlives_the_session(officers_url: str) -> None:
    """She signs in on the page that says so, goes on, and finds her form as it was."""
    async with door_of(officers_url) as door, door.client() as client:
        await door.give_passwords("amina")
        typed = {**TYPED, "nth": "1", "on": "01-07-2026", "paid": ["M-0001", "M-0002"]}
        answer = await client.post("/sheets/new", data=typed, headers=ITS_OWN)
        assert answer.status_code == 401
        for password, status in (("wrong", 401), (PASSWORD, 200)):
            said = {**dict(fields_of(answer.text)), "name": "amina", "password": password}
            answer = await client.post("/login", data=said, headers=ITS_OWN)
            assert answer.status_code == status
        assert 'action="/sheets/new"' in answer.text
        found = fields_of(answer.text)
        assert [value for name, value in found if name == "paid"] == ["M-0001", "M-0002"]
        assert ("a:M-0001:fine", '5"><b>') in found
        answer = await sent(client, "/sheets/new", found)
        assert answer.status_code == 422
        assert 'value="5&#34;&gt;&lt;b&gt;"' in answer.text


async def test_a_form_of_a_foreign_page_is_not_carried_on(officers_url: str) -> None:
    """Nor does one sign anybody in."""
    async with door_of(officers_url) as door, door.client() as client:
        await door.give_passwords("amina")
        foreign = {**ITS_OWN, "Sec-Fetch-Site": "cross-site"}
        answer = await client.post("/sheets/new", data=TYPED, headers=foreign)
        assert (answer.status_code, "M-0001" in answer.text) == (401, False)
        hers = {"name": "amina", "password": PASSWORD}
        answer = await client.post("/login", data=hers, headers=foreign)
        assert (answer.status_code, "amanat_session" in answer.cookies) == (403, False)
        answer = await client.post("/login", data=hers, headers=ITS_OWN)
        assert answer.status_code == 303
