"""A second officer on the same phone: she shows her PIN, decides, and is gone again."""

from __future__ import annotations

from contextlib import asynccontextmanager
from hashlib import sha256
from typing import TYPE_CHECKING

from api.credentials import DEVICE_COOKIE
from api.dependencies import visit
from api.serving import serving
from service import sessions
from service.books import SessionProof, write_books_for
from service.entrance import Entrance
from service.refusals import Malformed, OwnRequest

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

    from starlette.requests import Request

    from service.books import Books, WritableBooks


def refuse_same(books: Books, name: str) -> None:
    """Raise `OwnRequest` where the second officer would be the first."""
    if name == books.actor:
        raise OwnRequest("You are signed in yourself. Another officer decides here.")


@asynccontextmanager
async def officer(request: Request, sent: dict[str, str]) -> AsyncIterator[WritableBooks]:
    """Books to write, for whom a form names with her PIN; her session ends with them.

    The session of whoever is signed in stays as it was: no cookie is given or taken. Raises
    `Malformed`, `SignInRefused`, `TooManyAttempts`; a wrong PIN counts as at the door.
    """
    for name in ("name", "pin"):
        if not sent.get(name, "").strip():
            raise Malformed(f"{name}: this is missing. Choose who you are, and enter your PIN.")
    with_, seen = serving(request), await visit(request)
    agent = request.headers.get("User-Agent", "")
    door = Entrance(with_.engine, with_.hasher, seen, agent)
    held = request.cookies.get(DEVICE_COOKIE)
    begun = await door.by_pin(sent["name"], sent["pin"], device=held)
    proof = SessionProof(sha256(begun.token.encode()).digest())
    try:
        async with write_books_for(with_.engine, proof, seen, clock=with_.clock) as books:
            yield books
    finally:
        ending = write_books_for(with_.engine, proof, seen, clock=with_.clock)
        async with ending as books, books.secrets():
            await sessions.end(books, books.actor, begun.id)
