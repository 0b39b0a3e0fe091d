"""How often, how much and how long: whoever goes beyond is refused, and harms nobody else."""

from __future__ import annotations

import asyncio
import json
from contextlib import asynccontextmanager
from itertools import count
from typing import TYPE_CHECKING, Any, Final, cast

import asyncpg
import httpx
import pytest
from starlette.requests import Request
from starlette.responses import Response

from api import rates as rates_module
from api.headers import ALWAYS, SafeHeaders
from api.limits import BodyLimit, Patience, TimeLimit
from api.openapi import document
from api.rates import RateLimit, Rates, proved
from service import books
from service.books import Caller, make_engine
from tests.api.helpers import client_of, good, keyed, make_app, refused, serve, sheet
from tests.support.database import asyncpg_url
from tests.support.people import signed_in

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

    from starlette.types import ASGIApp, Receive, Scope, Send

MEMBERS: Final = "/v1/organisations/CO-01/members"
HOLIDAY: Final = {"day": "2026-08-14", "name": "Independence Day"}
QUICK: Final = Patience(answer_s=0.3, body_s=0.2)
FEW: Final = Rates(credential=3, address=5, sign_in=2)


# -- How often --------------------------------------------------------------------------


@asynccontextmanager
async def limited(app: ASGIApp, host: str = "192.0.2.1") -> AsyncIterator[httpx.AsyncClient]:
    """A client of an ASGI application, from an address."""
    transport = httpx.ASGITransport(app, client=(host, 1), raise_app_exceptions=False)
    async with httpx.AsyncClient(transport=transport, base_url="http://amanat") as client:
        yield client


class Gate:
    """An application that lets in whoever says `good-…`: the rest is the caller's name."""

    def __init__(self) -> None:
        self.asked = 0

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer 200 or 401."""
        self.asked += 1
        request = Request(scope)
        token = request.cookies.get("amanat_session", "") or request.headers.get(
            "Authorization", ""
        )
        _, is_good, name = token.partition("good-")
        if is_good:
            nobody: Any = None
            name = name.partition(":")[0]
            proved(request, Caller(name, name, frozenset(), None, nobody, None, stale=False))
        await Response(status_code=200 if is_good else 401)(scope, receive, send)


def session(token: str) -> dict[str, str]:
    """The header of a session's cookie."""
    return {"Cookie": f"amanat_session={token}"}


async def test_answers_say_how_much_is_left(one_co_url: str) -> None:
    """The first request counts for the address, until the session has proved good."""
    async with serve(one_co_url, rates=FEW) as client:
        answers = [await client.get(MEMBERS) for _ in range(3)]
    assert [answer.headers["RateLimit-Policy"] for answer in answers] == [
        '"address";q=5;w=60',
        '"credential";q=3;w=60',
        '"credential";q=3;w=60',
    ]
    assert [answer.headers["RateLimit"] for answer in answers] == [
        '"address";r=4;t=60',
        '"credential";r=2;t=60',
        '"credential";r=1;t=60',
    ]


async def test_one_too_many_is_refused_and_told_when_to_come_again(one_co_url: str) -> None:
    """429 with Retry-After; somebody else at the same address is answered."""
    async with serve(one_co_url, rates=FEW) as client:
        for _ in range(4):
            good(await client.get(MEMBERS))
        answer = await client.get(MEMBERS)
        refused(answer, 429, "too_many_requests")
        assert 1 <= int(answer.headers["Retry-After"]) <= 60
        assert answer.headers["RateLimit"].startswith('"credential";r=0;t=')
        good(await client.get(MEMBERS, headers=signed_in("nadia")))


async def test_what_is_refused_is_not_worked_on() -> None:
    """The application is not asked."""
    gate = Gate()
    async with limited(RateLimit(gate, rates=FEW)) as client:
        for _ in range(10):
            await client.get("/")
    assert gate.asked == FEW.address


async def test_a_window_ends_and_all_is_forgotten() -> None:
    """But who proved good: their next request counts for them at once."""
    now = count(0, 10)
    app = RateLimit(Gate(), rates=FEW, timer=lambda: next(now))
    async with limited(app) as client:
        policies = []
        for _ in range(12):
            answer = await client.get("/", headers=session("good-a"))
            policies.append((answer.status_code, answer.headers["RateLimit"].partition(";")[0]))
    assert policies[0] == (200, '"address"')
    assert set(policies[1:]) == {(200, '"credential"')}


