"""What every file of the repository keeps to."""

from __future__ import annotations

import re
import subprocess
from pathlib import Path

ROOT = Path(__file__).parents[2]
SOURCES = ("ledger", "service", "api", "jobs", "migrations")


def _sources() -> list[Path]:
    return [path for row in SOURCES for path in sorted((ROOT / row).rglob("*.py"))]


def test_no_float_touches_money() -> None:
    """A binary float cannot hold a paisa: the rows below api and jobs never make one."""
    found = [
        f"{path}:{number}"
        for path in _sources()
        if path.relative_to(ROOT).parts[0] in {"ledger", "service"} and "database" not in path.parts
        for number, line in enumerate(path.read_text(encoding="utf-8").splitlines(), start=1)
        if re.search(r"\bfloat\(", line)
    ]
    assert found == []


def test_only_the_edges_ask_the_clock() -> None:
    """No clock out of thin air: the moment comes with the books."""
    allowed = {"jobs", "database"}
    found = [
        str(path)
        for path in _sources()
        if not allowed & set(path.relative_to(ROOT).parts)
        and re.search(r"datetime\.now|date\.today|time\.time\(", path.read_text(encoding="utf-8"))
    ]
    assert found == []


def test_only_the_engine_writes_the_ledger() -> None:
    """One function writes entries; nobody else names the ledger's tables in a write."""
    writes = re.compile(r"(INSERT INTO|UPDATE|DELETE FROM|TRUNCATE)\s+ledger\.", re.IGNORECASE)
    found = [str(path) for path in _sources() if writes.search(path.read_text(encoding="utf-8"))]
    assert found == []


def test_no_committed_file_names_a_package_index() -> None:
    """The hashed lock names versions and hashes; where to get them is the machine's affair."""
    listed = subprocess.run(
        ["git", "ls-files", "--cached"],  # noqa: S607 - git as the machine has it
        cwd=ROOT,
        check=True,
        capture_output=True,
        text=True,
    ).stdout.split()
    index = re.compile(r"https?://[\w.-]*(pypi|pythonhosted|npmjs|debian)\.", re.IGNORECASE)
    found = [
        name
        for name in listed
        if (path := ROOT / name).is_file()
        and path.suffix not in {".csv", ".png"}
        and index.search(path.read_text(encoding="utf-8", errors="ignore"))
    ]
    assert found == []


def test_every_noqa_and_type_ignore_says_why() -> None:
    """An exception to a rule states its reason on the same line."""
    bare = re.compile(r"#\s*(noqa(:[A-Z0-9, ]+)?|type: ignore(\[[\w, -]+\])?)\s*$")
    found = [
        f"{path}:{number}"
        for row in (*SOURCES, "tests", "bench")
        for path in sorted((ROOT / row).rglob("*.py"))
        for number, line in enumerate(path.read_text(encoding="utf-8").splitlines(), start=1)
        if bare.search(line)
    ]
    assert found == []
