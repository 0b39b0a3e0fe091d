"""The application's role attacks the ledger; every attempt is refused and leaves no trace.

The database of this module holds a small history; each attack compares every table of the
ledger before and after. Book 1 has six entries, book 2 one, book 3 none:

    1  M-1 saves 500 on the 10th        4  M-3 saves 70, entered wrongly
    2  M-2 saves 300 on the 15th        5  entry 4 is reversed
    3  M-1 takes 200 out on the 18th    6  book 1 places 100 with book 2

Accounts of book 1: 1 cash, 2 M-1, 3 M-2, 4 M-3, 5 deposit with book 2. It is closed to 2025.
"""

from __future__ import annotations

from contextlib import closing
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import TYPE_CHECKING, Any, Final

import asyncpg
import pytest

from ledger.entries import EntryRef, Kind, reversal
from ledger.postgres import journal
from tests.support.forgery import Forgery, honest
from tests.support.ledger import (
    DAY,
    NOW,
    TODAY,
    Desk,
    application,
    close_period,
    credit,
    debit,
    deposit,
    draft,
    fingerprint,
    open_books,
    post_all,
    prove,
    request,
    transfer,
    withdrawal,
)

if TYPE_CHECKING:
    from collections.abc import Callable, Coroutine, Iterator

    from ledger.entries import Draft

SECOND: Final = timedelta(seconds=1)
MIDDLE: Final = DAY + timedelta(days=6)
REVERSED, REVERSAL, TRANSFER = EntryRef(1, 4), EntryRef(1, 5), EntryRef(1, 6)


@pytest.fixture(scope="module")
def desk(module_database_url: str) -> Iterator[Desk]:
    """The module's database with its small history."""
    with closing(Desk(module_database_url)) as opened:
        opened.run(write_history(opened.connection))
        yield opened


async def write_history(connection: asyncpg.Connection) -> None:
    """What the head of this file says."""
    assert await open_books(connection, "CO-01", "CO-02", "CO-03") == [1, 2, 3]
    await post_all(connection, request(deposit(500), key="k-1"))
    await post_all(
        connection,
        request(deposit(300, "M-2", on=DAY + timedelta(days=5))),
        request(withdrawal(200, on=DAY + timedelta(days=8))),
        request(deposit(70, "M-3")),
    )
    wrong = (await journal.entries(connection, [REVERSED]))[REVERSED]
    undo = reversal(wrong, value_date=TODAY, actor="treasurer", narrative="Wrong")
    await post_all(connection, request(undo))
    await post_all(connection, request(*transfer(100, giver=1, taker=2, on=TODAY)))
    await close_period(connection, 1, date(2025, 12, 31))


def attempt(desk: Desk, attack: Callable[[asyncpg.Connection], Coroutine[Any, Any, object]]) -> str:
    """Attack as the application, in a transaction that would commit; how it was refused."""

    async def work() -> str:
        before = await fingerprint(desk.connection)
        try:
            async with application(desk.connection):
                await attack(desk.connection)
        except asyncpg.PostgresError as error:
            refused = f"{error.sqlstate} {error}"
        else:
            refused = "got through"
        await desk.connection.execute("RESET ALL; DISCARD TEMP")
        assert await fingerprint(desk.connection) == before, refused
        return refused

    return desk.run(work())


def execute(
    statement: str, *values: object
) -> Callable[[asyncpg.Connection], Coroutine[Any, Any, object]]:
    """The attack of running a statement."""
    return lambda connection: connection.execute(statement, *values)


# --------------------------------------------------------------------------------------
# Around the door: plain SQL


TABLES: Final = [
    *["chart", "book", "closing", "account", "entry", "line", "delta", "under"],
    *["line_fy2026", "line_fy2025"],
]
STATEMENTS: Final = [
    "INSERT INTO ledger.{} SELECT * FROM ledger.{} LIMIT 1",
    "INSERT INTO ledger.{} DEFAULT VALUES",
    "DELETE FROM ledger.{}",
    "TRUNCATE ledger.{} CASCADE",
    "SELECT * FROM ledger.{} FOR UPDATE",
    "SELECT * FROM ledger.{} FOR KEY SHARE",
    "LOCK TABLE ledger.{} IN ROW SHARE MODE",
    "ALTER TABLE ledger.{} DISABLE TRIGGER ALL",
    "ALTER TABLE ledger.{} ADD COLUMN more text",
    "ALTER TABLE ledger.{} OWNER TO amanat_system",
    "DROP TABLE ledger.{} CASCADE",
    "CREATE INDEX ON ledger.{} ((1))",
    "CREATE RULE r AS ON INSERT TO ledger.{} DO INSTEAD NOTHING",
    "CREATE TRIGGER t BEFORE INSERT ON ledger.{} EXECUTE FUNCTION ledger.refuse_change()",
    "CREATE POLICY p ON ledger.{}",
    "CREATE TEMP TABLE child () INHERITS (ledger.{})",
    "COPY ledger.{} FROM PROGRAM 'true'",
    (
        "MERGE INTO ledger.{} t USING (SELECT 1) s ON false WHEN NOT MATCHED THEN DO NOTHING"
        " WHEN MATCHED THEN DELETE"
    ),
    "ANALYZE ledger.{}",
]


