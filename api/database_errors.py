"""What the database's own errors mean to whoever asked: come again, taken, or out of reach."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import asyncpg
from sqlalchemy.exc import DBAPIError
from sqlalchemy.exc import TimeoutError as PoolTimeout

from api.refusals import DatabaseUnavailable, TimedOut, TooBusy
from service.refusals import AlreadyExists, Forbidden, Malformed, NotFound

if TYPE_CHECKING:
    from ledger.refusals import Refusal

_UNAVAILABLE: Final = (asyncpg.PostgresConnectionError, asyncpg.InterfaceError, OSError)
_STOPPING: Final = ("57P01", "57P02", "57P03", "25P03")
"""The server stops, or starts."""
_BUSY: Final = ("40001", "40P01", "53300", "55P03")
"""Two wanted the same in another order; too many connections; a wait that took too long."""
_TOO_LONG: Final = "57014"
"""The statement was ended: it took longer than books for somebody allow."""
_TAKEN: Final = "23505"
_ABSENT: Final = "23503"
_CHECKED: Final = "23514"
_OUTSIDE: Final = ("42501", "AM010")
"""Row-level security and the ledger's doors: what the actor may not."""
_DATA: Final = "22"
"""The class of values that a column cannot hold."""


def refusal(error: BaseException) -> Refusal | None:
    """The refusal that a database error amounts to; None where it is a fault of ours."""
    if isinstance(error, PoolTimeout):
        return TooBusy("All connections are busy. Ask again in a moment.")
    if isinstance(error, DBAPIError):
        return _lost() if error.connection_invalidated else _beneath(error)
    state = getattr(error, "sqlstate", None)
    if isinstance(error, asyncpg.DataError):
        return Malformed("A value is larger than the books can hold. Correct it.")
    if isinstance(error, _UNAVAILABLE) or state in _STOPPING:
        return _lost()
    return _waited(state or "") or _constraint(state or "")


def _beneath(error: BaseException) -> Refusal | None:
    """What the driver's own error says, which SQLAlchemy wraps twice."""
    while error.__cause__ is not None:
        error = error.__cause__
    return None if isinstance(error, DBAPIError) else refusal(error)


def _waited(state: str) -> Refusal | None:
    if state == _TOO_LONG:
        return TimedOut(
            "This took too long to work out. Ask for less at a time: a shorter period, fewer days."
        )
    if state in _BUSY:
        return TooBusy("Somebody else works on the same books. Ask again in a moment.")
    return None


def _lost() -> DatabaseUnavailable:
    return DatabaseUnavailable(
        "The connection to the database broke. Ask again with the same key: what was kept is "
        "not done twice."
    )


def _constraint(state: str) -> Refusal | None:
    if state in _OUTSIDE:
        return Forbidden("Your roles do not allow this there. Ask someone who may.")
    if state == _TAKEN:
        return AlreadyExists("This code, or this day, is taken already. Choose another.")
    if state == _ABSENT:
        return NotFound("Something that this names does not exist. Check its codes.")
    if state == _CHECKED or state.startswith(_DATA):
        return Malformed("A value is not one that the books can hold. Correct it.")
    return None