async def test_made_up_credentials_count_for_their_address() -> None:
    """A new one each time gets nobody further, and takes no memory."""
    gate = Gate()
    app = RateLimit(gate, rates=FEW)
    async with limited(app) as client:
        statuses = [
            (await client.get("/", headers=session(f"bad-{n}"))).status_code for n in range(1000)
        ]
    assert statuses == [401] * 5 + [429] * 995
    assert (len(app._good), len(app._counts)) == (0, 1)


async def test_whoever_is_signed_in_goes_on_where_others_knock_in_vain() -> None:
    """An address that is used up is no matter for a session that proved good."""
    async with limited(RateLimit(Gate(), rates=FEW)) as client:
        assert (await client.get("/", headers=session("good-a"))).status_code == 200
        for n in range(10):
            await client.get("/", headers=session(f"bad-{n}"))
        assert (await client.get("/", headers=session("bad"))).status_code == 429
        assert (await client.get("/", headers=session("good-a"))).status_code == 200


async def test_many_tokens_of_one_caller_share_what_one_has() -> None:
    """Neither fetching access tokens nor writing one in many ways multiplies the rate."""
    rates = Rates(credential=3, address=100, sign_in=2)
    async with limited(RateLimit(Gate(), rates=rates)) as client:
        for n in range(10):
            header = {"Authorization": f"Bearer good-machine:{n}"}
            assert (await client.get("/", headers=header)).status_code == 200
        again = [
            (await client.get("/", headers={"Authorization": f"Bearer good-machine:{n}"}))
            for n in range(4)
        ]
    assert [answer.status_code for answer in again] == [200, 200, 200, 429]


async def test_memory_is_bounded(monkeypatch: pytest.MonkeyPatch) -> None:
    """By the number of addresses and of good credentials; the latest stay known."""
    monkeypatch.setattr(rates_module, "MOST_KEYS", 10)
    app = RateLimit(Gate(), rates=FEW)
    for n in range(50):
        async with limited(app, f"192.0.2.{n}") as client:
            await client.get("/", headers=session(f"good-{n}"))
    assert len(app._counts) <= 12
    assert len(app._good) <= 10
    async with limited(app, "198.51.100.1") as client:  # one too many share one count
        assert (await client.get("/")).status_code == 429


@pytest.mark.parametrize(
    ("first", "second", "same"),
    [
        ("192.0.2.1", "192.0.2.2", False),
        ("2001:db8:0:1::1", "2001:db8:0:1:ffff::9", True),
        ("2001:db8:0:1::1", "2001:db8:0:2::1", False),
        ("::ffff:192.0.2.1", "192.0.2.1", True),
        ("::ffff:192.0.2.1", "::ffff:192.0.2.2", False),
        ("fe80::1%eth0", "fe80::1%eth0", True),
        ("not:an:address", "not:an:address", True),
    ],
)
async def test_an_address_of_ipv6_is_its_network(first: str, second: str, *, same: bool) -> None:
    """A household has 2^64 of them."""
    app = RateLimit(Gate(), rates=Rates(address=1))
    for host, status in ((first, 401), (second, 429 if same else 401)):
        async with limited(app, host) as client:
            assert (await client.get("/")).status_code == status


@pytest.mark.parametrize("path", ["/v1/sessions", "/v1/token", "/v1/recoveries"])
async def test_signing_in_has_a_rate_of_its_own(path: str) -> None:
    """By address, whatever credential comes along."""
    async with limited(RateLimit(Gate(), rates=FEW)) as client:
        assert (await client.get("/", headers=session("good-a"))).status_code == 200
        answers = [await client.post(path, headers=session("good-a")) for _ in range(3)]
        assert [answer.status_code for answer in answers] == [200, 200, 429]
        assert answers[0].headers["RateLimit-Policy"] == '"sign-in";q=2;w=60'
        assert (await client.get(path, headers=session("good-a"))).status_code == 200


async def test_guessing_passwords_is_refused_soon(one_co_url: str) -> None:
    """On the whole application."""
    async with serve(one_co_url, rates=FEW) as client:
        guess = {"name": "shazia", "password": "a guess of mine"}
        for _ in range(2):
            assert (await client.post("/v1/sessions", json=guess)).status_code != 429
        refused(await client.post("/v1/sessions", json=guess), 429, "too_many_requests")


# -- How much ---------------------------------------------------------------------------


async def _in_chunks(size: int, chunks: int, pause_s: float = 0) -> AsyncIterator[bytes]:
    for _ in range(chunks):
        yield b" " * size
        await asyncio.sleep(pause_s)