@pytest.mark.parametrize("statement", STATEMENTS, ids=lambda s: s.split(" ledger")[0].lower())
def test_the_application_cannot_touch_a_table_itself(desk: Desk, statement: str) -> None:
    """I1, I3, I4: not a table, and not a partition behind its table's back."""
    for table in TABLES:
        refused = attempt(desk, execute(statement.replace("{}", table)))
        harmless = statement.startswith("ANALYZE") and refused == "got through"
        assert harmless or refused.startswith(("42501", "42809", "0A000", "42P16")), refused


COLUMNS: Final = {
    "chart": "floored = false",
    "book": "last_no = last_no - 1",
    "closing": "reason = 'none'",
    "account": "debit = debit + 1",
    "entry": "narrative = 'Other'",
    "line": "debit = debit + 1",
    "line_fy2026": "debit = debit + 1",
    "delta": "debit = debit + 1",
    "under": "to_on = 'infinity'",
}


@pytest.mark.parametrize("table", COLUMNS)
def test_the_application_cannot_update_a_table(desk: Desk, table: str) -> None:
    """I3, I4, I6: no head moved back, no total moved, no floor taken away."""
    refused = attempt(desk, execute(f"UPDATE ledger.{table} SET {COLUMNS[table]}"))
    assert refused.startswith("42501"), refused


@pytest.mark.parametrize(
    "statement",
    [
        "SELECT * FROM ledger.line_fy2026",
        "SET session_replication_role = replica",
        "SET row_security = off; ALTER SCHEMA ledger RENAME TO other",
        "CREATE TABLE ledger.mine (x int)",
        "CREATE VIEW ledger.mine AS SELECT 1",
        "CREATE FUNCTION ledger.sealed(varchar) RETURNS text LANGUAGE sql RETURN ''",
        "CREATE FUNCTION ledger.bounds(bigint[]) RETURNS text LANGUAGE sql RETURN '{}'",
        "CREATE TYPE ledger.other AS ENUM ()",
        "CREATE SCHEMA other",
        "CREATE TABLE public.mine (x int)",
        "CREATE OPERATOR ledger.= (LEFTARG = bytea, RIGHTARG = bytea, FUNCTION = bytea_gt)",
        "CREATE CAST (text AS bigint) WITHOUT FUNCTION",
        (
            "CREATE OR REPLACE FUNCTION ledger.settled_before() RETURNS timestamptz"
            " LANGUAGE sql RETURN 'infinity'::timestamptz"
        ),
        "ALTER FUNCTION ledger.settled_before SECURITY INVOKER",
        "ALTER TYPE ledger.kind ADD VALUE 'free'",
        "DROP SCHEMA ledger CASCADE",
        "DROP FUNCTION ledger.settled_before",
        (
            "DO $$ BEGIN GRANT INSERT ON ledger.entry TO amanat_system;"
            " IF NOT has_table_privilege('ledger.entry', 'INSERT') THEN"
            " RAISE insufficient_privilege; END IF; END $$"
        ),
        "ALTER TABLE ledger.line DETACH PARTITION ledger.line_fy2026",
        (
            "CREATE TABLE pg_temp.line_fy2031 PARTITION OF ledger.line"
            " FOR VALUES FROM ('2030-07-01') TO ('2031-07-01')"
        ),
        "SELECT ledger.check_pairs(ARRAY[1::bigint], ARRAY[1::bigint])",
        "SELECT ledger.refuse_change()",
        "CREATE ROLE other; ALTER ROLE amanat_system SUPERUSER",
        "SELECT pg_terminate_backend(pg_backend_pid()) FROM pg_read_file('postgresql.conf')",
        "SELECT lo_import('/etc/passwd')",
        "DO $$ BEGIN PERFORM set_config('session_replication_role', 'replica', false); END $$",
    ],
)
def test_the_application_cannot_change_the_rules(desk: Desk, statement: str) -> None:
    """Nor see a partition, nor put objects where the doors look for theirs."""
    refused = attempt(desk, execute(statement))
    assert refused.startswith(("42501", "0A000", "42P16", "42601", "42809")), refused


