"""What the tests of plain forms share: a form as a browser would send it."""

from __future__ import annotations

from contextlib import asynccontextmanager
from html.parser import HTMLParser
from typing import TYPE_CHECKING, Final

from tests.api.helpers import one_officer
from tests.support.people import Post

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Iterable

    import httpx
    from fastapi import FastAPI

PEOPLE: Final = {
    "amina": (Post("accountant", "CO-01", below=False),),
    "bushra": (Post("president", "CO-01", below=False),),
    "dilshad": (Post("accountant", "CO-01", below=False), Post("manager", "CO-01", below=False)),
    "elsewhere": (Post("accountant", "CO-02", below=False),),
    "hina": (Post("auditor"),),
}
"""Amina keeps the books of CO-01, Bushra is its second officer; one keeps those of CO-02."""
ANOTHER_CO: Final = {
    "code": "CO-02",
    "kind": "CO",
    "name": "CO Sahar",
    "gender": "women",
    "formed_on": "2026-06-15",
    "parent": {"organisation": "VO-01", "from_on": "2026-06-20"},
}
_TICKED: Final = frozenset({"checkbox", "radio"})


class _Fields(HTMLParser):
    """The fields of all forms of a page, as they stand."""

    def __init__(self) -> None:
        super().__init__()
        self.found: list[tuple[str, str]] = []
        self.of_text: str | None = None
        self.of_choice: str | None = None

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        """Note what stands in a field."""
        said = {name: value or "" for name, value in attrs}
        name = said.get("name")
        if tag == "select":
            self.of_choice = name
        elif tag == "option" and self.of_choice and "selected" in said:
            self.found.append((self.of_choice, said.get("value", "")))
        elif tag == "textarea":
            self.of_text = name
        elif tag == "input" and name and (said.get("type") not in _TICKED or "checked" in said):
            self.found.append((name, said.get("value", "")))

    def handle_data(self, data: str) -> None:
        """Note what stands in a field of text."""
        if self.of_text:
            self.found.append((self.of_text, data))
            self.of_text = None

    def handle_endtag(self, tag: str) -> None:
        """A field of text may be empty."""
        if tag == "textarea" and self.of_text:
            self.found.append((self.of_text, ""))
            self.of_text = None


def fields_of(page: str) -> list[tuple[str, str]]:
    """What a browser would send of a page."""
    parser = _Fields()
    parser.feed(page)
    return parser.found


def changed(fields: Iterable[tuple[str, str]], **to: str) -> list[tuple[str, str]]:
    """The same fields, filled in otherwise; `__` in a name stands for a colon."""
    named = {name.replace("__", ":"): value for name, value in to.items()}
    kept = [(name, value) for name, value in fields if name not in named]
    return [*kept, *named.items()]


async def sent(
    client: httpx.AsyncClient, to: str, fields: Iterable[tuple[str, str]]
) -> httpx.Response:
    """A form as a browser sends it: without any header of ours; the answer is in English."""
    data: dict[str, list[str]] = {}
    for name, value in fields:
        data.setdefault(name, []).append(value)
    return await client.post(to, data=data, headers={"X-CSRF-Token": "", "Accept-Language": "en"})


async def page_of(client: httpx.AsyncClient, at: str, status: int = 200) -> str:
    """A page, in English."""
    answer = await client.get(at, headers={"Accept-Language": "en"})
    assert answer.status_code == status, answer.text
    return answer.text


@asynccontextmanager
async def people(app: FastAPI, *names: str) -> AsyncIterator[list[httpx.AsyncClient]]:
    """A browser for each of them."""
    clients = [one_officer(app, name) for name in names]
    try:
        yield clients
    finally:
        for client in clients:
            await client.aclose()
