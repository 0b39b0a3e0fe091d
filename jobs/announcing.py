"""What the service says when it is ready: where it is, who is there, what to try first."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Final

from rich.table import Table

from service.access import Role
from service.books import read_books

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import datetime

    from rich.console import Console
    from sqlalchemy.ext.asyncio import AsyncEngine

    from jobs.demo import Somebody

LAST_LINE: Final = "Stop with Ctrl-C."
_JSON: Final = "Content-Type: application/json"
_MEMBER = """
    SELECT code FROM service.member
    WHERE CAST(:organisation AS text) IS NULL OR organisation = :organisation
    ORDER BY code LIMIT 1
"""
_ANYBODY = "SELECT 1 FROM access.person LIMIT 1"


async def announce(
    engine: AsyncEngine,
    address: str,
    made: Sequence[Somebody],
    *,
    actor: str,
    now: datetime,
    out: Console,
) -> None:
    """Say that the service answers; `made` are people who were made just now."""
    reader = next((one for one in made if one.role is Role.ACCOUNTANT), None)
    async with read_books(engine, actor=actor, now=now) as books:
        place = reader.organisation if reader else None
        row = await books.fetch_one(_MEMBER, organisation=place)
        anybody = await books.fetch_one(_ANYBODY) is not None
    member = row[0] if row else "MEMBER"
    _say(out, f"Amanat serves on {address}; its API is described at {address}/openapi.json.")
    _say(out, f"The pages, in English and Urdu:  {address}/")
    if made:
        _say(out, "People to sign in as; their passwords are shown this once:")
        out.print(_table(made))
    elif anybody:
        _say(out, "Its people exist already. A new password:  amanat admin password CODE")
    else:
        _say(out, "Nobody can sign in yet. The first one:  amanat admin create CODE --name NAME")
    for line in _first_steps(address, reader, member):
        _say(out, line)
    _say(out, LAST_LINE)


def _first_steps(address: str, reader: Somebody | None, member: str) -> list[str]:
    name, password = (reader.code, reader.password) if reader else ("CODE", "PASSWORD")
    body = json.dumps({"name": name, "password": password})
    return [
        f"Sign in:  curl -s -c amanat.cookies -H '{_JSON}' -d '{body}' {address}/v1/sessions",
        f"A member's savings:  curl -s -b amanat.cookies {address}/v1/members/{member}/savings",
    ]


def _table(made: Sequence[Somebody]) -> Table:
    table = Table("sign in as", "password", "role", "of")
    for column in table.columns:
        column.no_wrap = True
    for one in made:
        role = one.role.value.replace("_", " ")
        table.add_row(one.code, one.password, role, one.organisation or "the whole house")
    return table


def _say(out: Console, line: str) -> None:
    out.print(line, highlight=False, soft_wrap=True, markup=False)
