"""What can go wrong without being a defect of ours, and the one sentence it gets."""

from __future__ import annotations

from typing import Final

import asyncpg
from pydantic import ValidationError
from sqlalchemy.exc import ArgumentError, DBAPIError, SQLAlchemyError

from jobs.catalogue import JobUnknown
from jobs.running import DayNotOver
from jobs.serving import NotServing
from ledger.refusals import Refusal
from service.database import embedded
from service.demo.trouble import BooksNotEmpty, DemoDiffers, DemoDoesNotFit
from service.imports.problems import BundleRefused

EXPECTED: Final = (
    Refusal,
    BundleRefused,
    JobUnknown,
    DayNotOver,
    NotServing,
    BooksNotEmpty,
    DemoDiffers,
    DemoDoesNotFit,
    embedded.DataDirectoryInUse,
    embedded.DataDirectoryUnreachable,
    embedded.PostgresFailedToStart,
    embedded.PostgresNotFound,
    embedded.PostgresTooOld,
    embedded.PostgresVersionDiffers,
    ValidationError,
    OSError,
    SQLAlchemyError,
    asyncpg.PostgresError,
    asyncpg.InterfaceError,
)


def sentence(trouble: BaseException) -> str:
    """What to tell whoever asked."""
    if isinstance(trouble, ValidationError):
        return "; ".join(
            f"AMANAT_{error['loc'][0]}".upper() + f": {error['msg']}" for error in trouble.errors()
        )
    if isinstance(trouble, ArgumentError):
        return f"AMANAT_DATABASE_URL is no address of a database: {trouble}"
    said = _said(trouble)
    if isinstance(said, asyncpg.InvalidSchemaNameError | asyncpg.UndefinedTableError):
        return "The database has no books yet. Run `amanat migrate` first."
    if isinstance(said, asyncpg.InvalidCatalogNameError):
        return f"{_first_line(said)}. Run `amanat migrate` first."
    if isinstance(said, SQLAlchemyError | asyncpg.PostgresError | asyncpg.InterfaceError):
        return f"The database says: {_first_line(said)}"
    return str(trouble)


def _said(trouble: BaseException) -> BaseException:
    """What the driver raised, beneath what SQLAlchemy makes of it."""
    if isinstance(trouble, DBAPIError) and trouble.orig is not None:
        return trouble.orig.__cause__ or trouble.orig
    return trouble


def _first_line(trouble: BaseException) -> str:
    return str(trouble).partition("\n")[0]