@pytest.mark.parametrize(
    ("statement", "why"),
    [
        ("SELECT ledger.open_books(ARRAY['CO-04', NULL])", "23502"),
        ("SELECT ledger.make_partition(1979)", "AM007"),
        ("SELECT ledger.make_partition(2201)", "AM007"),
        ("SELECT ledger.make_partition(NULL)", "AM007"),
        ("SELECT ledger.close_period(1, '2025-12-31', 'a', 'again', $1)", "AM007"),
        ("SELECT ledger.close_period(1, '2025-06-30', 'a', 'back', $1)", "AM007"),
        ("SELECT ledger.close_period(1, NULL, 'a', 'open again', $1)", "AM007"),
        ("SELECT ledger.close_period(1, '-infinity', 'a', 'open again', $1)", "AM007"),
        ("SELECT ledger.close_period(1, 'infinity', 'a', 'for ever', $1)", "AM007"),
        ("SELECT ledger.close_period(1, '2026-03-01', 'a', 'today', $1)", "AM007"),
        ("SELECT ledger.close_period(1, '2090-01-01', 'a', 'ahead', '2099-01-01')", "AM007"),
        ("SELECT ledger.close_period(1, '2090-01-01', 'a', 'ahead', 'infinity')", "AM007"),
        ("SELECT ledger.close_period(1, '2026-01-31', 'a', 'when?', NULL)", "AM007"),
        ("SELECT ledger.close_period(1, '2026-01-31', '', 'who?', $1)", "23514"),
        ("SELECT ledger.close_period(1, '2026-01-31', NULL, 'who?', $1)", "23502"),
        ("SELECT ledger.close_period(1, '2026-01-31', 'a', '', $1)", "23514"),
        ("SELECT ledger.close_period(9, '2026-01-31', 'a', 'no book', $1)", "AM007"),
    ],
)
def test_the_other_doors_refuse_what_they_must(desk: Desk, statement: str, why: str) -> None:
    """I7, I9: a period closes once, forwards, over days that are past, by somebody, for cause."""
    values = [NOW] if "$1" in statement else []
    refused = attempt(desk, execute(statement.replace("$1", "$1::timestamptz"), *values))
    assert refused.startswith(why), refused


@pytest.mark.parametrize(
    "statement",
    [
        *["UPDATE ledger.{} SET book_id = book_id", "DELETE FROM ledger.{}", "TRUNCATE ledger.{}"],
        "TRUNCATE ledger.{} CASCADE",
    ],
)
@pytest.mark.parametrize("table", ["entry", "line", "line_fy2026", "closing"])
async def test_not_even_the_owner_changes_what_is_posted(
    connection: asyncpg.Connection, table: str, statement: str
) -> None:
    """I4: by trigger, in the table and in each partition."""
    await write_history(connection)
    before = await fingerprint(connection)
    with pytest.raises(asyncpg.PostgresError, match="never changed or deleted"):
        await connection.execute(statement.replace("{}", table))
    assert await fingerprint(connection) == before


@pytest.mark.parametrize(
    "statement",
    [
        "UPDATE ledger.book SET last_no = last_no - 1 WHERE id = 1",
        "UPDATE ledger.book SET head_hash = sha256('') WHERE id = 1",
        "UPDATE ledger.book SET last_posted_at = last_posted_at - interval '1 s' WHERE id = 1",
        "UPDATE ledger.book SET last_posted_at = NULL WHERE id = 1",
        "UPDATE ledger.book SET closed_to = NULL WHERE id = 1",
        "UPDATE ledger.book SET closed_to = closed_to - 1 WHERE id = 1",
        "UPDATE ledger.book SET last_account = 0 WHERE id = 1",
        "UPDATE ledger.book SET organisation = 'CO-09' WHERE id = 1",
        "UPDATE ledger.book SET currency = 'USD' WHERE id = 1",
        "UPDATE ledger.book SET id = 9 WHERE id = 3",
        "DELETE FROM ledger.book WHERE id = 3",
        "TRUNCATE ledger.book CASCADE",
    ],
)
async def test_not_even_the_owner_moves_a_head_back(
    connection: asyncpg.Connection, statement: str
) -> None:
    """I3: numbers, hash, moment, closing and name of a book only move forward, or stay."""
    await write_history(connection)
    before = await fingerprint(connection)
    with pytest.raises(asyncpg.PostgresError, match=r"only moves forward|never changed"):
        await connection.execute(statement)
    assert await fingerprint(connection) == before


