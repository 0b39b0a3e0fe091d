"""The check that goes along in a pack: it agrees with ours, and names whatever was touched."""

from __future__ import annotations

import csv
import hashlib
import io
import json
import shutil
import subprocess
from typing import TYPE_CHECKING, Any, Final

import pytest

from service.packs.archive import sealed

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from tests.service.packs.conftest import Packed

KINDS: Final = (
    "README.txt",
    "verify.py",
    "manifest.json",
    "books.journal",
    "journal.csv",
    "books/CO-01/chain.ndjson",
    "books/CO-01/trial-balance.csv",
    "books/CO-01/day-book.xlsx",
    "books/CO-01/passbooks.csv",
    "books/CO-01/loans.csv",
    "consolidated/trial-balance.csv",
    "reports/rollup.xlsx",
)


def _verified(folder: Path) -> tuple[int, str]:
    """What `python3 verify.py` of this machine says in a folder, with nothing of ours around."""
    python = shutil.which("python3", path="/usr/bin:/usr/local/bin") or "python3"
    run = subprocess.run(  # noqa: S603 - the machine's Python
        [python, "-I", "verify.py"],
        cwd=folder,
        capture_output=True,
        encoding="utf-8",
        check=False,
        env={"PYTHONDONTWRITEBYTECODE": "1", "PYTHONUTF8": "1"},
    )
    assert run.stderr == ""
    return run.returncode, run.stdout


@pytest.fixture
def folder(packs: dict[str, Packed], tmp_path: Path) -> Path:
    """The pack of the LSO, to spoil."""
    return shutil.copytree(packs["LSO-01"].folder, tmp_path / "pack")


@pytest.mark.parametrize(("organisation", "books"), [("LSO-01", 10), ("CO-01", 1)])
def test_a_pack_agrees(packs: dict[str, Packed], organisation: str, books: int) -> None:
    """With Python alone."""
    status, said = _verified(packs[organisation].folder)
    assert (status, said.splitlines()[-1]) == (0, "Everything agrees.")
    assert f"{books} books" in said


@pytest.mark.parametrize("name", KINDS)
def test_a_byte_that_flips_is_found(folder: Path, name: str) -> None:
    """In whatever file; the sentence names it."""
    content = bytearray((folder / name).read_bytes())
    place = content.find(b"before") if name == "verify.py" else len(content) // 2
    content[place] ^= 1
    (folder / name).write_bytes(content)
    status, said = _verified(folder)
    assert status == 1
    assert said.startswith(f"{name}: ")
    assert len(said.splitlines()) == 1


def test_a_file_more_or_less_is_found(folder: Path) -> None:
    """Each by its name."""
    (folder / "books/CO-01/day-book.csv").unlink()
    (folder / "books/more.csv").write_text("")
    status, said = _verified(folder)
    assert status == 1
    assert said.splitlines() == [
        "books/more.csv: the manifest does not list it.",
        "books/CO-01/day-book.csv: it is missing.",
    ]


def _forge(folder: Path, name: str, content: str) -> None:
    """Change a file, and the manifest so that it lists the changed one."""
    (folder / name).write_text(content, encoding="utf-8", newline="")
    manifest = json.loads((folder / "manifest.json").read_text())
    del manifest["sha256"]
    for file in manifest["files"]:
        if file["name"] == name:
            file["bytes"] = len(content.encode())
            file["sha256"] = hashlib.sha256(content.encode()).hexdigest()
    beneath = {"files": manifest["files"]}
    text = json.dumps(beneath, ensure_ascii=False, indent=1) + "\n"
    manifest["digest"] = hashlib.sha256(text.encode()).hexdigest()
    (folder / "manifest.json").write_text(sealed(manifest))


def _changed(folder: Path, name: str, change: Callable[[list[dict[str, str]]], object]) -> None:
    with (folder / name).open(encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file))
    columns = list(rows[0])
    change(rows)
    out = io.StringIO()
    writer = csv.DictWriter(out, columns, lineterminator="\n")
    writer.writeheader()
    writer.writerows(rows)
    _forge(folder, name, out.getvalue())


def _more(**amounts: str) -> Callable[[list[dict[str, str]]], object]:
    return lambda rows: rows[0].update(amounts)


FORGED: Final[dict[str, tuple[str, Any]]] = {
    "a trial balance": ("books/VO-01/trial-balance.csv", _more(closing="1.00")),
    "a passbook": (
        "books/CO-01/passbooks.csv",
        lambda rows: next(r for r in rows if (r["part"], r["code"]) == ("closing", "2000")).update(
            balance="1.00"
        ),
    ),
    "an amount of the journal": ("journal.csv", _more(debit="0.01", credit="0.00")),
    "a party of the journal": ("journal.csv", _more(party="M-9999")),
    "a line less": ("journal.csv", lambda rows: rows.pop()),
    "a line more": ("journal.csv", lambda rows: rows.append(rows[-1])),
    "what is summed": ("consolidated/trial-balance.csv", _more(closing="1.00")),
    "what is eliminated": ("consolidated/trial-balance.csv", _more(closing_eliminated="1.00")),
    "what is consolidated": ("consolidated/trial-balance.csv", _more(consolidated="1.00")),
}


@pytest.mark.parametrize(("name", "change"), FORGED.values(), ids=FORGED.keys())
def test_figures_that_are_forged_with_their_hash_are_found(
    folder: Path,
    name: str,
    change: Any,  # noqa: ANN401 - what pytest hands on
) -> None:
    """The sealed texts say otherwise."""
    _changed(folder, name, change)
    status, said = _verified(folder)
    assert status == 1
    assert said.startswith(f"{name}: ")


def test_a_plain_text_that_is_forged_is_found(folder: Path) -> None:
    """A posting that is left out."""
    name = "books.journal"
    lines = (folder / name).read_text(encoding="utf-8").splitlines(keepends=True)
    del lines[next(n for n, line in enumerate(lines) if line.startswith("  Assets"))]
    _forge(folder, name, "".join(lines))
    assert _verified(folder) == (1, f"{name}: it does not close with the trial balances.\n")


def test_a_chain_that_is_forged_is_found(folder: Path) -> None:
    """An entry changed with its hash, its last one cut off, one of another book."""
    name = "books/CO-01/chain.ndjson"
    links = (folder / name).read_text(encoding="utf-8").splitlines(keepends=True)
    link = json.loads(links[4])
    link["text"] = link["text"].replace("|normal|", "|close|", 1)
    link["hash"] = hashlib.sha256(link["text"].encode()).hexdigest()
    forged = [*links[:4], json.dumps(link, ensure_ascii=False) + "\n", *links[5:]]
    _forge(folder, name, "".join(forged))
    assert f"{name}: the chain breaks at entry 6.\n" in _verified(folder)[1]
    _forge(folder, name, "".join(links[:-1]))
    assert f"{name}: it does not end in the head" in _verified(folder)[1]
    _forge(folder, name, (folder / "books/CO-02/chain.ndjson").read_text(encoding="utf-8"))
    assert f"{name}: the chain breaks at entry 1.\n" in _verified(folder)[1]
