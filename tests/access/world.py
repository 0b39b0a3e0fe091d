"""A small federation, whose officers are at home everywhere: what the tests of access act in.

    RSP-1 ┬ LSO-A ┬ VO-1 ── CO-1, CO-2
          │       └ VO-2 ── CO-3
          └ LSO-B ─ VO-9 ── CO-9, and CO-7, which was under VO-1 until the end of June

Everything of an organisation is named after it: member M-CO-1-a, sheet S-CO-1, and so on; its
amounts are its own, so that one of them in an answer tells whose it is.
"""

from __future__ import annotations

import asyncio
import uuid
from dataclasses import dataclass, field, replace
from datetime import UTC, date, datetime
from fractions import Fraction
from typing import TYPE_CHECKING, Final

from ledger.money import parse_rupees
from ledger.postgres import rollup
from service import federation, guarantees, keys, members, nominations
from service.access import Role
from service.guarantees import Surety
from service.keys import Key, Scope
from service.limits import Limits
from service.loans import amending, applications, contracts, products
from service.loans.agreement import Agreement
from service.loans.applications import Application
from service.loans.plan import RateChange
from service.loans.terms import Charge, Repayment
from service.members import Gender, Member
from service.nominations import Nomination, Office
from service.requests import asking
from service.sheets import actions as sheets
from tests.support import database
from tests.support.importing import engine_of
from tests.support.people import Post, appoint
from tests.support.signing import give_passwords
from tests.support.world import FOUNDED, World, product

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

PARENTS: Final = {
    "RSP-1": None,
    "LSO-A": "RSP-1",
    "LSO-B": "RSP-1",
    "VO-1": "LSO-A",
    "VO-2": "LSO-A",
    "VO-9": "LSO-B",
    "CO-1": "VO-1",
    "CO-2": "VO-1",
    "CO-7": "VO-9",
    "CO-3": "VO-2",
    "CO-9": "VO-9",
}
"""Every organisation, with the one it belongs to today."""
NUMBERS: Final = {code: n for n, code in enumerate(PARENTS, start=1)}
COS: Final = tuple(code for code in PARENTS if code.startswith("CO-"))
ROLES: Final = tuple(role.value for role in Role)
ANCHORS: Final = (None, "VO-1", "CO-1")
"""Where roles are held; None is the whole house."""
WITH_BELOW: Final = frozenset({"field_officer", "auditor", "administrator"})
MOVED_ON: Final = date(2026, 7, 1)
JUNE: Final = date(2026, 6, 15)
JULY: Final = date(2026, 7, 10)
RECOVERY_CODE: Final = "K7QMT2WXBP9HTPC4DRNA"
_NAMESPACE: Final = uuid.UUID("3b0f9c3e-5f07-4a3f-8a51-6a5a5b1f7f10")
_MACHINES_UNTIL: Final = datetime(2027, 6, 30, tzinfo=UTC)


@dataclass(frozen=True, slots=True)
class Federation:
    """The federation, as a database to clone, with what only its making told."""

    url: str
    requests: dict[str, str] = field(default_factory=dict)
    """The code of the request that waits in each organisation."""
    secrets: dict[str, tuple[str, str]] = field(default_factory=dict)
    """The number and the text of each machine's secret."""


def officer(role: str, anchor: str | None) -> str:
    """The code of the person, or machine, who holds a role on an organisation."""
    return f"{role}.{anchor or 'house'}"


def device_of(person: str) -> str:
    """The number of a person's telephone."""
    return str(uuid.uuid5(_NAMESPACE, person))


def savings(code: str) -> tuple[str, str]:
    """What the two members of a CO have saved."""
    return f"{4000 + 7 * NUMBERS[code]}.17", f"{5000 + 7 * NUMBERS[code]}.29"


SOME_DELTAS: Final = 30
"""So many are folded; the rest waits."""


def principal(code: str) -> str:
    """What a CO lent to its first member."""
    return f"{3100 + 10 * NUMBERS[code]}.00"


