"""People for tests: appointed and signed in without ado, straight in the database.

The token of a person's session is made from the person's code, so that any test can be
anybody. How people really sign in is tested where that is the point.
"""

from __future__ import annotations

import uuid
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from tests.support import database

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

FOREVER: Final = "infinity"
_NAMESPACE: Final = uuid.UUID("5f0f6a38-6c86-4b0e-9a53-0c9e0f3d4b11")


@dataclass(frozen=True, slots=True)
class Post:
    """A role on an organisation (None: the whole house), alone or with all below it."""

    role: str
    organisation: str | None = None
    below: bool = True
    from_on: str = "2000-01-01"
    to_on: str = FOREVER


def token_of(person: str) -> str:
    """The token of a person's session."""
    return f"token-of-{person}"


def signed_in(person: str) -> dict[str, str]:
    """The headers of a request by a person."""
    return {"Cookie": f"amanat_session={token_of(person)}", "X-CSRF-Token": f"csrf-of-{person}"}


def appoint(url: str, people: Mapping[str, Iterable[Post]]) -> None:
    """Register people by code, with what they are appointed to, each in a session."""
    database.execute(
        url, *(statement for who, posts in people.items() for statement in _sql(who, posts))
    )


def _sql(person: str, posts: Iterable[Post]) -> Iterable[str]:
    yield (
        "INSERT INTO access.person (code, kind, name)"
        f" VALUES ('{person}', 'person', '{person.title()}')"
    )
    for n, post in enumerate(posts):
        organisation = "NULL" if post.organisation is None else f"'{post.organisation}'"
        to_on = "2099-01-01" if (post.role, post.to_on) == ("auditor", FOREVER) else post.to_on
        yield (
            "INSERT INTO access.appointment (id, person, role, organisation, below, from_on, to_on)"
            f" VALUES ('{uuid.uuid5(_NAMESPACE, f'{person}/{n}')}', '{person}', '{post.role}',"
            f" {organisation}, {post.below}, '{post.from_on}', '{to_on}')"
        )
    yield (
        "INSERT INTO access.session (id, token_hash, csrf, person, source, agent, started_at,"
        " used_at, expires_at)"
        f" VALUES ('{uuid.uuid5(_NAMESPACE, person)}', sha256('{token_of(person)}'),"
        f" 'csrf-of-{person}', '{person}', '', 'test', '2000-01-01', '2099-01-01', '2099-01-01')"
    )
