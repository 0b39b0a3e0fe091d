"""The audit trail: every change is in it, by whatever way, and nothing is taken out of it."""

from __future__ import annotations

import asyncio
from datetime import UTC, date, datetime
from hashlib import sha256
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

import asyncpg
import pytest

from jobs import proving
from service import audit, federation, members
from service.audit import About, Only
from service.books import SessionProof, Visit, read_books_for, write_books_for
from service.members import Gender, Member
from service.refusals import Forbidden, NotFound
from tests.support.database import asyncpg_url, execute, fetch
from tests.support.importing import engine_of, load_folder
from tests.support.people import Post, appoint, token_of

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Iterable, Sequence
    from contextlib import AbstractAsyncContextManager

    from sqlalchemy.ext.asyncio import AsyncEngine

    from service.audit import Link
    from service.books import Books
    from tests.support.world import World

NOW: Final = datetime(2026, 7, 31, 9, tzinfo=UTC)
DAY: Final = date(2026, 6, 20)
OFFICER: Final[dict[str, Iterable[Post]]] = {"nasreen": [Post("field_officer"), Post("treasurer")]}
WHO_AND_WHENCE: Final = "203.0.113.7"


def proof(person: str) -> SessionProof:
    """The proof that a person in a session brings."""
    return SessionProof(sha256(token_of(person).encode()).digest())


def visit(action: str = "tried") -> Visit:
    """A request from an address."""
    return Visit(NOW, WHO_AND_WHENCE, action, f"/v1/{action}")


def reading(engine: AsyncEngine, person: str) -> AbstractAsyncContextManager[Books]:
    """Books for a person to read."""
    return read_books_for(engine, proof(person), visit())


def a_member(code: str, organisation: str = "CO-01", **more: Any) -> Member:  # noqa: ANN401 - as a member has it
    """A new member."""
    return Member(code, organisation, "Rukhsana", Gender.FEMALE, DAY, **more)


async def appointed(url: str, people: dict[str, Iterable[Post]]) -> None:
    """Appoint people, beside the loop that runs."""
    await asyncio.to_thread(appoint, url, people)


async def executed(url: str, *statements: str) -> None:
    """Run statements as the owner, beside the loop that runs."""
    await asyncio.to_thread(execute, url, *statements)


async def fetched(url: str, query: str) -> list[tuple[object, ...]]:
    """The rows of a query by the owner, beside the loop that runs."""
    return await asyncio.to_thread(fetch, url, query)


async def trail(world: World, organisation: str = "CO-01", **asked: Any) -> Sequence[Link]:  # noqa: ANN401 - as `trail` takes it
    """The trail of an organisation, to the house."""
    async with world.reading() as books:
        return await audit.page(books, About.ORGANISATION, organisation, **asked)


async def last_of(world: World, about: About, code: str) -> Link:
    """The newest link of a chain, to the house."""
    async with world.reading() as books:
        return (await audit._page(books, about, code, 0, 1000, Only()))[-1]


@pytest.fixture
async def owner(world_database: str) -> AsyncIterator[asyncpg.Connection]:
    """The owner of the database, who goes behind the service's back."""
    connection = await asyncpg.connect(asyncpg_url(world_database))
    try:
        yield connection
    finally:
        await connection.close()


async def test_a_change_says_who_what_when_and_from_where(
    world: World, world_database: str
) -> None:
    """With the rows after it; a person is known with session and address."""
    await appointed(world_database, OFFICER)
    before = await trail(world)
    async with write_books_for(
        world.engine, proof("nasreen"), visit("admit"), clock=lambda: NOW
    ) as books:
        await members.admit(books, a_member("M-9"))
    (link,) = (await trail(world))[len(before) :]
    assert (link.no, link.actor, link.at, link.action) == (len(before) + 1, "nasreen", NOW, "admit")
    assert link.source.startswith(f"{WHO_AND_WHENCE} session ")
    (change,) = link.changes
    assert (change["table"], change["change"]) == ("member", "inserted")
    assert [row["code"] for row in change["after"]] == ["M-9"]