def gift(code: str) -> str:
    """The grant that an organisation received."""
    return f"{600000 + 7 * NUMBERS[code]}.31"


def people_of(code: str) -> list[Member]:
    """The two members of a CO."""
    n = NUMBERS[code]
    return [
        Member(
            f"M-{code}-{letter}",
            code,
            f"{name} of {code}",
            Gender.FEMALE,
            FOUNDED,
            cnic=f"1{n:04}-000000{k}-2",
            phone=f"+92 3{n:02} 900000{k}",
        )
        for k, (letter, name) in enumerate((("a", "Amina"), ("b", "Bano")), start=1)
    ]


def private(code: str) -> set[str]:
    """Texts by which an answer would betray an organisation: its amounts, and who is in it."""
    found = {gift(code)}
    if code in COS:
        found |= {*savings(code), principal(code)}
        for one in people_of(code):
            found |= {one.name, one.cnic or "", one.phone or ""}
    return found


def make(url: str) -> Federation:
    """Found the federation on an empty database."""
    made = Federation(url)
    with asyncio.Runner(loop_factory=asyncio.new_event_loop) as runner:
        runner.run(_found(made))
    _give(url)
    return made


async def _found(made: Federation) -> None:
    async with engine_of(made.url) as engine:
        world = World(engine)
        async with world.at(FOUNDED) as books:
            rules = product("HELP", Charge.ZERO, Repayment.EQUAL_INSTALMENT, Fraction(0))
            falls = product("FALL", Charge.DECLINING, Repayment.EQUAL_PRINCIPAL, Fraction(2, 100))
            await products.add(books, [rules, falls])
        for code, parent in PARENTS.items():
            await world.form(code, under="VO-1" if code == "CO-7" else parent)
        for code in PARENTS:
            await _act(world, code, made)
        async with world.at(MOVED_ON) as books:
            await federation.move(books, "CO-7", to="VO-9", on=MOVED_ON)
            await rollup.fold(books.ledger, SOME_DELTAS)
        await _issue(world, made)


async def _act(world: World, code: str, made: Federation) -> None:
    """What happens in an organisation in June, while CO-7 is still under VO-1."""
    parent = "VO-1" if code == "CO-7" else PARENTS[code]
    await world.record(world.event("grant_donor", JUNE, code, gift(code), code=f"E-{code}"))
    if parent is not None:
        amount = f"{20 + NUMBERS[code]}.00"
        placed = world.event("deposit_placed", JUNE, code, amount, code=f"X-{code}", to=parent)
        await world.record(placed)
    if code in COS:
        await _meet(world, code, parent or "")
    async with world.at(JULY, actor=officer("accountant", code)) as books:
        to = Limits(30, parse_rupees("5000.00"))
        asked = await asking.set_limits(books, code, to, reason="Resolved", key=f"limits-{code}")
        made.requests[code] = asked.code


async def _meet(world: World, code: str, parent: str) -> None:
    amina, bano = people_of(code)
    async with world.at(FOUNDED) as books:
        await members.register(books, [amina, bano])
        office = Nomination(amina.code, parent, Office.PRESIDENT, FOUNDED)
        await nominations.nominate(books, [office])
    async with world.at(JUNE) as books:
        for loan, rules in (("L", "HELP"), ("R", "FALL"), ("Y", "HELP")):
            agreed = _loan(f"{loan}-{code}", code, amina.code, rules)
            await contracts.agree(
                books, agreed if loan != "Y" else replace(agreed, disbursed_on=None)
            )
        await applications.apply(books, _application(code, amina.code))
        coming = _loan(f"G-{code}", code, bano.code, "HELP")
        await contracts.agree(books, replace(coming, disbursed_on=None))
    one, two = savings(code)
    lent = f"{amina.code} disbursement {principal(code)} L-{code}"
    saved = (f"{amina.code} saving_compulsory {one}", f"{bano.code} saving_voluntary {two}")
    await world.close(world.sheet(JUNE, *saved, co=code, code=f"S-{code}"))
    await world.close(world.sheet(JUNE, lent, co=code, code=f"B-{code}"))
    falling = f"{amina.code} disbursement 9.00 R-{code}"
    await world.close(world.sheet(JUNE, falling, co=code, code=f"R-{code}"))
    async with world.at(JULY) as books:
        change = RateChange(on=JUNE, rate=Fraction(1, 100))
        await amending.agree(books, f"R-{code}", change, reason="Resolved", resolution=None)
    async with world.at(JULY) as books:
        await guarantees.stand(books, Surety(f"G-{code}", amina.code, 0, JULY))
        for sheet in (f"D-{code}", f"T-{code}"):
            line = f"{amina.code} saving_compulsory {one}"
            await sheets.prepare(books, world.sheet(JULY, line, co=code, code=sheet))
        await sheets.submit(books, f"T-{code}")