async def test_partitions_made_later_are_guarded_too(connection: asyncpg.Connection) -> None:
    """An attached partition inherits no statement trigger: the door gives it one."""
    await write_history(connection)
    old = date(1999, 12, 31)
    await post_all(connection, request(deposit(5, book=3, on=old)))
    for statement in ("TRUNCATE ledger.{}", "DELETE FROM ledger.{}", "UPDATE ledger.{} SET n = 9"):
        with pytest.raises(asyncpg.PostgresError, match="never changed or deleted"):
            await connection.execute(statement.replace("{}", "line_fy2000"))
    with pytest.raises(asyncpg.InsufficientPrivilegeError):
        async with application(connection):
            await connection.fetch("SELECT * FROM ledger.line_fy2000")


# --------------------------------------------------------------------------------------
# Through the door, with forged content


@dataclass(frozen=True)
class Attack:
    """How an honest posting is forged, whether it is sealed anew, and how it is refused."""

    change: Callable[[Forgery], object]
    refused: str
    sealed: bool = True
    of: str = "deposit"


def halves() -> tuple[Draft, ...]:
    """A transfer from book 1 to book 2."""
    return transfer(10, giver=1, taker=2, on=TODAY)


SAVING: Final = debit("1000", 50), credit("2000", 20, "M-1"), credit("2000", 30, "M-9")
DRAFTS: Final[dict[str, tuple[Draft, ...]]] = {
    "deposit": (draft(*SAVING),),
    "two": (deposit(50), deposit(60, "M-9")),
    "withdrawal": (withdrawal(100, on=MIDDLE),),
    "transfer": halves(),
    "empty book": (deposit(10, book=3),),
    "closing": (draft(debit("4000", 5), credit("3000", 5), on=TODAY, kind=Kind.CLOSE),),
}


async def basis(connection: asyncpg.Connection, of: str) -> Forgery:
    """The honest posting that an attack forges."""
    if of in DRAFTS:
        return await honest(connection, *DRAFTS[of])
    refs = [EntryRef(1, 2)] if of == "reversal" else [TRANSFER, EntryRef(2, 1)]
    found = await journal.entries(connection, refs)
    undo = [
        reversal(
            found[ref],
            value_date=TODAY,
            actor="treasurer",
            narrative="Wrong",
            counterpart=1 - place if len(refs) > 1 else None,
        )
        for place, ref in enumerate(refs)
    ]
    return await honest(connection, *undo)


def entry(place: int = 0, **values: object) -> Callable[[Forgery], object]:
    """Change an entry."""
    return lambda forged: forged.entries[place].update(values)


def line(place: int, **values: object) -> Callable[[Forgery], object]:
    """Change a line."""
    return lambda forged: forged.lines[place].update(values)


def opening(**values: object) -> Callable[[Forgery], object]:
    """Change the opening of account 6."""
    return lambda forged: forged.openings[0].update(values)


def raw(**values: object) -> Callable[[Forgery], object]:
    """Give arguments as they are."""
    return lambda forged: forged.raw.update(values)


def both(*changes: Callable[[Forgery], object]) -> Callable[[Forgery], object]:
    """One change after another."""

    def change(forged: Forgery) -> None:
        for one in changes:
            one(forged)

    return change


def renumbered(**accounts: int) -> Callable[[Forgery], object]:
    """Open account 6 under another number, and use it there."""
    return both(opening(no=accounts["no"]), line(2, account=accounts["no"]))


def gap_below(forged: Forgery) -> None:
    """Open accounts 0 and 7: two more, of which the last is as far on as it should be."""
    forged.openings[0]["no"] = forged.lines[2]["account"] = 7
    forged.openings.append({**forged.openings[0], "no": 0, "party": "M-10"})
    forged.openings.reverse()


def recorded(moment: datetime, *, posted: bool = False) -> Callable[[Forgery], object]:
    """Say that it was recorded then."""

    def change(forged: Forgery) -> None:
        forged.recorded = moment
        if posted:
            forged.entries[0]["posted_at"] = moment

    return change


def swapped(forged: Forgery) -> None:
    """Hand in the second entry first."""
    forged.entries.reverse()
    for row in (*forged.lines, *forged.openings):
        row["entry"] = 3 - row["entry"]
    forged.prev[1] = bytes(32)


def one_half(forged: Forgery) -> None:
    """Leave the taker's half out."""
    del forged.entries[1]
    forged.lines = [row for row in forged.lines if row["entry"] == 1]
    forged.openings = [row for row in forged.openings if row["entry"] == 1]


def both_halves(**values: object) -> Callable[[Forgery], object]:
    """Change the lines of the taker's half."""
    return lambda forged: [row.update(values) for row in forged.lines if row["entry"] == 2]


def onto_an_old_entry(forged: Forgery) -> None:
    """Number entry 7 for `unnest`, and entry 1 for subscripts: its lines would join entry 1."""
    forged.raw.update(e_no="[0:1]={7,1}", e_value_date=[date(2026, 1, 5)])


