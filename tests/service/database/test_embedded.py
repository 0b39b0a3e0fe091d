from __future__ import annotations

import os
import stat
from typing import TYPE_CHECKING

import pytest

from service.database import data_directory, embedded, system_user
from tests.support.database import execute, fetch, programs_under_test, scratch_directory

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

SETTINGS = ("fsync", "full_page_writes", "data_checksums", "jit", "listen_addresses", "TimeZone")


@pytest.fixture
def data_dir() -> Iterator[Path]:
    with scratch_directory() as directory:
        yield directory


def url_of(cluster: embedded.Cluster) -> str:
    return cluster.url(user=embedded.OWNER, database="postgres")


def test_rows_are_there_after_a_stop_and_a_start(data_dir: Path) -> None:
    """The books outlive the service; its stop leaves neither a process nor a socket."""
    with embedded.start(data_dir, bin_dir=programs_under_test()) as cluster:
        execute(url_of(cluster), "CREATE TABLE kept (n int)", "INSERT INTO kept VALUES (1), (2)")
        assert cluster.is_running()
    assert not cluster.is_running()
    assert not cluster.socket_dir.exists()
    with embedded.start(data_dir, bin_dir=programs_under_test()) as again:
        assert fetch(url_of(again), "SELECT n FROM kept ORDER BY n") == [(1,), (2,)]


def test_it_is_durable_private_and_checked_by_default(data_dir: Path) -> None:
    """Nobody has to ask for fsync, checksums, a closed socket or code-point order."""
    with embedded.start(data_dir, bin_dir=programs_under_test()) as cluster:
        shown = ", ".join(f"current_setting('{name}')" for name in SETTINGS)
        [row] = fetch(url_of(cluster), f"SELECT {shown}")
        assert row == ("on", "on", "on", "off", "", "UTC")
        assert stat.S_IMODE(cluster.socket_dir.stat().st_mode) == 0o700
        assert stat.S_IMODE((data_dir / "postgres.log").stat().st_mode) == 0o600
        [order] = fetch(url_of(cluster), "SELECT 'Z' < 'a', upper('é'), current_user::text")
        assert order == (True, "É", "amanat")


def test_a_given_setting_goes_before_ours(data_dir: Path) -> None:
    """Tests and operators may choose, but never open a TCP port."""
    chosen = {"max_connections": "17", "listen_addresses": "*"}
    programs = programs_under_test()
    with embedded.start(data_dir, bin_dir=programs, durable=False, settings=chosen) as cluster:
        query = "SELECT {0}('max_connections'), {0}('listen_addresses'), {0}('fsync')"
        assert fetch(url_of(cluster), query.format("current_setting")) == [("17", "", "off")]


def test_postgres_does_not_hear_the_terminal(data_dir: Path) -> None:
    """A Ctrl-C reaches the service, which then stops PostgreSQL in its own time."""
    with embedded.start(data_dir, bin_dir=programs_under_test(), durable=False) as cluster:
        assert os.getsid(cluster.pid) not in {os.getsid(0), os.getsid(os.getpid())}


@pytest.mark.parametrize(
    "name",
    ["with a space", "commas, quotes' and %41", "/".join(["d" * 60] * 3)],
    ids=["space", "punctuation", "deep"],
)
def test_any_path_will_do(data_dir: Path, name: str) -> None:
    """A path too long or too odd for a socket gets a private directory elsewhere, then removed."""
    odd = data_dir / name
    with embedded.start(odd, bin_dir=programs_under_test(), durable=False) as cluster:
        assert fetch(url_of(cluster), "SELECT 1") == [(1,)]
        assert len(str(cluster.socket_dir)) < 80
        assert not cluster.socket_dir.is_relative_to(data_dir)
        assert stat.S_IMODE(cluster.socket_dir.stat().st_mode) == 0o700
    assert not cluster.socket_dir.exists()
    embedded.discard(odd)
    assert not odd.exists()


def test_a_second_start_is_refused_by_the_name_of_the_first(data_dir: Path) -> None:
    """The sentence names the process and what to do; the first goes on undisturbed."""
    with embedded.start(data_dir, bin_dir=programs_under_test(), durable=False) as first:
        with pytest.raises(embedded.DataDirectoryInUse, match=f"process {os.getpid()}: stop that"):
            embedded.start(data_dir, bin_dir=programs_under_test())
        assert fetch(url_of(first), "SELECT 1") == [(1,)]