def _application(code: str, member: str) -> Application:
    return Application(
        code=f"A-{code}",
        lender=code,
        member=member,
        organisation=None,
        product="HELP",
        amount=parse_rupees("70.00"),
        instalments=3,
        purpose="seed",
        mip="",
        applied_on=JUNE,
    )


def _loan(code: str, lender: str, member: str, rules: str) -> Agreement:
    return Agreement(
        code=code,
        lender=lender,
        member=member,
        organisation=None,
        product=rules,
        principal=parse_rupees(principal(lender) if rules == "HELP" else "9.00"),
        applied_on=JUNE,
        approved_on=JUNE,
        resolution=None,
        disbursed_on=JUNE,
        first_due_on=date(2026, 7, 15),
        instalments=3,
        purpose=None,
    )


async def _issue(world: World, made: Federation) -> None:
    """The machines: one beside each office, and one of each organisation to be looked after."""
    wanted = [(officer("key", anchor), anchor, Role.TREASURER) for anchor in ANCHORS]
    wanted += [(f"machine.{code}", code, Role.AUDITOR) for code in PARENTS]
    async with world.at(JULY) as books:
        for machine, organisation, role in wanted:
            asked = Key(machine, machine, organisation, (Scope.READ,), _MACHINES_UNTIL)
            secret, text = await keys.issue(
                books, asked, role=role, below=role is Role.AUDITOR or organisation is None
            )
            made.secrets[machine] = (str(secret.id), text)


def officers() -> dict[str, Iterable[Post]]:
    """Everybody who holds a role, alone on its organisation or with all below, as is usual."""
    return {
        officer(role, anchor): (Post(role, anchor, below=anchor is None or role in WITH_BELOW),)
        for role in ROLES
        for anchor in ANCHORS
    }


def residents() -> dict[str, Iterable[Post]]:
    """Somebody of every organisation, for administrators to look after."""
    return {f"resident.{code}": (Post("accountant", code, below=False),) for code in PARENTS}


def _give(url: str) -> None:
    everybody = officers() | residents()
    appoint(url, everybody)
    give_passwords(url, *everybody)
    database.execute(url, *_homes(), *(_telephone(person) for person in everybody), _recovery())


def _homes() -> Iterator[str]:
    for code in PARENTS:
        where = f"WHERE code = 'resident.{code}'"
        yield f"UPDATE access.person SET organisation = '{code}' {where}"


def _telephone(person: str) -> str:
    return (
        "INSERT INTO access.device (id, name, secret_hash, registered_by, registered_at) VALUES"
        f" ('{device_of(person)}', 'Telephone', sha256('device-of-{person}'), '{person}', now())"
    )


def _recovery() -> str:
    return (
        "INSERT INTO access.recovery (person, code_hash, given_by, given_at, expires_at) VALUES"
        f" ('resident.CO-1', sha256('{RECOVERY_CODE}'), 'administrator.house', now(),"
        " '2099-01-01')"
    )
