"""What an actor may do with an organisation's book: the rights of their roles, on today's tree.

A role is held on an organisation, alone or with all below it, or on the whole house. What
each role may do stands in the table `access.role_right`; what of it holds in a transaction
was settled when the books were opened. PostgreSQL asks the same again for every row
(row-level security) and at every door of the ledger.
"""

from __future__ import annotations

from enum import StrEnum
from typing import TYPE_CHECKING, Final

from service.refusals import Forbidden, NotFound

if TYPE_CHECKING:
    from collections.abc import Collection

    from service.books import Books


class Role(StrEnum):
    """What a person is appointed as."""

    ACCOUNTANT = "accountant"
    PRESIDENT = "president"
    MANAGER = "manager"
    TREASURER = "treasurer"
    FIELD_OFFICER = "field_officer"
    AUDITOR = "auditor"
    ADMINISTRATOR = "administrator"


class Right(StrEnum):
    """What a role opens on an organisation."""

    SEE = "see"
    """That it exists, its name and place, whom it belongs to."""
    READ = "read"
    """Its book, its members, sheets, loans, statements and proofs."""
    IDENTIFY = "identify"
    """Its members' identity and telephone numbers in full."""
    PREPARE = "prepare"
    """Sheets, entries and requests in its book; its members."""
    APPROVE = "approve"
    """To be its second officer."""
    REGISTER = "register"
    """Organisations, members, nominations and moves."""
    ADMINISTER = "administer"
    """People, appointments, keys; for the whole house also products and holidays."""
    RECOVER = "recover"
    """To let people there choose a new password."""


_OPEN = """
    SELECT o.book_id, bool_or(CASE WHEN :below
        THEN access.may_below(r, o.book_id) ELSE access.may(r, o.book_id) END) AS open
    FROM service.organisation o CROSS JOIN unnest(CAST(:rights AS text[])) AS r
    WHERE o.code = :organisation GROUP BY o.book_id
"""
_HELD = """
    SELECT u.book_id
    FROM (SELECT DISTINCT n AS node
        FROM unnest(CAST(:rights AS text[])) AS r CROSS JOIN unnest(access.nodes(r)) AS n) AS held
    JOIN ledger.under u ON u.node_id = held.node
        AND u.from_on <= access.today() AND u.to_on > access.today()
    UNION ALL
    SELECT n FROM unnest(CAST(:alone AS text[])) AS r CROSS JOIN unnest(access.nodes(r)) AS n
"""
_HOMES = f"""
    SELECT EXISTS (
            SELECT FROM unnest(CAST(:rights AS text[])) AS r WHERE 0 = ANY (access.nodes(r))
        ) AS house,
        ARRAY (SELECT n.code FROM ({_HELD} LIMIT :most) AS b
            JOIN service.book_number n USING (book_id)) AS homes
"""
_SHOWN: Final = "SELECT id FROM ledger.book WHERE id = ANY (:books)"
MOST_HOMES: Final = 5000
"""Of so many organisations a list begins with them; of more, with the list."""
_OPEN_HOUSE = """
    SELECT current_user = 'amanat_system' OR EXISTS (
        SELECT FROM unnest(CAST(:rights AS text[])) AS r WHERE 0 = ANY (access.nodes(r)))
"""


async def authorise(
    books: Books,
    right: Right,
    organisation: str,
    *,
    or_right: Right | None = None,
    below: bool = False,
) -> int:
    """The number of an organisation's book, for who holds a right (or the other one) on it.

    `below` asks for the right on all below it, too. Raises `NotFound` where the actor may
    not even see that it exists, `Forbidden` where the right is missing.
    """
    rights = [right] if or_right is None else [right, or_right]
    row = await books.fetch_one(_OPEN, rights=rights, organisation=organisation, below=below)
    if row is None:
        raise NotFound(f"There is no organisation {organisation}. Check the code.")
    if not row.open:
        refuse(
            f"Your roles do not allow you to {right} {organisation} with all below it."
            " Ask someone who may."
            if below
            else f"Your roles do not allow you to {right} {organisation}. Ask someone who may."
        )
    return int(row.book_id)


async def refuse_shut(books: Books, book: int) -> None:
    """Have PostgreSQL say once more that a book may be read, before it is read as the house.

    Raises `Forbidden`, whatever was authorised before.
    """
    if not await readable(books, [book]):
        raise Forbidden("Your roles do not allow you to read this book. Ask someone who may.")


async def readable(books: Books, numbers: Collection[int]) -> frozenset[int]:
    """Those of some books that the actor may read today."""
    return frozenset(row.id for row in await books.fetch(_SHOWN, books=sorted(numbers)))


async def authorise_either(books: Books, right: Right, one: str, other: str | None) -> None:
    """Pass whoever holds a right on one of two organisations, such as both sides of a loan.

    Raises `Forbidden`.
    """
    if not await may(books, right, one) and not (other and await may(books, right, other)):
        refuse(f"Your roles do not allow you to {right} {one}. Ask someone who may.")


async def homes(books: Books, *rights: Right) -> list[str] | None:
    """The organisations on which the actor holds one of some rights; None for very many, or all.

    A list that begins with these costs what the actor sees of it and not what there is; what
    is open of it PostgreSQL decides all the same. Whoever sees an organisation sees those above.
    """
    if books.caller is None:
        return None
    alone = [f"{right}_alone" for right in rights]
    if Right.SEE in rights:
        alone.append("above")
    row = await books.fetch_one(_HOMES, rights=list(rights), alone=alone, most=MOST_HOMES + 1)
    if row is None or row.house or len(row.homes) > MOST_HOMES:
        return None
    return sorted(set(row.homes))


async def may(books: Books, right: Right, organisation: str, *, below: bool = False) -> bool:
    """Whether the actor holds a right on an organisation that they may see; or on all below it."""
    row = await books.fetch_one(_OPEN, rights=[right], organisation=organisation, below=below)
    return row is not None and bool(row.open)


async def authorise_house(books: Books, right: Right, *, or_right: Right | None = None) -> None:
    """Pass whoever holds a right (or the other one) on the whole house. Raises `Forbidden`."""
    rights = [right] if or_right is None else [right, or_right]
    row = await books.fetch_one(_OPEN_HOUSE, rights=rights)
    if row is None or not row[0]:
        refuse(f"This needs the right to {right} the whole house. Ask someone who may.")


def refuse(sentence: str) -> None:
    """Raise `Forbidden`."""
    raise Forbidden(sentence)