async def test_a_body_without_a_length_is_counted_as_it_comes(one_co_url: str) -> None:
    """Chunked, it says nothing of its size."""
    async with serve(one_co_url, most_bytes=5000) as client:
        assert (
            "content-length"
            not in client.build_request("POST", "/", content=_in_chunks(1, 1)).headers
        )
        headers = {"Content-Type": "application/json"}
        answer = await client.post("/v1/sheets", content=_in_chunks(1000, 6), headers=headers)
        refused(answer, 413, "body_too_large")
        assert answer.headers["Connection"] == "close"
        answer = await client.post("/v1/sheets", content=_in_chunks(1000, 5), headers=headers)
        refused(answer, 400, "json_malformed")


async def test_a_body_that_lies_about_its_length_is_counted(one_co_url: str) -> None:
    """Whatever Content-Length says."""
    async with serve(one_co_url, most_bytes=5000) as client:
        headers = {"Content-Type": "application/json", "Content-Length": "10"}
        answer = await client.post("/v1/sheets", content=b" " * 5001, headers=headers)
        refused(answer, 413, "body_too_large")
        headers["Content-Length"] = "5001"
        answer = await client.post("/v1/sheets", content=b"{}", headers=headers)
        refused(answer, 413, "body_too_large")


async def test_some_paths_take_more_and_longer() -> None:
    """Whole books are larger than a sheet, and come in slower."""

    async def taking(scope: Scope, receive: Receive, send: Send) -> None:
        body = await Request(scope, receive).body()
        await Response(str(len(body)))(scope, receive, send)

    app: ASGIApp = BodyLimit(taking, most_bytes=10, larger={"/large": 100})
    app = TimeLimit(app, patience=QUICK, longer={"/large": Patience(answer_s=5, body_s=5)})
    async with limited(app) as client:
        answer = await client.post("/large", content=_in_chunks(10, 10, pause_s=0.03))
        assert answer.text == "100"
        assert (await client.post("/large", content=b"x" * 101)).status_code == 413
        assert (await client.post("/small", content=b"x" * 11)).status_code == 413


def test_every_operation_declares_what_the_limits_refuse() -> None:
    """429 and 504 everywhere, 408 and 413 where there is a body."""
    operations = [
        (f"{method} {path}", operation)
        for path, methods in json.loads(document())["paths"].items()
        for method, operation in methods.items()
    ]
    assert operations
    for name, operation in operations:
        wanted = {"429", "504"} | ({"408", "413"} if "requestBody" in operation else set())
        assert wanted <= set(operation["responses"]), name


# -- How long ---------------------------------------------------------------------------


@pytest.fixture
async def owner(one_co_url: str) -> AsyncIterator[asyncpg.Connection]:
    """Somebody who can hold a lock on the books of one CO."""
    connection = await asyncpg.connect(asyncpg_url(one_co_url))
    try:
        yield connection
    finally:
        await connection.close()


async def test_what_takes_too_long_is_ended_and_rolled_back(
    one_co_url: str, owner: asyncpg.Connection
) -> None:
    """Its connection is free again, and nothing of it is kept once the lock is gone."""
    engine = make_engine(one_co_url, connections=1)
    try:
        async with client_of(make_app(engine, patience=QUICK)) as client, owner.transaction():
            await owner.execute("LOCK TABLE service.holiday IN ACCESS EXCLUSIVE MODE")
            answer = await client.post("/v1/holidays", json=HOLIDAY)
            refused(answer, 504, "timed_out")
        async with client_of(make_app(engine)) as client:
            assert HOLIDAY not in good(await client.get("/v1/holidays"))["items"]
            good(await client.post("/v1/holidays", json=HOLIDAY), 201)
    finally:
        await engine.dispose()


@pytest.mark.parametrize(
    ("table", "path"),
    [
        ("ledger.line", "/v1/organisations/CO-01/entries"),
        ("ledger.delta", "/v1/organisations/LSO-01/balances?consolidated=true"),
        ("ledger.delta", "/v1/reports/rollup?as_of=2026-06-30&node=LSO-01"),
        ("access.person", "/v1/me"),
        ("access.session", MEMBERS),
        ("service.sheet", "/v1/organisations/CO-01/sheets"),
    ],
)
async def test_wherever_it_waits_it_is_timed_out_and_its_connection_free_again(
    one_co_url: str, owner: asyncpg.Connection, table: str, path: str
) -> None:
    """By whichever of the two drivers it asks, and as whichever role."""
    engine = make_engine(one_co_url, connections=1)
    try:
        async with client_of(make_app(engine, patience=QUICK)) as client, owner.transaction():
            await owner.execute(f"LOCK TABLE {table} IN ACCESS EXCLUSIVE MODE")
            refused(await client.get(path), 504, "timed_out")
        async with client_of(make_app(engine)) as client:
            for _ in range(2):
                good(await client.get(path))
    finally:
        await engine.dispose()