async def test_a_change_of_what_was_there_says_before_and_after(world: World) -> None:
    """A move ends one membership and begins another."""
    async with world.at(DAY) as books:
        await federation.move(books, "CO-02", to="VO-02", on=DAY)
    link = await last_of(world, About.ORGANISATION, "CO-02")
    (ended,) = [one for one in link.changes if one["change"] == "updated"]
    (begun,) = [one for one in link.changes if one["change"] == "inserted"]
    assert [row["to_on"] for row in ended["before"]] == ["infinity"]
    assert [row["to_on"] for row in ended["after"]] == [DAY.isoformat()]
    assert [row["parent"] for row in begun["after"]] == ["VO-02"]


async def test_each_organisation_touched_has_one_link(world: World) -> None:
    """Of a transaction over two: one each, with its own rows alone."""
    before = {code: len(await trail(world, code)) for code in ("CO-01", "CO-02", "CO-03")}
    async with world.at(DAY) as books:
        for code, home in (("M-7", "CO-01"), ("M-8", "CO-02"), ("M-9", "CO-01")):
            await members.register(books, [a_member(code, home)])
    for code, whose in (("CO-01", ["M-7", "M-9"]), ("CO-02", ["M-8"])):
        (link,) = (await trail(world, code))[before[code] :]
        assert [row["code"] for one in link.changes for row in one["after"]] == whose
    assert len(await trail(world, "CO-03")) == before["CO-03"]


async def test_a_sheet_is_one_link_when_kept_and_one_when_closed(world: World) -> None:
    """Lines and all; the entry itself is sealed in the ledger."""
    before = len(await trail(world))
    await world.meet(DAY, "Zainab saving_compulsory 100.00", "Amina saving_compulsory 50.00")
    kept, closed = (await trail(world))[before:]
    assert [len(row["lines"]) for one in kept.changes for row in one["after"]] == [2]
    assert [row["state"] for one in closed.changes for row in one["before"]] == ["draft"]
    assert [row["state"] for one in closed.changes for row in one["after"]] == ["closed"]


@pytest.mark.parametrize(
    ("statement", "about", "table", "change"),
    [
        (
            "UPDATE service.member SET name = 'X' WHERE code = 'Zainab'",
            "CO-01",
            "member",
            "updated",
        ),
        ("DELETE FROM service.nomination", "", "", ""),
        ("TRUNCATE service.nomination", "", "nomination", "truncated"),
        ("INSERT INTO service.holiday VALUES ('2026-08-14', 'x')", "", "holiday", "inserted"),
        ("DELETE FROM access.role_right WHERE role = 'auditor'", "", "role_right", "deleted"),
    ],
)
async def test_the_owner_of_the_database_is_in_the_trail(
    world: World, owner: asyncpg.Connection, statement: str, about: str, table: str, change: str
) -> None:
    """Whoever changes a row by hand leaves a link, even under the name of an import."""
    whose = About.ORGANISATION if about else About.HOUSE
    before = await last_of(world, whose, about)
    await owner.execute(f"SET amanat.action = 'import'; {statement}")
    link = await last_of(world, whose, about)
    if table:
        assert [(one["table"], one["change"]) for one in link.changes] == [(table, change)]
        assert link.actor.startswith("database: ")
    else:
        assert link == before  # nothing was changed


async def test_a_change_that_is_rolled_back_leaves_nothing(
    world: World, owner: asyncpg.Connection
) -> None:
    """Neither a link nor a note of one."""
    before = await trail(world)
    with pytest.raises(RuntimeError):  # noqa: PT012 - one transaction
        async with world.at(DAY) as books:
            await members.register(books, [a_member("M-9")])
            raise RuntimeError
    assert await trail(world) == before
    assert await owner.fetch("SELECT * FROM audit.noted") == []


async def test_an_import_is_one_link(database_url: str) -> None:
    """Of the house: the bundle, by its digest; no organisation has one."""
    async with engine_of(database_url) as engine:
        await load_folder(engine, Path("tests/data/one-co"))
    rows = await fetched(database_url, "SELECT about, action, changes::text FROM audit.trail")
    ((about, action, changes),) = rows
    assert (about, action) == ("house", "import")
    ((digest,),) = await fetched(database_url, "SELECT digest FROM service.bundle")
    assert str(digest) in str(changes)


