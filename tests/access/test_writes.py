"""Beneath the service: what PostgreSQL itself lets nobody write, row by row and door by door."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING, Any, Final

import asyncpg
import pytest

from tests.access.beneath import BOOKS, NAMES, count, entered, in_scope, tried
from tests.access.world import ROLES, officer
from tests.support import database
from tests.support.people import Post, appoint

if TYPE_CHECKING:
    from collections.abc import Iterable

    from tests.access.world import Federation

pytestmark = pytest.mark.asyncio(loop_scope="module")

REFUSED: Final = ("42501", "AM010")
UNIQUE: Final = "23505"
CHECK: Final = "23514"
_ROWS: Final = "SELECT ctid, to_jsonb(t)::text AS row"
_COLUMNS: Final = """
    SELECT string_agg(quote_ident(attname), ', ' ORDER BY attnum) FROM pg_attribute
    WHERE attrelid = $1::text::regclass AND attnum > 0 AND NOT attisdropped
        AND attgenerated = '' AND attidentity <> 'a'
"""


@pytest.mark.parametrize("role", ROLES)
async def test_no_row_of_strangers_is_changed_deleted_or_forged(
    owner: asyncpg.Connection, role: str
) -> None:
    """Row by row where the owner knows it is of CO-9, in every table that says whose it is."""
    strangers = frozenset({"CO-9", "CO-7", "VO-9"})
    tables = BOOKS | {table: [whose] for table, whose in NAMES.items()}
    tables["access.person"] = tables["access.appointment"] = ["t.organisation"]
    for table, whose in tables.items():
        where = in_scope(whose, strangers)
        rows = await owner.fetch(f"{_ROWS} FROM {table} t WHERE {where}")
        assert rows, table
        await refuse_writing(owner, officer(role, "VO-1"), table, rows)


async def refuse_writing(
    owner: asyncpg.Connection, person: str, table: str, rows: list[Any]
) -> None:
    """Try each way to write some rows of a table; none is open."""
    columns = await owner.fetchval(_COLUMNS, table)
    first = columns.partition(",")[0]
    update = f"UPDATE {table} SET {first} = {first} WHERE ctid = ANY ($1::tid[])"
    delete = f"DELETE FROM {table} WHERE ctid = ANY ($1::tid[])"
    forge = (
        f"INSERT INTO {table} ({columns})"
        f" SELECT {columns} FROM jsonb_populate_record(NULL::{table}, $1::text::jsonb)"
    )
    ctids = [row["ctid"] for row in rows]
    assert await tried(owner, person, update, ctids) in {*REFUSED, "UPDATE 0"}, f"{person} {update}"
    assert await tried(owner, person, delete, ctids) in {*REFUSED, "DELETE 0"}, f"{person} {delete}"
    forged = await tried(owner, person, forge, rows[0]["row"])
    taken = {UNIQUE} if table == "service.organisation" else set()  # who registers may add one
    assert forged in {*REFUSED, *taken}, f"{person} {forge}: {forged}"


@pytest.mark.parametrize("role", ["auditor", "president", "manager", "administrator"])
async def test_who_prepares_nothing_writes_no_row_of_their_own_books(
    owner: asyncpg.Connection, role: str
) -> None:
    """An auditor writes nothing anywhere; second officers decide, and that is all."""
    tables = BOOKS | {table: [whose] for table, whose in NAMES.items()}
    for table, whose in tables.items():
        where = in_scope(whose, frozenset({"CO-1", "VO-1"}))
        rows = await owner.fetch(f"{_ROWS} FROM {table} t WHERE {where}")
        for anchor in ("CO-1", "VO-1"):
            await refuse_writing(owner, officer(role, anchor), table, rows)


@pytest.mark.parametrize("role", ROLES)
@pytest.mark.parametrize("code", ["CO-9", "CO-7", "VO-2", "LSO-A"])
async def test_the_doors_of_the_ledger_are_shut_for_foreign_books(
    owner: asyncpg.Connection, role: str, code: str
) -> None:
    """Whatever else is said: locking and reading, posting, closing, placing."""
    book = await owner.fetchval("SELECT book_id FROM service.organisation WHERE code = $1", code)
    for door in doors(book):
        found = await tried(owner, officer(role, "VO-1"), door)
        assert found in REFUSED, f"{door}: {found}"


def doors(book: int) -> tuple[str, ...]:
    """A call of each door, for one book."""
    one, now, day = f"ARRAY [{book}]::bigint[]", "'2026-07-31'::timestamptz", "'2026-07-20'::date"
    none = "ARRAY [NULL]::bigint[]"
    entry = (
        f"{now}, {one}, ARRAY [9], ARRAY [{day}], ARRAY [{now}], ARRAY ['normal'], ARRAY [''],"
        r" ARRAY ['me'], ARRAY [''], ARRAY ['k'], ARRAY [0]::smallint[], ARRAY ['\x00'::bytea],"
        rf" {none}, {none}, {none}, ARRAY ['\x00'::bytea]"
    )
    return (
        f"SELECT ledger.lock_and_read({one}, {empty(15)})",
        f"SELECT ledger.post({entry}, {empty(12)})",
        f"SELECT ledger.close_period({book}, '2026-06-30', 'me', 'why', {now})",
        f"SELECT ledger.place_books({one}, {one}, {one}, ARRAY [{day}], ARRAY [{day}])",
    )


def empty(times: int) -> str:
    """So many empty arrays."""
    return ", ".join(["'{}'"] * times)


@pytest.mark.parametrize("role", ["president", "auditor", "administrator", "field_officer"])
async def test_the_own_book_is_not_posted_to_by_who_does_not_prepare(
    owner: asyncpg.Connection, role: str
) -> None:
    """The door asks for the right, not for the office."""
    book = await owner.fetchval("SELECT book_id FROM service.organisation WHERE code = 'VO-1'")
    assert await tried(owner, officer(role, "VO-1"), doors(book)[0]) == "AM010"


@pytest.mark.parametrize("role", ROLES)
async def test_no_request_is_carried_out_that_was_not_approved(
    owner: asyncpg.Connection, shared: Federation, role: str
) -> None:
    """The function that opens its books asks who approved it, and whether it waits."""
    for code in ("VO-1", "CO-9"):
        carry_out = "SELECT service.carry_out($1)"
        found = await tried(owner, officer(role, "VO-1"), carry_out, shared.requests[code])
        assert found == "AM010"


async def test_nobody_is_approved_for_but_by_themselves(
    owner: asyncpg.Connection, shared: Federation
) -> None:
    """Neither as another, nor as the maker, nor with an outcome made up."""
    at = "decided_at = now(), decision = ''"
    forged = (
        f"state = 'approved', decided_by = 'manager.VO-1', {at}",
        f"state = 'approved', decided_by = asked_by, {at}",
        f"state = 'approved', decided_by = 'president.VO-1', organisation = 'CO-9', {at}",
        f"state = 'approved', decided_by = 'president.VO-1', asked_by = 'somebody', {at}",
        f"state = 'approved', decided_by = 'president.VO-1', content = '{{}}', {at}",
        f"state = 'approved', decided_by = 'president.VO-1', decider = 'CO-1', {at}",
    )
    for change in forged:
        sql = f"UPDATE service.request SET {change} WHERE code = $1"
        found = await tried(owner, "president.VO-1", sql, shared.requests["VO-1"])
        assert found in {*REFUSED, CHECK}, change
    right = f"UPDATE service.request SET state = 'approved', decided_by = 'president.VO-1', {at}"
    sql = f"{right} WHERE code = $1"
    assert await tried(owner, "president.VO-1", sql, shared.requests["VO-1"]) == "UPDATE 1"
    assert await tried(owner, "president.VO-1", sql, shared.requests["CO-9"]) == "UPDATE 0"


async def test_a_whole_federation_is_not_adopted(federation: Federation) -> None:
    """Whoever registers below VO-1 puts beneath it what is new, not another's tree."""
    second = (
        "INSERT INTO service.organisation (code, book_id, kind, name, formed_on)"
        " SELECT organisation, id, 'RSP', organisation, '2026-01-01'"
        " FROM ledger.open_books(ARRAY ['RSP-2', 'CO-2A'])"
    )
    below = "INSERT INTO service.membership VALUES ('CO-2A', 'RSP-2', '2026-01-01')"
    owner = await asyncpg.connect(database.asyncpg_url(federation.url))
    for statement in (second, below):
        await owner.execute(statement)
    adopt = "INSERT INTO service.membership VALUES ($1, 'VO-1', '2026-07-01')"
    for code in ("RSP-2", "CO-2A", "RSP-1"):
        assert await tried(owner, "field_officer.VO-1", adopt, code) in REFUSED
    async with entered(owner, "field_officer.VO-1") as app:
        assert await count(app, "service.organisation", "code LIKE '%-2%' AND code <> 'CO-2'") == 0
    await owner.close()


async def test_who_administers_an_organisation_alone_opens_nothing_below_it(
    federation: Federation,
) -> None:
    """A treasurer reads all below, so only who administers all below appoints one."""
    posts: dict[str, Iterable[Post]] = {"alone": (Post("administrator", "VO-1", below=False),)}
    await asyncio.to_thread(appoint, federation.url, posts)
    owner = await asyncpg.connect(database.asyncpg_url(federation.url))
    sql = (
        "INSERT INTO access.appointment (id, person, role, organisation, below, from_on)"
        " VALUES (gen_random_uuid(), 'resident.VO-1', $1, $2, $3, '2026-07-31')"
    )
    tries: dict[tuple[object, ...], bool] = {
        ("accountant", "VO-1", False): True,
        ("treasurer", "VO-1", False): False,
        ("field_officer", "VO-1", True): False,
        ("accountant", "CO-1", False): False,
        ("accountant", None, True): False,
    }
    for values, done in tries.items():
        found = await tried(owner, "alone", sql, *values)
        assert found == "INSERT 0 1" if done else found in REFUSED, values
    await owner.close()