async def test_a_transaction_that_is_ended_while_it_begins_is_rolled_back(
    one_co_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Else the next one would find itself in a transaction that has failed."""
    engine = make_engine(one_co_url, connections=1)
    try:
        with monkeypatch.context() as slow:
            slow.setattr(books, "_PERSON", f"{books._PERSON}; SELECT pg_sleep(5)")
            async with client_of(make_app(engine, patience=QUICK)) as client:
                refused(await client.get(MEMBERS), 504, "timed_out")
                refused(await client.post("/v1/holidays", json=HOLIDAY), 504, "timed_out")
        async with client_of(make_app(engine)) as client:
            good(await client.get(MEMBERS))
    finally:
        await engine.dispose()


async def test_at_whatever_moment_it_is_ended_its_connection_is_good_for_the_next(
    one_co_url: str,
) -> None:
    """While it begins, works, commits or rolls back: what was answered as kept is there.

    Of what was ended nothing is known, but that it is kept whole or not at all.
    """
    engine = make_engine(one_co_url, connections=1)
    try:
        kept = set()
        for n in range(40):
            ended = make_app(engine, patience=Patience(answer_s=n / 500))
            async with client_of(ended) as client:
                code = f"S-1{n:02d}"
                answer = await client.post("/v1/sheets", json=sheet(code))
                assert answer.status_code in {201, 504}, answer.text
                kept |= {code} if answer.status_code == 201 else set()
                answer = await client.get("/v1/organisations/LSO-01/balances?consolidated=true")
                assert answer.status_code in {200, 504}, answer.text
        async with client_of(make_app(engine)) as client:
            sheets = good(await client.get("/v1/organisations/CO-01/sheets?limit=500"))["items"]
            assert kept <= {one["code"] for one in sheets}
            assert all(one["lines"] for one in sheets)
    finally:
        await engine.dispose()


async def test_what_the_application_says_when_it_is_ended_is_not_the_answer() -> None:
    """Whatever it makes of being cancelled."""

    async def stubborn(scope: Scope, receive: Receive, send: Send) -> None:
        try:
            await asyncio.sleep(60)
        except asyncio.CancelledError:
            await Response("I was cut")(scope, receive, send)

    async def failing(_scope: Scope, _receive: Receive, _send: Send) -> None:
        try:
            await asyncio.sleep(60)
        except asyncio.CancelledError:
            raise RuntimeError from None

    for app in (stubborn, failing):
        async with limited(TimeLimit(app, patience=QUICK)) as client:
            refused(await client.get("/"), 504, "timed_out")


async def test_a_posting_that_timed_out_can_be_asked_again(
    one_co_url: str, owner: asyncpg.Connection
) -> None:
    """With the same key it is done once."""
    async with serve(one_co_url) as client:
        good(await client.post("/v1/sheets", json=sheet(present=["M-0001"])), 201)
    async with serve(one_co_url, patience=QUICK) as client, owner.transaction():
        await owner.execute("SELECT FROM ledger.book FOR UPDATE")
        answer = await client.post("/v1/sheets/S-08/close", headers=keyed("k1"))
        refused(answer, 504, "timed_out")
    async with serve(one_co_url) as client:
        first = good(await client.post("/v1/sheets/S-08/close", headers=keyed("k1")), 201)
        again = good(await client.post("/v1/sheets/S-08/close", headers=keyed("k1")), 201)
        assert first == again


async def test_a_statement_that_takes_too_long_is_ended_by_the_database(
    one_co_url: str, owner: asyncpg.Connection, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Its own limit strikes first, and says what to do."""
    monkeypatch.setattr(
        books,
        "_PERSON",
        books._PERSON.replace("statement_timeout = '30s'", "statement_timeout = 50"),
    )
    async with serve(one_co_url) as client, owner.transaction():
        await owner.execute("LOCK TABLE service.holiday IN ACCESS EXCLUSIVE MODE")
        found = refused(await client.get("/v1/holidays"), 504, "timed_out")
    assert "shorter period" in found["detail"]


async def test_a_body_that_trickles_in_is_cut(one_co_url: str) -> None:
    """However steadily it comes; the connection is not kept."""
    async with serve(one_co_url, patience=Patience(body_s=0.2)) as client:
        headers = {"Content-Type": "application/json"}
        trickle = _in_chunks(1, 1000, pause_s=0.02)
        answer = await client.post("/v1/sheets", content=trickle, headers=headers)
        refused(answer, 408, "body_too_slow")
        assert answer.headers["Connection"] == "close"


async def test_a_slow_body_that_comes_in_time_is_taken(one_co_url: str) -> None:
    """Slowness alone is no fault."""

    async def slowly() -> AsyncIterator[bytes]:
        for byte in json.dumps(HOLIDAY).encode():
            yield bytes([byte])
            await asyncio.sleep(0.001)

    async with serve(one_co_url, patience=Patience(answer_s=5, body_s=5)) as client:
        headers = {"Content-Type": "application/json"}
        good(await client.post("/v1/holidays", content=slowly(), headers=headers), 201)


async def test_an_answer_that_has_begun_is_not_cut() -> None:
    """A long stream ends when it ends."""

    async def streaming(_scope: Scope, _receive: Receive, send: Send) -> None:
        await send({"type": "http.response.start", "status": 200, "headers": []})
        for _ in range(3):
            await asyncio.sleep(QUICK.answer_s / 2)
            await send({"type": "http.response.body", "body": b"x", "more_body": True})
        await send({"type": "http.response.body", "body": b"."})

    async with limited(TimeLimit(streaming, patience=QUICK)) as client:
        assert (await client.get("/")).content == b"xxx."


async def test_a_time_out_of_the_application_is_its_own() -> None:
    """It is not taken for the limit's."""

    async def failing(_scope: Scope, _receive: Receive, _send: Send) -> None:
        raise TimeoutError

    limit = TimeLimit(failing, patience=QUICK)
    with pytest.raises(TimeoutError):
        await limit({"type": "http"}, cast("Receive", None), cast("Send", None))


async def test_whoever_waits_for_the_end_of_a_connection_waits() -> None:
    """After the whole body there is no more body to be late."""

    async def waiting(scope: Scope, receive: Receive, send: Send) -> None:
        while (await receive()).get("more_body"):
            pass
        with pytest.raises(TimeoutError):
            await asyncio.wait_for(receive(), QUICK.body_s * 1.2)
        await Response("waited")(scope, receive, send)

    async with limited(TimeLimit(waiting, patience=Patience(answer_s=5, body_s=0.1))) as client:
        assert (await client.get("/")).text == "waited"


@pytest.mark.parametrize("kind", ["lifespan", "websocket"])
async def test_the_limits_are_for_requests_alone(kind: str) -> None:
    """What else a server says goes through untouched."""
    seen = []

    async def inner(scope: Scope, _receive: Receive, _send: Send) -> None:
        seen.append(scope["type"])

    app: ASGIApp = BodyLimit(inner)
    app = SafeHeaders(RateLimit(TimeLimit(app, patience=QUICK), rates=FEW))
    await app({"type": kind}, cast("Receive", None), cast("Send", None))
    assert seen == [kind]


# -- Headers ----------------------------------------------------------------------------


@pytest.fixture
def broken(monkeypatch: pytest.MonkeyPatch) -> None:
    """Products cannot be read."""
    from service.loans import products  # noqa: PLC0415 - the name to replace

    async def fail(_books: object) -> None:
        raise RuntimeError

    monkeypatch.setattr(products, "products", fail)


@pytest.mark.usefixtures("broken")
@pytest.mark.parametrize(
    ("path", "status"),
    [
        (MEMBERS, 200),
        ("/v1/organisations/CO-99/members", 404),
        ("/v1/nothing", 404),
        (f"{MEMBERS}?limit=0", 422),
        ("/v1/products", 500),
        ("/health/live", 200),
        ("/openapi.json", 200),
    ],
)
async def test_no_answer_is_kept_guessed_or_framed(
    client: httpx.AsyncClient, path: str, status: int
) -> None:
    """Not even that of an internal error."""
    answer = await client.get(path)
    assert answer.status_code == status
    for name, value in ALWAYS:
        assert answer.headers.get_list(name.decode()) == [value.decode()]


async def test_an_answer_keeps_the_headers_of_its_own() -> None:
    """What is set on purpose stands, and once."""
    app = SafeHeaders(Response("x", headers={"Cache-Control": "max-age=60"}))
    async with limited(app) as client:
        answer = await client.get("/")
    assert answer.headers.get_list("Cache-Control") == ["max-age=60"]
    assert answer.headers["X-Content-Type-Options"] == "nosniff"
