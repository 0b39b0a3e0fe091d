"""The accounting programs that read our journals, as whoever gets one would start them."""

from __future__ import annotations

import csv
import io
import os
import shutil
import subprocess
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Final

from ledger.money import parse_rupees

if TYPE_CHECKING:
    from collections.abc import Iterable

HLEDGER_VARIABLE: Final = "AMANAT_TEST_HLEDGER"


def hledger() -> Path:
    """The hledger to start: the one named, the machine's, or the one in the user's cache."""
    if named := os.environ.get(HLEDGER_VARIABLE):
        return Path(named)
    if found := shutil.which("hledger"):
        return Path(found)
    cache = Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache")
    fetched = cache / "amanat" / "hledger" / "start"
    if fetched.is_file():
        return fetched
    raise FileNotFoundError("There is no hledger. Run: bash .ci/hledger (`make test` does)")


def asked(*command: str | Path) -> str:
    """What a program prints, which must not complain."""
    run = subprocess.run(  # noqa: S603 - programs named here
        command, capture_output=True, encoding="utf-8", check=False, env=_IN_UTF8
    )
    assert run.returncode == 0, (run.stdout + run.stderr)[:2000]
    return run.stdout


def balances_by_hledger(journal: Path, *more: str) -> dict[str, int]:
    """What hledger finds on every account, in paisa."""
    asked(hledger(), "-f", f"journal:{journal}", "check")
    text = asked(hledger(), "-f", f"journal:{journal}", "balance", "-O", "csv", "-N", *more)
    rows = list(csv.reader(io.StringIO(text)))[1:]
    return {name: _paisa(amount) for name, amount in rows}


def complaints_of_beancount(journal: Path) -> str:
    """What `bean-check` has against a journal; nothing where it is sound."""
    run = subprocess.run(  # noqa: S603 - the program beside this Python
        [Path(sys.executable).with_name("bean-check"), journal],
        capture_output=True,
        encoding="utf-8",
        check=False,
    )
    assert bool(run.returncode) == bool(run.stderr)
    return run.stderr


def rolled_up(balances: dict[str, int], parts: int) -> dict[str, int]:
    """What accounts hold together with those below them, by so many parts of their names."""
    found: dict[str, int] = {}
    for name, net in balances.items():
        above = ":".join(name.split(":")[:parts])
        found[above] = found.get(above, 0) + net
    return without_zeros(found.items())


def without_zeros(balances: Iterable[tuple[str, int]]) -> dict[str, int]:
    """Those that hold anything."""
    return {name: net for name, net in balances if net}


def _paisa(amount: str) -> int:
    number, _, currency = amount.partition(" ")
    assert currency == "PKR" or number == "0", amount
    return parse_rupees(number)


_IN_UTF8: Final = {**os.environ, "LC_ALL": "C.UTF-8"}