@pytest.mark.parametrize("role", [None, "amanat_system", "amanat_app", "amanat_access"])
@pytest.mark.parametrize(
    "statement",
    [
        "UPDATE audit.trail SET actor = 'somebody else'",
        "DELETE FROM audit.trail",
        "TRUNCATE audit.trail",
        "TRUNCATE audit.chain, audit.trail",
        "DELETE FROM audit.chain",
        "DELETE FROM audit.trail WHERE no = (SELECT max(no) FROM audit.trail)",
    ],
)
async def test_nobody_changes_the_trail(
    owner: asyncpg.Connection, role: str | None, statement: str
) -> None:
    """Neither the application nor the house nor the owner of the database."""
    before = await owner.fetch("SELECT * FROM audit.trail ORDER BY about, code, no")
    assert before
    with pytest.raises(asyncpg.PostgresError) as refused:  # noqa: PT012 - one transaction
        async with owner.transaction():
            if role:
                await owner.execute(f"SET LOCAL ROLE {role}")
            await owner.execute(statement)
    assert refused.value.sqlstate == ("42501" if role else "AM004")
    assert await owner.fetch("SELECT * FROM audit.trail ORDER BY about, code, no") == before


@pytest.mark.parametrize("role", ["amanat_app", "amanat_access"])
@pytest.mark.parametrize(
    "statement",
    [
        "INSERT INTO audit.trail SELECT * FROM audit.trail",
        "UPDATE audit.chain SET last_no = 0",
        "DELETE FROM audit.noted",
        "SELECT audit.append('organisation', 'CO-01', '[]')",
    ],
)
async def test_the_application_writes_no_link_itself(
    owner: asyncpg.Connection, role: str, statement: str
) -> None:
    """Only the triggers do."""
    with pytest.raises(asyncpg.InsufficientPrivilegeError):  # noqa: PT012 - one transaction
        async with owner.transaction():
            await owner.execute(f"SET LOCAL ROLE {role}")
            await owner.execute(statement)


@pytest.mark.parametrize(
    ("tampering", "no", "what"),
    [
        ("UPDATE audit.trail SET actor = 'x' WHERE {} AND no = 2", 2, "it does not say what"),
        ("UPDATE audit.trail SET changes = '[]' WHERE {} AND no = 2", 2, "it does not say what"),
        ("UPDATE audit.trail SET at = now() WHERE {} AND no = 2", 2, "it does not say what"),
        ("UPDATE audit.trail SET hash = sha256('x') WHERE {} AND no = 2", 2, "it does not say"),
        ("UPDATE audit.trail SET code = 'CO-9' WHERE {} AND no = 3", 4, "links before it are"),
        ("DELETE FROM audit.trail WHERE {} AND no = 2", 3, "links before it are missing"),
        ("DELETE FROM audit.trail WHERE {} AND no = 5", 5, "it is not where the chain ends"),
        ("DELETE FROM audit.trail WHERE {}", 5, "it is not where the chain ends"),
        ("DELETE FROM audit.chain WHERE {}", 5, "it is not where the chain ends"),
        ("UPDATE audit.chain SET last_no = 3 WHERE {}", 5, "it is not where the chain ends"),
    ],
)
async def test_tampering_is_found_and_named(
    world: World, owner: asyncpg.Connection, tampering: str, no: int, what: str
) -> None:
    """By a superuser who switches the triggers off: `amanat verify` says which link."""
    assert len(await trail(world, "CO-02")) == 4  # founded, joined by Salma, given to twice
    await owner.execute("UPDATE service.member SET name = 'X' WHERE code = 'Salma'")
    sound = await proving.proof(world.engine, actor="test", clock=lambda: NOW)
    assert (sound.findings, sound.links > 4) == ((), True)
    chain = "about = 'organisation' AND code = 'CO-02'"
    await owner.execute(f"SET session_replication_role = replica; {tampering.format(chain)}")
    found = await proving.proof(world.engine, actor="test", clock=lambda: NOW)
    said = [str(one) for one in found.findings]
    where = f"audit trail of organisation CO-02, link {no}: {what}"
    assert [one for one in said if one.startswith(where)], said
    assert "things do not hold" in proving.said(found)