ATTACKS: Final[dict[str, Attack]] = {
    # -- I1: balance
    "a line too many": Attack(line(0, debit=51), "AM001 I1"),
    "one paisa to another fund": Attack(opening(fund="other"), "AM001 I1"),
    "a negative debit": Attack(line(0, debit=-50), "23514"),
    "negative amounts that balance": Attack(
        both(line(0, debit=-50), line(1, credit=-20), line(2, credit=-30)), "23514"
    ),
    "both sides of a line": Attack(both(line(0, debit=60, credit=10)), "23514"),
    "neither side of a line": Attack(
        both(line(0, debit=30), line(1, credit=0)), "23514"
    ),
    "amounts that overflow": Attack(
        both(line(0, debit=2**63 - 1), line(2, credit=2**63 - 1 - 20)), "22003"
    ),
    "a closing that moves money": Attack(entry(kind="close"), "AM001 I1: a closing"),
    # -- I2: accounts
    "an account that is not there": Attack(line(1, account=99), "AM001 I2"),
    "account 0": Attack(line(1, account=0), "AM001 I2"),
    "an account of no number": Attack(line(1, account=None), "AM001 I2", sealed=False),
    "an account of another book": Attack(
        both(entry(book=3, no=1), lambda f: f.openings.clear()), "AM001 I2", sealed=False
    ),
    "an account opened in another book": Attack(opening(entry=2), "23502", sealed=False),
    "an account opened twice": Attack(opening(party="M-1"), "23505"),
    "an account of an unknown code": Attack(opening(code="9999"), "23503"),
    "an account of no fund": Attack(opening(fund=""), "23514"),
    "an account number left out": Attack(renumbered(no=7), "AM003 I3"),
    "an account number of the past": Attack(renumbered(no=3), "23505"),
    "an account numbered below one": Attack(gap_below, "23514"),
    # -- I3: numbers, chain, seal
    "a number left out": Attack(entry(no=8), "AM003 I3"),
    "a number used before": Attack(entry(no=6), "23505"),
    "a number below one": Attack(entry(no=0), "AM003 I3"),
    "a number used twice": Attack(both(entry(1, no=7)), "23505", of="two"),
    "entries out of order": Attack(swapped, "AM003 I3", of="two"),
    "a hash of nothing": Attack(entry(hash=bytes(32)), "AM003 I3: the seal", sealed=False),
    "a hash cut short": Attack(entry(hash=b""), "23514", sealed=False),
    "a narrative that is not sealed": Attack(
        entry(narrative="Other"), "AM003 I3: the seal", sealed=False
    ),
    "an actor that is not sealed": Attack(entry(actor="x"), "AM003 I3: the seal", sealed=False),
    "a subject that is not sealed": Attack(
        line(0, subject="L-1"), "AM003 I3: the seal", sealed=False
    ),
    "a party that is not sealed": Attack(
        opening(party="M-10"), "AM003 I3: the seal", sealed=False
    ),
    "a counterparty that is not sealed": Attack(
        opening(counterparty=2), "AM003 I3: the seal", sealed=False
    ),
    "a moment that is not sealed": Attack(
        recorded(NOW - SECOND), "AM003 I3: the seal", sealed=False
    ),
    "a digest that is not sealed": Attack(
        entry(digest=b"x" * 32), "AM003 I3: the seal", sealed=False
    ),
    "another entry before it": Attack(
        lambda f: f.prev.update({1: bytes(32)}), "AM003 I3: the seal"
    ),
    "the second continuing the head": Attack(
        lambda f: f.entries[1].update(hash=f.entries[0]["hash"]),
        "AM003 I3: the seal",
        sealed=False,
        of="two",
    ),
    "no lines": Attack(lambda f: f.lines.clear(), "AM001 I3"),
    "no lines for the second entry": Attack(
        lambda f: [row.update(entry=1) for row in f.lines], "", of="two"
    ),
    "lines numbered from two": Attack(
        lambda f: [row.update(n=row["n"] + 1) for row in f.lines], "AM001 I3"
    ),
    "a line twice": Attack(lambda f: f.lines.append(dict(f.lines[0])), "23505"),
    "lines of an entry that is not there": Attack(
        lambda f: f.lines.append({**f.lines[0], "entry": 2, "n": 1}), "AM001 I2"
    ),
    "lines of entry 0": Attack(line(0, entry=0), "AM001", sealed=False),
    "lines of entry -1": Attack(line(0, entry=-1), "AM001", sealed=False),
    "lines of no entry": Attack(line(0, entry=None), "AM001", sealed=False),
    "lines onto an old entry": Attack(onto_an_old_entry, "AM003 I3: the arrays"),
    "a book that is not there": Attack(
        both(entry(book=99, no=1), lambda f: f.prev.update({99: bytes(32)})), ""
    ),
    "nothing at all": Attack(
        both(lambda f: f.entries.clear(), lambda f: f.lines.clear(), lambda f: f.openings.clear()),
        "AM003 I3: the arrays",
    ),
    # -- I4: reversals
    "a reversal of nothing": Attack(entry(reverses=None), "23514", of="reversal"),
    "a normal entry that reverses": Attack(entry(reverses=1), "23514"),
    "a reversal not mirrored": Attack(
        both(line(0, credit=299), line(1, debit=299)), "AM008 I4", of="reversal"
    ),
    "a reversal of another entry": Attack(entry(reverses=1), "AM008 I4", of="reversal"),
    "a reversal of part": Attack(
        both(line(0, credit=150), line(1, debit=150)),
        "AM008 I4",
        of="reversal",
    ),
    "a second reversal": Attack(entry(reverses=4), "23505", of="reversal"),
    "a reversal of a reversal": Attack(entry(reverses=5), "AM008 I4", of="reversal"),
    "a reversal of itself": Attack(entry(reverses=7), "AM008 I4", of="reversal"),
    "a reversal of an entry to come": Attack(entry(reverses=8), "AM008 I4", of="reversal"),
    "a reversal before its entry": Attack(
        entry(value_date=DAY + timedelta(days=4)), "AM001 I6|AM006 I6|AM008 I4", of="reversal"
    ),
    # -- I5: keys
    "a key used before": Attack(entry(key="k-1"), "AM005 I5"),
    "a key used before, as its next part": Attack(entry(key="k-1", part=1), "AM005 I5"),
    "one key for two requests": Attack(
        both(entry(0, key="k-9"), entry(1, key="k-9", part=1, digest=b"x" * 32)),
        "AM005 I5",
        of="two",
    ),
    # -- I6: floors
    "a floor passed": Attack(
        both(line(0, debit=301), line(1, credit=301)), "AM001 I6", of="withdrawal"
    ),
    "a floor passed today": Attack(
        both(entry(value_date=TODAY), line(0, debit=301), line(1, credit=301)),
        "AM001 I6",
        of="withdrawal",
    ),
    "a floor passed on an earlier day": Attack(
        both(entry(value_date=DAY - timedelta(days=1))), "AM006 I6", of="withdrawal"
    ),
    "a floor passed by a new account": Attack(
        both(line(0, debit=0, credit=50), line(1, credit=0, debit=20), line(2, credit=0, debit=30)),
        "AM001 I6",
    ),
    # -- I7: days, periods, moments
    "dated tomorrow": Attack(entry(value_date=TODAY + timedelta(days=1)), "AM003 I7"),
    "dated in a closed period": Attack(entry(value_date=date(2025, 12, 31)), "AM003 I7"),
    "dated before the books": Attack(entry(value_date=date(1979, 6, 30)), "AM007"),
    "dated never": Attack(entry(value_date=None), "AM007", sealed=False),
    "dated for ever": Attack(raw(e_value_date="{infinity}"), "0A000|22", sealed=False),
    "dated since ever": Attack(raw(e_value_date="{-infinity}"), "0A000|22", sealed=False),
    "posted before the last entry": Attack(
        entry(posted_at=NOW - timedelta(days=1)), "AM003 I3: moments"
    ),
    "posted with the last entry": Attack(entry(posted_at=NOW), "AM003 I3: moments"),
    "posted in the past of a book with entries": Attack(
        both(recorded(NOW + 60 * SECOND), entry(posted_at=NOW + SECOND)), "AM003 I7: only"
    ),
    "posted ahead of the clock": Attack(entry(posted_at=NOW + 2 * SECOND), "AM003 I7: posted"),
    "recorded in the future": Attack(
        recorded(datetime(2099, 1, 1, tzinfo=NOW.tzinfo), posted=True), "AM003 I7"
    ),
    "recorded never": Attack(raw(recorded=None), "23502", sealed=False),
    "posted since ever": Attack(
        raw(e_posted_at="{-infinity}"), "AM003|0A000|22", sealed=False, of="empty book"
    ),
    "posted for ever": Attack(raw(e_posted_at="{infinity}"), "AM003|0A000|22", sealed=False),
    # -- I8: transfers
    "half of a transfer": Attack(one_half, "AM008 I8", of="transfer"),
    "a half that names nobody": Attack(
        entry(1, counterpart_book=None, counterpart_no=None), "AM008 I8", of="transfer"
    ),
    "a half that names its own book": Attack(
        entry(0, counterpart_book=1), "23514", of="transfer"
    ),
    "a half that names half a place": Attack(
        entry(0, counterpart_no=None), "23514", of="transfer"
    ),
    "a half that names an old half": Attack(entry(0, counterpart_no=1), "AM008 I8", of="transfer"),
    "halves on two days": Attack(
        entry(1, value_date=TODAY - timedelta(days=1)), "AM008 I8", of="transfer"
    ),
    "halves at two moments": Attack(
        entry(1, posted_at=NOW + SECOND), "AM008 I8", of="transfer"
    ),
    "halves of two amounts": Attack(
        lambda f: [
            row.update({side: 11 for side in ("debit", "credit") if row[side]})
            for row in f.lines
            if row["entry"] == 2
        ],
        "AM008 I8",
        of="transfer",
    ),
    "a plain entry called a half": Attack(
        entry(0, counterpart_book=2, counterpart_no=1), "AM008 I8"
    ),
    "one half of a transfer reversed": Attack(one_half, "AM008 I8", of="both reversed"),
    "one half reversed as a plain entry": Attack(
        both(one_half, entry(0, counterpart_book=None, counterpart_no=None)),
        "AM008 I8",
        of="both reversed",
    ),
    # -- I9: who
    "by nobody": Attack(entry(actor=""), "23514"),
    "of an unknown kind": Attack(entry(kind="free"), "22P02"),
}  # fmt: skip


