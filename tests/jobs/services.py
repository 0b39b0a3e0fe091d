"""`amanat serve` as a process of its own, for tests to use, stop and kill."""

from __future__ import annotations

import os
import re
import signal
import subprocess
import sys
from contextlib import contextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from service.database import embedded
from service.database.server import DATABASE
from tests.jobs.asking import ONE_CO, REPOSITORY
from tests.support.database import programs_under_test

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

AMANAT: Final = (sys.executable, "-m", "jobs.cli")
LAST_LINE: Final = "Stop with Ctrl-C."


@dataclass(frozen=True, slots=True)
class Service:
    """A running service: its process, its address, and what it said when it was ready."""

    process: subprocess.Popen[str]
    address: str
    said: str

    def kill(self) -> None:
        """End it as a power cut would."""
        self.process.kill()
        self.process.wait()

    def stop(self, how: signal.Signals = signal.SIGTERM) -> int:
        """Ask it to end; its exit status."""
        self.process.send_signal(how)
        return self.process.wait(60)


def environment(data_dir: Path) -> dict[str, str]:
    """Ours, with a data directory and PostgreSQL as these tests have them.

    Python keeps what it compiles beside the data: a second start then takes half the time.
    """
    given = {
        "AMANAT_DATA_DIR": str(data_dir),
        "AMANAT_METRICS_ADDRESS": "127.0.0.1:0",
        "PYTHONDONTWRITEBYTECODE": "",
        "PYTHONPYCACHEPREFIX": str(data_dir / "compiled"),
    }
    if programs := programs_under_test():
        given["AMANAT_POSTGRES_BIN"] = str(programs)
    inherited = {name: v for name, v in os.environ.items() if not name.startswith("AMANAT_")}
    return {**inherited, **given}


def amanat(data_dir: Path, *arguments: str | Path) -> subprocess.CompletedProcess[str]:
    """Run the command to its end."""
    return subprocess.run(  # noqa: S603 - our own command
        [*AMANAT, *arguments],
        cwd=REPOSITORY,
        env=environment(data_dir),
        capture_output=True,
        text=True,
        check=False,
    )


@contextmanager
def starting(data_dir: Path, *options: str) -> Iterator[subprocess.Popen[str]]:
    """A service that has just begun to start, on a port that nobody else has."""
    command = [*AMANAT, "serve", "--port", "0", "--demo", str(ONE_CO), *options]
    with (
        (data_dir / "service.log").open("a", encoding="utf-8") as log,
        subprocess.Popen(  # noqa: S603 - our own command
            command,
            cwd=REPOSITORY,
            env=environment(data_dir),
            stdout=subprocess.PIPE,
            stderr=log,
            text=True,
        ) as process,
    ):
        try:
            yield process
        finally:
            process.kill()


@contextmanager
def serving(data_dir: Path) -> Iterator[Service]:
    """A service that answers; killed at the end of the block, unless it has ended by then."""
    with starting(data_dir) as process:
        said = ""
        assert process.stdout is not None
        while LAST_LINE not in said:
            line = process.stdout.readline()
            assert line, (data_dir / "service.log").read_text(encoding="utf-8")
            said += line
        found = re.search(r"serves on (http://[^;]+);", said)
        assert found is not None
        yield Service(process, found[1], said)


def url_while_serving(data_dir: Path) -> str:
    """The database of a service that runs now."""
    running = embedded.attach(data_dir)
    assert running is not None
    return running.url(user=embedded.OWNER, database=DATABASE)
