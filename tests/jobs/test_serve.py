from __future__ import annotations

import json
import shlex
import signal
import socket
import subprocess
import time
from typing import TYPE_CHECKING

import psutil
import pytest

from tests.jobs.asking import ONE_CO
from tests.jobs.services import amanat, serving, starting, url_while_serving
from tests.support.database import fetch, scratch_directory

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

ENTRIES = "SELECT count(*) FROM ledger.entry"


@pytest.fixture
def data_dir() -> Iterator[Path]:
    with scratch_directory() as directory:
        yield directory


def postgres_of(data_dir: Path) -> list[psutil.Process]:
    """PostgreSQL's processes live in their data directory."""
    cluster = str((data_dir / "postgres" / "cluster").resolve())
    return [p for p in psutil.process_iter(["cwd", "name"]) if p.info["cwd"] == cluster]


def test_serve_from_the_first_start_to_a_clean_stop(data_dir: Path) -> None:
    """The demo is loaded once, commands work beside the service, and each signal ends it well."""
    with serving(data_dir) as service:
        assert service.said.count("│") >= 10 * 5
        assert savings_as_announced(data_dir, service.said) == "1200.00"

        report = amanat(data_dir, "report", "loans", "--as-of", "2026-06-30")
        assert report.stdout.splitlines() == _expected("loans.csv", "2026-06-30"), report.stderr

        second = amanat(data_dir, "serve", "--port", "0")
        assert (second.returncode, second.stdout) == (1, "")
        assert f"is in use by process {service.process.pid}: stop that service" in second.stderr
        assert fetch(url_while_serving(data_dir), ENTRIES) == [(43,)]
        assert service.stop(signal.SIGTERM) == 0
    assert postgres_of(data_dir) == []
    with serving(data_dir) as service:
        assert "Its people exist already. A new password:" in service.said
        assert "│" not in service.said
        assert fetch(url_while_serving(data_dir), ENTRIES) == [(43,)]
        assert service.stop(signal.SIGINT) == 0
    assert postgres_of(data_dir) == []
    log = (data_dir / "service.log").read_text(encoding="utf-8")
    assert "one-co is loaded: 43 entries posted." in log
    assert "one-co is loaded already; nothing was changed." in log
    assert "Traceback" not in log


def savings_as_announced(directory: Path, said: str) -> object:
    """What the commands that the service announces lead to, one after the other."""
    answer = b""
    for line in said.splitlines():
        if "curl" in line:
            command = shlex.split(line[line.index("curl") :])
            answer = subprocess.run(  # noqa: S603 - as printed
                command, cwd=directory, capture_output=True, check=True
            ).stdout
    return json.loads(answer)["items"][0]["compulsory"]


def _expected(name: str, day: str) -> list[str]:
    lines = (ONE_CO / "expected" / name).read_text(encoding="utf-8").splitlines()
    return [lines[0], *(line for line in lines[1:] if line.startswith(day))]


def test_a_signal_during_the_start_breaks_it_off(data_dir: Path) -> None:
    """Whoever stops a service before it is ready gets no stack trace and no leftovers."""
    with starting(data_dir) as process:
        deadline = time.monotonic() + 60
        while not postgres_of(data_dir):
            assert time.monotonic() < deadline
            time.sleep(0.02)
        process.send_signal(signal.SIGTERM)
        assert process.wait(60) == 0
    assert postgres_of(data_dir) == []
    log = (data_dir / "service.log").read_text(encoding="utf-8")
    assert "Stopped before the service was ready." in log
    assert "Traceback" not in log


def test_a_port_that_is_taken_is_named(data_dir: Path) -> None:
    """Nothing is started where nobody could be answered."""
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = taken.getsockname()[1]
        refused = amanat(data_dir, "serve", "--port", str(port))
    assert refused.returncode == 1
    assert f"Nothing can listen on 127.0.0.1 port {port}: Address already in use" in refused.stderr
    assert "Traceback" not in refused.stderr
    assert not (data_dir / "postgres").exists()