@pytest.mark.parametrize("name", ATTACKS)
def test_the_door_refuses(desk: Desk, name: str) -> None:
    """Whatever is forged, the invariant that it breaks is checked in PostgreSQL."""
    attack = ATTACKS[name]

    async def forge(connection: asyncpg.Connection) -> None:
        forged = await basis(connection, attack.of)
        attack.change(forged)
        if attack.sealed:
            forged.seal()
        await forged.hand_in(connection)

    refused = attempt(desk, forge)
    assert refused != "got through"
    assert refused.startswith(tuple(attack.refused.split("|"))), refused


COLUMN_NAMES: Final = [
    *["e_book", "e_no", "e_value_date", "e_posted_at", "e_kind", "e_narrative", "e_actor"],
    *["e_reference", "e_key", "e_part", "e_digest", "e_reverses", "e_counterpart_book"],
    *["e_counterpart_no", "e_hash", "a_entry", "a_no", "a_code", "a_fund", "a_party"],
    *["a_counterparty", "l_entry", "l_n", "l_account", "l_subject", "l_debit", "l_credit"],
]
NULLABLE: Final = {"e_reverses", "e_counterpart_book", "e_counterpart_no", "a_counterparty"}


SHAPES: Final = ["null", "empty", "longer", "shorter", "of nulls", "from zero"]