async def test_a_link_that_was_sealed_anew_is_given_away_by_the_next(
    world: World, owner: asyncpg.Connection
) -> None:
    """Whoever forges one has to forge all that follow."""
    await owner.execute(
        "SET session_replication_role = replica;"
        "UPDATE audit.trail SET actor = 'x' WHERE code = 'CO-02' AND no = 1;"
        "UPDATE audit.trail t SET hash = audit.sealed(t) WHERE code = 'CO-02' AND no = 1"
    )
    async with world.reading() as books:
        (found,) = await audit.broken(books)
    assert str(found) == (
        "audit trail of organisation CO-02, link 2: it does not continue the link before it"
    )


async def test_two_over_the_same_books_never_wait_for_each_other_in_a_circle(
    world: World,
) -> None:
    """One begins with the one, the other with the other; chains are locked at the end, in order."""
    barrier = asyncio.Barrier(2)

    async def admit(first: str, second: str, n: int, turn: int) -> None:
        async with world.at(DAY) as books:
            await members.register(books, [a_member(f"M-{turn}-{n}-1", first)])
            await barrier.wait()
            await members.register(books, [a_member(f"M-{turn}-{n}-2", second)])
            await barrier.wait()

    before = len(await trail(world, "CO-02"))
    for turn in range(10):
        async with asyncio.timeout(20):
            await asyncio.gather(admit("CO-01", "CO-02", 1, turn), admit("CO-02", "CO-01", 2, turn))
    assert len(await trail(world, "CO-02")) == before + 20
    async with world.reading() as books:
        assert await audit.broken(books) == []


async def test_identity_and_telephone_are_kept_masked(world: World) -> None:
    """Of a member, before and after."""
    async with world.at(DAY) as books:
        await members.register(
            books, [a_member("M-9", cnic="35202-1234567-8", phone="+923001234567")]
        )
    link = (await trail(world))[-1]
    (row,) = link.changes[0]["after"]
    assert (row["cnic"], row["phone"]) == ("*****-*****67-8", "*******567")
    assert "1234567" not in link.sealed


async def test_secrets_are_kept_nowhere(world_database: str) -> None:
    """Neither of a password nor of a session, a device, a PIN, a recovery or a key."""
    await appointed(world_database, OFFICER)
    await executed(
        world_database,
        "INSERT INTO access.password VALUES ('nasreen', 'SECRET', now())",
        "INSERT INTO access.device VALUES ('00000000-0000-7000-8000-000000000001', 'Phone',"
        " sha256('SECRET'), 'nasreen', now())",
        "INSERT INTO access.pin VALUES ('00000000-0000-7000-8000-000000000001', 'nasreen',"
        " 'SECRET', now())",
        "INSERT INTO access.recovery VALUES ('nasreen', sha256('SECRET'), 'nasreen', now(), now())",
        "INSERT INTO access.key VALUES ('nasreen', '{read}', now())",
        "INSERT INTO access.key_secret VALUES ('00000000-0000-7000-8000-000000000002', 'nasreen',"
        " sha256('SECRET'), now(), now())",
    )
    rows = await fetched(
        world_database, "SELECT changes::text FROM audit.trail WHERE code = 'nasreen'"
    )
    kept = "".join(str(changes) for (changes,) in rows)
    for table in ("password", "device", "pin", "recovery", "key", "key_secret", "session"):
        assert f'"table": "{table}"' in kept
    for secret in ("SECRET", sha256(b"SECRET").hexdigest(), "csrf", token_of("nasreen"), "hash"):
        assert secret not in kept


async def test_that_a_session_is_still_used_is_no_change(world: World, world_database: str) -> None:
    """Its beginning and its end are."""
    await appointed(world_database, OFFICER)
    before = await last_of(world, About.PERSON, "nasreen")
    await executed(
        world_database, "SET amanat.action = 'touch'; UPDATE access.session SET used_at = now()"
    )
    assert await last_of(world, About.PERSON, "nasreen") == before
    await executed(world_database, "UPDATE access.session SET revoked_at = now()")
    assert (await last_of(world, About.PERSON, "nasreen")).no == before.no + 1


