"""Asking the application a cell of the matrix, so that nothing of it stays.

Every transaction goes to its end, with what is only checked at commit, and is rolled back
instead of committed; what it would have changed is counted before.
"""

from __future__ import annotations

import json
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from http import HTTPStatus
from typing import TYPE_CHECKING, Any, Final

import httpx
from starlette.routing import Route

from service import books as service_books
from tests.access.asks import KINSHIP, Kin, filled, names, one_co
from tests.access.world import PARENTS, Federation, officer, private
from tests.support.importing import NOW
from tests.support.people import signed_in

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Iterator

    import asyncpg
    from fastapi import FastAPI

    from tests.access.asks import Ask

LETTERS: Final = {
    HTTPStatus.UNAUTHORIZED: "U",
    HTTPStatus.FORBIDDEN: "F",
    HTTPStatus.NOT_FOUND: "N",
}
READS_ONLY: Final = "READ ONLY"
_COUNTS: Final = """
    SELECT (SELECT count(*) FROM audit.trail WHERE changes -> 0 ->> 'read' IS NULL),
        (SELECT count(*) FROM ledger.entry), (SELECT count(*) FROM ledger.under)
"""
"""Triggers note every change of the institutions in the trail; what auditors read is apart."""


@dataclass(frozen=True, slots=True)
class Asked:
    """A cell as it was asked, and what came of it."""

    code: str
    """The organisation asked about."""
    open: frozenset[str]
    """The organisations whose books are open to whoever asked."""
    status: int
    text: str
    shows: str
    changed: bool

    @property
    def letter(self) -> str:
        """The letter of the answer."""
        status = self.status
        if self.text.startswith('{"items":[{"key":'):  # a batch answers for each of its items
            status = json.loads(self.text)["items"][0]["status"]
        if HTTPStatus.OK <= status < HTTPStatus.MULTIPLE_CHOICES:
            return "E" if self.shows and self.shows not in self.text else "Y"
        return LETTERS.get(HTTPStatus(status), str(status))

    @property
    def betrayed(self) -> list[str]:
        """What the answer tells of the organisation's members and money."""
        return sorted(text for text in private(self.code) if text in self.text)

    @property
    def hollow(self) -> bool:
        """Whether the answer is a list, and has no row but of books open to whoever asked."""
        first, *more = (json.loads(line) for line in self.text.splitlines() or ["null"])
        if more:  # lines of JSON: a head, the rows, and how many there are
            return len(more) == 1
        lists = isinstance(first, dict) and _lists(first)
        return lists and all(self._own(row) for row in _rows(first))

    def _own(self, row: dict[str, Any]) -> bool:
        """Whether a row is of an open book, or a transfer from or to one."""
        return bool(self.open & {row.get(key) for key in ("org", "organisation", "counterparty")})


def _rows(found: Any) -> Iterator[Any]:  # noqa: ANN401 - JSON is as wide as it is
    """The innermost objects that stand in lists."""
    if isinstance(found, list):
        for one in found:
            inner = list(_rows(one))
            yield from inner or ([one] if isinstance(one, dict) and not _lists(one) else [])
    elif isinstance(found, dict):
        for value in found.values():
            yield from _rows(value)


def _lists(found: dict[str, Any]) -> bool:
    return any(isinstance(value, list) for value in found.values())


def open_to(role: str, anchor: str | None) -> frozenset[str]:
    """The organisations whose books a role shows."""
    if role in {"administrator", "nobody"}:
        return frozenset()
    if anchor is None:
        return frozenset(PARENTS)
    alone = role in {"accountant", "president", "manager"}
    below = {code for code, parent in PARENTS.items() if parent == anchor and not alone}
    return frozenset({anchor} | below)


@dataclass
class Asker:
    """The application, asked by whoever a cell says."""

    app: FastAPI
    made: Federation
    tokens: dict[str, str] = field(default_factory=dict)
    counting: bool = False
    counts: list[tuple[int, ...]] = field(default_factory=list)
    """As the tables stood at first, then at the end of each transaction that wrote."""

    async def ask(self, ask: Ask, role: str, relation: int) -> Asked:
        """Ask one cell."""
        pair = KINSHIP[ask.kin][relation]
        assert pair is not None, "there is no such relation"
        anchor, code = pair
        me = officer(role, anchor)
        named = names(self.made, me, code, oneself=ask.kin is Kin.ONESELF and relation == 0)
        del self.counts[1:]
        response = await self.send(ask, named, self._proof(role, me))
        changed = any(counts != self.counts[0] for counts in self.counts)
        shows = filled(ask.shows, named)
        return Asked(
            code, open_to(role, anchor), response.status_code, response.text, shows, changed
        )

    async def send(self, ask: Ask, named: dict[str, str], proof: dict[str, str]) -> httpx.Response:
        """Send a request, in no browser: cookies that come back are not kept."""
        more: dict[str, Any] = {"json": filled(ask.body, named)} if ask.body else {}
        if ask.form and "bundle" in ask.form:
            more = {"files": {"bundle": ("one-co.zip", one_co())}}
        elif ask.form:
            more = {"data": filled(ask.form, named)}
        headers = filled(dict(ask.headers), named) | proof
        request = httpx.Request(
            ask.method, "http://amanat" + ask.path.format_map(named), headers=headers, **more
        )
        transport = httpx.ASGITransport(self.app, raise_app_exceptions=False)
        response = await transport.handle_async_request(request)
        await response.aread()
        return response

    def _proof(self, role: str, me: str) -> dict[str, str]:
        if role == "nobody":
            return {}
        if role == "key":
            return {"Authorization": f"Bearer {self.tokens[me]}"}
        return signed_in(me)

    @asynccontextmanager
    async def undone(self, driver: asyncpg.Connection, begin: str) -> AsyncIterator[None]:
        """A transaction that is rolled back, as good as it was."""
        await driver.execute(begin)
        try:
            yield
            if READS_ONLY not in begin:
                await driver.execute("SET CONSTRAINTS ALL IMMEDIATE; RESET ROLE")
                if self.counting:
                    self.counts.append(await _counted(driver))
        finally:
            if not driver.is_closed():
                await driver.execute("ROLLBACK")


async def _counted(driver: asyncpg.Connection) -> tuple[int, ...]:
    row = await driver.fetchrow(_COUNTS)
    return tuple(row or ())


async def give_tokens(asker: Asker, ask: Ask, machines: list[str]) -> None:
    """Let machines sign in, for good."""
    for machine in machines:
        said = {"client_id": machine, "client_secret": asker.made.secrets[machine][1]}
        form = {"grant_type": "client_credentials", **said}
        one = type(ask)(ask.method, ask.path, form=form)
        response = await asker.send(one, {}, {})
        asker.tokens[machine] = response.json()["access_token"]


async def first_counts(asker: Asker, engine: Any) -> None:  # noqa: ANN401 - an engine
    """How the tables stand before anything is asked."""
    async with service_books.read_books(engine, actor="test", now=NOW) as books:
        await books.ledger.execute("RESET ROLE")
        asker.counts.append(await _counted(books.ledger))


def routes(app: FastAPI) -> dict[tuple[str, str], str]:
    """Every route of the application: its operation by method and path."""
    found = {}
    for path, methods in app.openapi()["paths"].items():
        for method, operation in methods.items():
            found[method.upper(), path] = operation["operationId"]
    return found


def undescribed(app: FastAPI) -> set[str]:
    """The paths that the application answers on and that its document leaves out."""
    said = {path for _, path in routes(app)}
    return {route.path for route in app.routes if isinstance(route, Route)} - said
