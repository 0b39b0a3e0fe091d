"""Keys that open what a person keeps locked on a phone, where she forgot her PIN.

The phone draws an identifier for its vault; the service a key, the first time it is asked. Only
whoever signed in by password is given it, and it opens nothing without the phone.
"""

from __future__ import annotations

import secrets
from typing import TYPE_CHECKING, Final

from service.refusals import NotFound

if TYPE_CHECKING:
    from uuid import UUID

    from service.books import WritableBooks

KEY_BYTES: Final = 32
MOST: Final = 100
"""As many vaults may a person have in her life; nobody has so many phones."""
_ADD = """
    INSERT INTO access.vault (id, person, spare_key, made_at)
    SELECT :id, :person, :key, :now
    WHERE (SELECT count(*) FROM access.vault WHERE person = :person) < :most
    ON CONFLICT (id) DO NOTHING
"""
_KEY = "SELECT spare_key FROM access.vault WHERE id = :id AND person = :person"


async def key_of(books: WritableBooks, vault: UUID) -> bytes:
    """The spare key of the actor's vault, the same each time. Raises `NotFound`.

    Done among `books.secrets()`, after `entrance.require_password`.
    """
    made = secrets.token_bytes(KEY_BYTES)
    whose = {"id": vault, "person": books.actor}
    await books.execute(_ADD, **whose, key=made, now=books.now, most=MOST)
    row = await books.fetch_one(_KEY, **whose)
    if row is None:
        raise NotFound("You have no such vault.")
    return bytes(row.spare_key)