@pytest.mark.parametrize(
    ("column", "shape"),
    [
        (column, shape)
        for column in COLUMN_NAMES
        for shape in SHAPES
        if shape != "of nulls" or column not in NULLABLE
    ],
)
def test_the_door_refuses_a_column(desk: Desk, column: str, shape: str) -> None:
    """Arrays that do not lie side by side, or hold nothing where something must be."""

    async def forge(connection: asyncpg.Connection) -> None:
        forged = await basis(connection, "deposit")
        values = forged.argument(column)
        forged.raw[column] = {
            "null": None,
            "empty": [],
            "longer": [*values, values[-1]],
            "shorter": values[:-1],
            "of nulls": [None] * len(values),
            "from zero": f"[0:{len(values) - 1}]={{{','.join(['NULL'] * len(values))}}}",
        }[shape]
        await forged.hand_in(connection)

    refused = attempt(desk, forge)
    assert refused != "got through"
    if shape != "of nulls":
        assert refused.startswith("AM003 I3: the arrays"), refused


def test_what_is_forged_here_is_accepted_when_it_is_honest(desk: Desk) -> None:
    """Else the attacks above would prove nothing."""

    async def hand_in() -> None:
        for of in (
            *["deposit", "two", "withdrawal", "transfer", "empty book"],
            *["reversal", "both reversed", "closing"],
        ):
            forged = await basis(desk.connection, of)
            sealed = [row["hash"] for row in forged.entries]
            forged.seal()
            assert [row["hash"] for row in forged.entries] == sealed
            transaction = desk.connection.transaction()
            await transaction.start()
            await desk.connection.execute("SET LOCAL ROLE amanat_system")
            await forged.hand_in(desk.connection)
            await transaction.rollback()

    desk.run(hand_in())


def test_the_clock_cannot_be_crept_forward(desk: Desk) -> None:
    """I7: a second ahead of the last entry, again and again, ends at the real clock."""

    async def creep(connection: asyncpg.Connection) -> None:
        now = await connection.fetchval("SELECT clock_timestamp()")
        ahead = now + timedelta(minutes=4)
        forged = await basis(connection, "empty book")
        recorded(ahead, posted=True)(forged)
        forged.seal()
        await forged.hand_in(connection)
        for step in range(1, 200):
            more = await basis(connection, "empty book")
            recorded(ahead)(more)
            more.entries[0]["posted_at"] = ahead + step * SECOND
            more.seal()
            await more.hand_in(connection)

    assert attempt(desk, creep).startswith("AM003 I7: posted in the future")


