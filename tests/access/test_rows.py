"""Beneath the service: what PostgreSQL itself shows and lets change, role by role."""

from __future__ import annotations

from typing import Final

import asyncpg
import pytest

from tests.access.asking import open_to
from tests.access.beneath import BOOKS, NAMES, above, count, entered, in_scope, in_sight
from tests.access.world import PARENTS, ROLES, officer

pytestmark = pytest.mark.asyncio(loop_scope="module")

WITHOUT: Final = {
    "ledger.chart": "the chart of accounts is the same for everybody",
    "ledger.under": "numbers of books and days, which every policy asks",
    "service.place": "names of provinces, districts and villages",
    "access.role_right": "what a role may do is no secret",
}
"""The tables that everybody reads whole, and why."""
SHUT: Final = frozenset(
    {
        "access.device",
        "access.key",
        "access.key_secret",
        "access.password",
        "access.pin",
        "access.recovery",
        "access.session",
        "access.signing_key",
        "access.throttle",
        "access.vault",
        "audit.chain",
        "audit.noted",
        "ledger.rollup",
        "ledger.subject",
        "ledger.summed",
        "service.document",
        "service.due_total",
        "service.job_part",
        "service.leader",
        "service.loan_arrears",
        "service.loan_due",
        "service.mobilisation_total",
        "service.portfolio_at_risk",
        "service.proof_finding",
        "service.proof_part",
        "service.settled_loan",
        "service.steady_job",
    }
)
"""The tables of which the application has nothing at all."""
DOORS: Final = frozenset(
    {
        "access.enter_by_key",
        "access.enter_by_session",
        "access.unplaced",
        "audit.note_reading",
        "ledger.close_period",
        "ledger.lock_and_read",
        "ledger.make_partition",
        "ledger.open_books",
        "ledger.pledge_savings",
        "ledger.post",
        "ledger.release_pledge",
        "ledger.settled_before",
        "service.carry_out",
        "service.codes_taken",
        "service.desk",
        "service.refresh_statistics",
    }
)
"""What the application may have done with the rights of the owner; each asks for itself."""
HOUSE: Final = ("service.bundle", "service.job_run", "service.job_step")
FREE: Final = (
    "service.holiday",
    "service.product",
    "service.reserve_class",
    "service.reserve_scheme",
)
APART: Final = ("access.person", "access.appointment", "audit.trail")
KINDS: Final = "ledger", "service", "access", "audit"
PEOPLE: Final = [(role, anchor) for role in ROLES for anchor in ("VO-1", "CO-1")]
_TABLES: Final = """
    SELECT c.oid::regclass::text, c.relrowsecurity,
        has_table_privilege('amanat_app', c.oid, 'SELECT, INSERT, UPDATE, DELETE, TRUNCATE')
    FROM pg_class c WHERE c.relnamespace::regnamespace::text = ANY ($1)
        AND c.relkind IN ('r', 'p', 'f', 'm')
"""
_DOORS: Final = """
    SELECT DISTINCT p.pronamespace::regnamespace || '.' || p.proname FROM pg_proc p
    WHERE p.prosecdef AND p.pronamespace::regnamespace::text = ANY ($1)
        AND has_function_privilege('amanat_app', p.oid, 'EXECUTE')
"""


async def test_every_table_has_row_level_security_or_says_why_not(
    owner: asyncpg.Connection,
) -> None:
    """A new table is thought about before the application reads it."""
    partitions = "ledger.line_fy"
    for table, secured, reached in await owner.fetch(_TABLES, list(KINDS)):
        if not reached:
            assert table in SHUT or table.startswith(partitions), f"Name {table} in SHUT."
        else:
            assert secured or table in WITHOUT, f"{table} has no row-level security; or say why."
            known = {*BOOKS, *NAMES, *HOUSE, *FREE, *APART, *WITHOUT}
            assert table in known, f"Say in this file whose the rows of {table} are."


async def test_the_application_works_through_these_doors_alone(owner: asyncpg.Connection) -> None:
    """A new function with its owner's rights is thought about before it is opened."""
    found = {row[0] for row in await owner.fetch(_DOORS, list(KINDS))}
    assert found == DOORS


@pytest.mark.parametrize("table", sorted(SHUT))
async def test_what_proves_who_somebody_is_is_shut(owner: asyncpg.Connection, table: str) -> None:
    """Neither read nor written, whoever asks."""
    for sql in (f"SELECT FROM {table}", f"DELETE FROM {table}", f"TRUNCATE {table}"):
        async with entered(owner, "administrator.house") as app:
            with pytest.raises(asyncpg.InsufficientPrivilegeError):
                await app.execute(sql)


@pytest.mark.parametrize(("role", "anchor"), PEOPLE)
async def test_a_role_reads_the_rows_of_its_books_and_no_others(
    owner: asyncpg.Connection, role: str, anchor: str
) -> None:
    """Counted in every table, against what the owner counts of the books open to it."""
    scope, sight = open_to(role, anchor), in_sight(anchor)
    wanted = {
        table: await count(owner, table, in_scope(whose, scope)) for table, whose in BOOKS.items()
    }
    wanted |= {
        table: await count(owner, table, in_scope([whose], sight)) for table, whose in NAMES.items()
    }
    wanted["service.limits"] = await count(
        owner, "service.limits", in_scope(["t.organisation"], sight - set(above(anchor)))
    )
    wanted |= dict.fromkeys(HOUSE, 0) | {table: await count(owner, table) for table in FREE}
    for table in (*BOOKS, *NAMES):
        assert await count(owner, table), f"{table} is empty, so nothing is shown by it."
    async with entered(owner, officer(role, anchor)) as app:
        found = {table: await count(app, table) for table in wanted}
    assert found == wanted


@pytest.mark.parametrize(("role", "anchor"), PEOPLE)
async def test_a_role_reads_people_and_trails_as_far_as_it_looks_after_them(
    owner: asyncpg.Connection, role: str, anchor: str
) -> None:
    """Themselves; and who may recover or administer, those at home there and below."""
    below = {anchor} | {code for code, parent in PARENTS.items() if parent == anchor}
    recovers = role in {"treasurer", "field_officer", "administrator"}
    homes = in_scope(["t.organisation"], frozenset(below if recovers else ()))
    me = officer(role, anchor)
    people = await count(owner, "access.person", f"code = '{me}' OR {homes}")
    held = await count(owner, "access.appointment", f"person = '{me}' OR {homes}")
    trails = {row[0] for row in await owner.fetch("SELECT DISTINCT code FROM audit.trail")}
    home = in_scope(["t.organisation"], frozenset(below if role == "administrator" else ()))
    theirs = {me} | {
        r[0] for r in await owner.fetch(f"SELECT code FROM access.person t WHERE {home}")
    }
    async with entered(owner, me) as app:
        assert await count(app, "access.person") == people
        assert await count(app, "access.appointment") == held
        found = {row[0] for row in await app.fetch("SELECT DISTINCT code FROM audit.trail")}
    assert found == trails & (open_to(role, anchor) | theirs)
