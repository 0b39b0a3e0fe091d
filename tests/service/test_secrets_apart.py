"""What proves who somebody is, is read by one role alone, which reads nothing else."""

from __future__ import annotations

import asyncpg
import pytest

from tests.support import database

SECRETS = (
    *("password", "pin", "device", "session", "recovery"),
    *("key", "key_secret", "signing_key", "vault"),
)
OTHERS = ("service.member", "ledger.line", "service.sheet", "audit.trail", "service.request")


@pytest.mark.parametrize("role", ["amanat_app", "amanat_system"])
@pytest.mark.parametrize("table", [*SECRETS, "throttle"])
def test_nobody_else_reads_a_secret(database_url: str, role: str, table: str) -> None:
    """Neither what works for people nor the house itself, but among `books.secrets()`."""
    with pytest.raises(asyncpg.InsufficientPrivilegeError):
        database.execute(database_url, f"SET ROLE {role}", f"SELECT FROM access.{table}")


@pytest.mark.parametrize("table", OTHERS)
def test_who_reads_secrets_reads_nothing_else(database_url: str, table: str) -> None:
    """Least of all what members have."""
    with pytest.raises(asyncpg.InsufficientPrivilegeError):
        database.execute(database_url, "SET ROLE amanat_access", f"SELECT FROM {table}")