# --------------------------------------------------------------------------------------
# Around the doors' own eyes: names and settings of the session


SHADOWS: Final = """
    CREATE TEMP TABLE book (LIKE ledger.book);
    CREATE TEMP TABLE account (LIKE ledger.account);
    CREATE TEMP TABLE entry (LIKE ledger.entry);
    CREATE TEMP TABLE line (LIKE ledger.line);
    CREATE TEMP TABLE chart (LIKE ledger.chart);
    CREATE TEMP TABLE delta (LIKE ledger.delta);
    CREATE TEMP TABLE pg_class (x int);
    CREATE TYPE pg_temp.kind AS ENUM ('normal');
"""
FAKES: Final = """
    CREATE FUNCTION pg_temp.sha256(bytea) RETURNS bytea LANGUAGE sql RETURN NULL::bytea;
    CREATE FUNCTION pg_temp.bounds(anyarray) RETURNS text LANGUAGE sql AS $$ SELECT '[1:1]' $$;
    CREATE FUNCTION pg_temp.format(text, integer) RETURNS text LANGUAGE sql RETURN '[1:1]';
    CREATE FUNCTION pg_temp.array_dims(bigint[]) RETURNS text LANGUAGE sql RETURN '[1:1]';
    CREATE FUNCTION pg_temp.clock_timestamp() RETURNS timestamptz LANGUAGE sql
        RETURN 'infinity'::timestamptz;
    CREATE FUNCTION pg_temp.never(bytea, bytea) RETURNS boolean LANGUAGE sql RETURN false;
    CREATE FUNCTION pg_temp.never(bigint, bigint) RETURNS boolean LANGUAGE sql RETURN false;
    CREATE OPERATOR pg_temp.<> (LEFTARG = bytea, RIGHTARG = bytea, FUNCTION = pg_temp.never);
    CREATE OPERATOR pg_temp.< (LEFTARG = bigint, RIGHTARG = bigint, FUNCTION = pg_temp.never);
"""
SETTINGS: Final = [
    "SET search_path = pg_temp, ledger, pg_catalog",
    "SET search_path = ''",
    "SET timezone = 'Pacific/Apia'",
    "SET timezone = 'Pacific/Kiritimati'; SET datestyle = 'German, DMY'",
    "SET bytea_output = 'escape'; SET quote_all_identifiers = on; SET array_nulls = off",
    "SET standard_conforming_strings = off; SET transform_null_equals = on",
    "SET lc_numeric = 'C'; SET extra_float_digits = -15; SET intervalstyle = 'sql_standard'",
    "SET enable_hashjoin = off; SET enable_mergejoin = off; SET jit = off",
    "SET plan_cache_mode = force_custom_plan; SET row_security = off",
    "SET enable_nestloop = off; SET enable_sort = off; SET enable_hashagg = off",
]


async def hand_in_under(trick: str, forged: Forgery, connection: asyncpg.Connection) -> None:
    """Prepare the session as the application, then call the door in it."""
    async with application(connection):
        await connection.execute(trick)
        await forged.hand_in(connection)


@pytest.mark.parametrize(
    "trick",
    [
        *SETTINGS,
        SHADOWS + "SET search_path = pg_temp, pg_catalog",
        FAKES + "SET search_path = pg_temp, pg_catalog",
    ],
    ids=[*(setting[4:40] for setting in SETTINGS), "tables in pg_temp", "functions in pg_temp"],
)
async def test_no_setting_or_temporary_object_deceives_the_door(
    connection: asyncpg.Connection, trick: str
) -> None:
    """A forged seal and a passed floor are seen; an honest posting lands in the real tables."""
    await write_history(connection)
    before = await fingerprint(connection)
    for name in ("a hash of nothing", "a floor passed", "a floor passed on an earlier day"):
        attack = ATTACKS[name]
        forged = await basis(connection, attack.of)
        attack.change(forged)
        if attack.sealed:
            forged.seal()
        with pytest.raises(asyncpg.PostgresError, match=r"the seal|below its floor"):
            await hand_in_under(trick, forged, connection)
    assert await fingerprint(connection) == before
    forged = await basis(connection, "two")
    await hand_in_under(trick, forged, connection)
    await connection.execute("RESET ALL; DISCARD TEMP")
    await prove(connection, [1, 2, 3])
    assert await connection.fetchval("SELECT last_no FROM ledger.book WHERE id = 1") == 8