def test_a_second_way_to_the_same_files_is_refused(data_dir: Path) -> None:
    """A copied data directory has its own lock, but may link to files that are in use."""
    first, copy = data_dir / "first", data_dir / "copy"
    with embedded.start(first, bin_dir=programs_under_test(), durable=False):
        copy.mkdir()
        (copy / "postgres").symlink_to(first / "postgres")
        with pytest.raises(embedded.DataDirectoryInUse, match="another service"):
            embedded.start(copy, bin_dir=programs_under_test())
    (copy / "postgres").unlink()
    embedded.discard(copy)
    embedded.discard(first)


def test_a_start_that_fails_says_what_postgres_said(data_dir: Path) -> None:
    """The reason stands in the exception; the directory is free for the next attempt."""
    wrong = {"shared_buffers": "plenty"}
    with pytest.raises(embedded.PostgresFailedToStart, match=r"shared_buffers.*plenty"):
        embedded.start(data_dir, bin_dir=programs_under_test(), durable=False, settings=wrong)
    with embedded.start(data_dir, bin_dir=programs_under_test(), durable=False) as cluster:
        assert cluster.is_running()


def programs_under_test_of_another_version_are_refused(data_dir: Path) -> None:
    """PostgreSQL cannot read another major version's files: the sentence says which it needs."""
    embedded.start(data_dir, bin_dir=programs_under_test(), durable=False).stop()
    version = data_dir / "postgres" / "cluster" / "PG_VERSION"
    version.write_text("14\n")
    with pytest.raises(embedded.PostgresVersionDiffers, match="written by PostgreSQL 14"):
        embedded.start(data_dir, bin_dir=programs_under_test())


def test_an_interrupted_first_start_is_begun_anew(data_dir: Path) -> None:
    """A half-made cluster is never taken for a whole one."""
    unfinished = data_dir / "postgres" / "unfinished-abc"
    embedded.start(data_dir, bin_dir=programs_under_test(), durable=False).stop()
    unfinished.mkdir()
    (unfinished / "PG_VERSION").write_text("18\n")
    embedded.start(data_dir, bin_dir=programs_under_test(), durable=False).stop()
    assert not unfinished.exists()


def test_a_large_log_is_set_aside(data_dir: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The log before stays as postgres.log.1, the disk does not fill up."""
    embedded.start(data_dir, bin_dir=programs_under_test(), durable=False).stop()
    monkeypatch.setattr(data_directory, "LARGEST_LOG_BYTES", 10)
    embedded.start(data_dir, bin_dir=programs_under_test(), durable=False).stop()
    assert "starting PostgreSQL" in (data_dir / "postgres.log").read_text()
    assert "starting PostgreSQL" in (data_dir / "postgres.log.1").read_text()


def test_a_data_directory_that_is_a_file_is_refused(data_dir: Path) -> None:
    """One sentence instead of a stack trace out of the operating system."""
    (data_dir / "file").write_text("")
    with pytest.raises(embedded.DataDirectoryUnreachable, match="Not a directory"):
        embedded.start(data_dir / "file" / "below")
    (data_dir / "file").unlink()


def test_discarding_spares_what_is_not_ours(data_dir: Path) -> None:
    """A data directory pointed at the wrong place costs nobody their files."""
    (data_dir / "letters.txt").write_text("dear Zainab")
    embedded.start(data_dir, bin_dir=programs_under_test(), durable=False).stop()
    embedded.discard(data_dir)
    assert [path.name for path in data_dir.iterdir()] == ["letters.txt"]
    (data_dir / "letters.txt").unlink()


def test_a_spoilt_record_of_the_socket_directory_deletes_nothing(
    data_dir: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A full disk may leave the record empty, and the empty path is where we stand."""
    here = data_dir / "here"
    here.mkdir(mode=0o700)
    (here / "letters.txt").write_text("dear Zainab")
    monkeypatch.chdir(here)
    for spoilt in ("", ".", str(here)):
        (data_dir / "socket-directory").write_text(spoilt)
        data_directory.remove_socket_directory(data_dir, data_dir, system_user.ourselves())
        assert (here / "letters.txt").exists()
        assert not (data_dir / "socket-directory").exists()
