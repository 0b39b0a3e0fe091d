"""What can go wrong without being a defect of ours, and the one sentence it gets."""

from __future__ import annotations

from typing import Final

import asyncpg
from pydantic import ValidationError
from sqlalchemy.exc import ArgumentError, SQLAlchemyError

from jobs.catalogue import JobUnknown
from jobs.failures import driver_said, first_line
from jobs.listening import NotServing
from jobs.previewing import TermsMalformed
from jobs.running import DayNotOver
from ledger.refusals import Refusal
from service.database import embedded
from service.demo.trouble import BooksNotEmpty, DemoDiffers, DemoDoesNotFit
from service.imports.problems import BundleRefused
from service.loans.terms import ContractContradicts, ProductContradicts

EXPECTED: Final = (
    Refusal,
    BundleRefused,
    JobUnknown,
    DayNotOver,
    NotServing,
    TermsMalformed,
    ProductContradicts,
    ContractContradicts,
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
    asyncpg.InternalClientError,
)


def sentence(trouble: BaseException) -> str:
    """What to tell whoever asked."""
    if isinstance(trouble, ValidationError):
        return "; ".join(
            f"AMANAT_{error['loc'][0]}".upper() + f": {error['msg']}" for error in trouble.errors()
        )
    if isinstance(trouble, ArgumentError):
        return f"AMANAT_DATABASE_URL is no address of a database: {trouble}"
    said = driver_said(trouble)
    if isinstance(said, asyncpg.InvalidSchemaNameError | asyncpg.UndefinedTableError):
        return "The database has no books yet. Run `amanat migrate` first."
    if isinstance(said, asyncpg.InvalidCatalogNameError):
        return f"{first_line(said)}. Run `amanat migrate` first."
    if isinstance(said, SQLAlchemyError | asyncpg.PostgresError | asyncpg.InterfaceError):
        return f"The database says: {first_line(said)}"
    return str(trouble)