async def test_links_are_found_by_day_actor_and_action(world: World, world_database: str) -> None:
    """Days are those of Karachi; filters add up, numbers stay."""
    await appointed(world_database, OFFICER)
    for hour, code in ((18, "M-7"), (19, "M-8")):  # 19:00 in Greenwich is the next day there
        at = datetime(2026, 7, 1, hour, tzinfo=UTC)
        seen = Visit(at, "", f"admit {code}")
        async with write_books_for(
            world.engine, proof("nasreen"), seen, clock=lambda: NOW
        ) as books:
            await members.admit(books, a_member(code))
    first, second = (await trail(world))[-2:]
    ends = date(2026, 7, 1)
    found = {
        "actor": await trail(world, only=Only(actor="nasreen")),
        "action": await trail(world, only=Only(action="admit M-8")),
        "last_on": await trail(world, only=Only(last_on=ends, actor="nasreen")),
        "first_on": await trail(world, only=Only(first_on=date(2026, 7, 2), actor="nasreen")),
        "after": await trail(world, after=first.no),
        "limit": await trail(world, only=Only(actor="nasreen"), limit=1),
        "nobody": await trail(world, only=Only(actor="nobody")),
    }
    assert found == {
        "actor": [first, second],
        "action": [second],
        "last_on": [first],
        "first_on": [second],
        "after": [second],
        "limit": [first],
        "nobody": [],
    }


async def test_the_trail_of_an_organisation_is_for_who_reads_its_book(
    world: World, world_database: str
) -> None:
    """Others are refused, or do not even see that it exists."""
    people: dict[str, Iterable[Post]] = {
        "reader": [Post("accountant", "CO-01", below=False)],
        "beside": [Post("accountant", "CO-02", below=False)],
        "administrator": [Post("administrator")],
    }
    await appointed(world_database, people)
    async with reading(world.engine, "reader") as books:
        assert await audit.page(books, About.ORGANISATION, "CO-01")
    for person, refusal in (("beside", NotFound), ("administrator", Forbidden)):
        async with reading(world.engine, person) as books:
            with pytest.raises(refusal):
                await audit.page(books, About.ORGANISATION, "CO-01")
            assert await audit._page(books, About.ORGANISATION, "CO-01", 0, 9, Only()) == []


async def test_the_trail_of_a_person_is_for_them_and_their_administrators(
    world: World, world_database: str
) -> None:
    """Whoever may only help them to a new password reads nothing of it, nor does a stranger."""
    await appointed(
        world_database,
        {
            "amina": [Post("accountant", "CO-01", below=False)],
            "head": [Post("administrator")],
            "local": [Post("administrator", "VO-01")],
            "other": [Post("administrator", "VO-02")],
            "helper": [Post("treasurer", "VO-01")],
        },
    )
    await executed(
        world_database, "UPDATE access.person SET organisation = 'CO-01' WHERE code = 'amina'"
    )
    for person in ("amina", "head", "local"):
        async with reading(world.engine, person) as books:
            first, *_ = await audit.page(books, About.PERSON, "amina")
            assert first.changes[0]["table"] == "person"
    for person, refusal in (("other", NotFound), ("helper", Forbidden)):
        async with reading(world.engine, person) as books:
            with pytest.raises(refusal):
                await audit.page(books, About.PERSON, "amina")
            assert await audit._page(books, About.PERSON, "amina", 0, 9, Only()) == []


async def test_the_trail_of_the_house_is_for_its_administrators(
    world: World, world_database: str
) -> None:
    """Whoever administers a part of it only is refused."""
    await appointed(
        world_database, {"head": [Post("administrator")], "local": [Post("administrator", "VO-01")]}
    )
    async with reading(world.engine, "head") as books:
        assert (await audit.page(books, About.HOUSE))[0].changes[0]["table"] == "product"
    async with reading(world.engine, "local") as books:
        with pytest.raises(Forbidden):
            await audit.page(books, About.HOUSE)
        assert await audit._page(books, About.HOUSE, "", 0, 9, Only()) == []
