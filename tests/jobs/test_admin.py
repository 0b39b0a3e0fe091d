"""Administrators from the shell, and the people of the demo."""

from __future__ import annotations

import os
import pty
import re
import sys
from typing import TYPE_CHECKING, Protocol

import pytest

from jobs import cli, demo
from jobs.admin import random_password
from service.passwords import Hasher
from tests.jobs.services import AMANAT
from tests.support.database import asyncpg_url, fetch
from tests.support.importing import NOW, engine_of
from tests.support.signing import CHEAP, PASSWORD

if TYPE_CHECKING:
    from pathlib import Path

HELD = "SELECT person, role, organisation, below FROM access.appointment"


class Amanat(Protocol):
    """The command, run in this process: its exit status, what it printed, what it complained."""

    def __call__(self, *arguments: str | Path) -> tuple[int, str, str]:
        """Run it with these arguments."""
        ...


@pytest.fixture
def command(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], database_url: str
) -> Amanat:
    """The `amanat` command on a database without anybody."""
    monkeypatch.setenv("AMANAT_DATABASE_URL", asyncpg_url(database_url))

    def run(*arguments: str | Path) -> tuple[int, str, str]:
        monkeypatch.setattr(sys, "argv", ["amanat", *map(str, arguments)])
        with pytest.raises(SystemExit) as ended:
            cli.main()
        code = ended.value.code
        assert code is None or isinstance(code, int)
        return (code or 0, *capsys.readouterr())

    return run


def kept(url: str, person: str) -> str:
    """The hash of a password."""
    [(hashed,)] = fetch(url, f"SELECT hash FROM access.password WHERE person = '{person}'")
    return str(hashed)


def test_the_first_administrator_with_a_random_password(command: Amanat, database_url: str) -> None:
    """Of the whole house; the password is told once, and is the one that is kept."""
    status, out, _ = command(
        "admin", "create", "hina", "--name", "Hina Gul", "--phone", "+92 300 0000001", "--random"
    )
    assert status == 0
    told = re.fullmatch(
        r"hina administers the whole house\. The password, shown this once: (\S{16})\n", out
    )
    assert told is not None
    assert CHEAP.verify(told[1], kept(database_url, "hina"))
    assert fetch(database_url, HELD) == [("hina", "administrator", None, True)]
    assert told[1] not in str(fetch(database_url, "SELECT t::text FROM audit.trail t"))
    [(actor,)] = fetch(database_url, "SELECT DISTINCT actor FROM audit.trail")
    assert actor == "command line"


def test_there_is_no_password_by_default(command: Amanat, database_url: str) -> None:
    """Without a terminal and without --random nothing is made."""
    status, _, err = command("admin", "create", "hina", "--name", "Hina Gul")
    assert (status, "Use --random" in err) == (2, True)
    assert fetch(database_url, "SELECT FROM access.person") == []


def test_a_code_that_is_taken_is_refused(command: Amanat) -> None:
    """Nobody becomes somebody else."""
    create = ("admin", "create", "hina", "--name", "Hina Gul", "--random")
    assert command(*create)[0] == 0
    status, _, err = command(*create)
    assert (status, err) == (1, "amanat: The code hina is taken. Choose another.\n")


@pytest.mark.parametrize("code", ["", "a b", "-x", "x" * 41])
def test_a_code_is_one_that_can_be_typed(command: Amanat, code: str) -> None:
    """Letters, digits, points, lines; so is a telephone number."""
    status, _, err = command("admin", "create", "--name", "X", "--random", "--", code)
    assert (status, err.startswith("amanat: code: ")) == (1, True)
    odd = ("admin", "create", "hina", "--name", "X", "--random", "--phone", code)
    status, _, err = command(*odd)
    assert (status, err.startswith("amanat: phone: ")) == (1, True)


def test_a_new_password_signs_the_person_out(command: Amanat, database_url: str) -> None:
    """For whoever forgot it and has nobody above."""
    command("admin", "create", "hina", "--name", "Hina Gul", "--random")
    before = kept(database_url, "hina")
    status, out, _ = command("admin", "password", "hina", "--random")
    assert status == 0
    assert CHEAP.verify(out.split()[-1], kept(database_url, "hina"))
    assert kept(database_url, "hina") != before
    assert command("admin", "password", "nobody", "--random")[0] == 1


def test_administrators_are_listed(command: Amanat) -> None:
    """Those of the whole house, today."""
    command("admin", "create", "hina", "--name", "Hina Gul", "--random")
    status, out, _ = command("admin", "list")
    assert status == 0
    assert re.search(r"hina +│ Hina Gul", out)


def test_a_password_is_typed_twice_at_a_terminal(database_url: str) -> None:
    """It is not shown; one that is too weak makes nobody."""
    for typed, status in ((PASSWORD, 0), ("hina-12345", 1)):
        arguments = ("admin", "create", f"hina{status}", "--name", "Hina")
        ended, shown = at_a_terminal(database_url, arguments, typed)
        assert (ended, typed in shown) == (status, False), shown
        assert "Repeat for confirmation" in shown
    assert CHEAP.verify(PASSWORD, kept(database_url, "hina0"))
    assert fetch(database_url, "SELECT code FROM access.person") == [("hina0",)]


def at_a_terminal(url: str, arguments: tuple[str, ...], typed: str) -> tuple[int, str]:
    """Run the command at a terminal, typing the same at every question: its status, its screen."""
    process, terminal = pty.fork()
    if process == 0:
        os.environ["AMANAT_DATABASE_URL"] = asyncpg_url(url)
        os.execv(AMANAT[0], [*AMANAT, *arguments])  # noqa: S606 - our own command
    shown, answered = "", 0
    while True:
        try:
            part = os.read(terminal, 4096).decode()
        except OSError:  # the other end is closed
            break
        shown += part
        asked = shown.count("Password: ") + shown.count("confirmation: ")
        if asked > answered:
            answered = asked
            os.write(terminal, f"{typed}\n".encode())
        if not part:
            break
    os.close(terminal)
    return os.waitstatus_to_exitcode(os.waitpid(process, 0)[1]), shown


async def test_the_people_of_the_demo_are_made_once(loaded_url: str) -> None:
    """Ten people with a password each of their own; the second time nobody."""
    async with engine_of(loaded_url) as engine:
        hasher = Hasher(CHEAP)
        made = await demo.people_of(engine, actor="x", clock=lambda: NOW, hasher=hasher)
        again = await demo.people_of(engine, actor="x", clock=lambda: NOW, hasher=hasher)
    assert again == ()
    assert len({one.password for one in made}) == 10
    found = [(one.role.value, one.organisation) for one in made]
    assert sorted(found, key=str) == sorted(
        [
            ("administrator", None),
            ("administrator", None),
            ("accountant", "CO-01"),
            ("president", "CO-01"),
            ("accountant", "VO-01"),
            ("treasurer", "VO-01"),
            ("treasurer", "LSO-01"),
            ("manager", "LSO-01"),
            ("field_officer", "LSO-01"),
            ("auditor", "LSO-01"),
        ],
        key=str,
    )


def test_random_passwords_are_random() -> None:
    """And good enough."""
    assert len({random_password() for _ in range(1000)}) == 1000
