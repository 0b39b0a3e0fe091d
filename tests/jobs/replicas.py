"""Replicas as processes of their own, for tests to kill, freeze and wake."""

from __future__ import annotations

import asyncio
import os
import signal
import subprocess
import sys
import time
from contextlib import contextmanager
from dataclasses import dataclass, field
from statistics import median
from typing import TYPE_CHECKING, Final

from service.jobs import LEADERS_LOCK
from tests.jobs.asking import REPOSITORY, rows

if TYPE_CHECKING:
    from collections.abc import Iterator
    from datetime import datetime
    from pathlib import Path
    from random import Random

LEADER: Final = f"""
    SELECT l.process FROM service.leader l
    JOIN pg_locks k ON k.pid = l.backend AND k.locktype = 'advisory' AND k.objid = {LEADERS_LOCK}
    WHERE k.granted
"""
SOON_S: Final = 30


@dataclass(slots=True)
class Replicas:
    """Some replicas on one database and one clock."""

    url: str
    folder: Path
    running: dict[int, subprocess.Popen[str]] = field(default_factory=dict)
    """By their process numbers."""
    frozen: set[int] = field(default_factory=set)
    killed: int = 0
    replaced_after_s: list[float] = field(default_factory=list)
    """How long it took until another led, where the leader was frozen so long."""
    disturbed: int = 0
    """How often the leader was killed or frozen."""

    @property
    def clock(self) -> Path:
        """The file that their clock stands in."""
        return self.folder / "clock"

    def set_clock(self, now: datetime) -> None:
        """Move all clocks at once."""
        beside = self.folder / "clock.new"
        beside.write_text(now.isoformat(), encoding="ascii")
        beside.replace(self.clock)

    def start(self) -> None:
        """Start one more; what it compiles is kept, so that the next one starts sooner."""
        compiled = str(self.folder / "compiled")
        kept = {"PYTHONDONTWRITEBYTECODE": "", "PYTHONPYCACHEPREFIX": compiled}
        with (self.folder / "replicas.log").open("a", encoding="utf-8") as log:
            process = subprocess.Popen(  # noqa: S603 - our own program
                [sys.executable, "-m", "tests.jobs.replica", self.url, str(self.clock)],
                cwd=REPOSITORY,
                env={**os.environ, **kept},
                stdout=log,
                stderr=log,
                text=True,
            )
        self.running[process.pid] = process

    async def leader(self) -> int | None:
        """The process that leads now, frozen or not."""
        found = await rows(self.url, LEADER)
        return int(str(found[0][0])) if found else None

    async def some_leader(self) -> int:
        """The process that leads, as soon as one does that is not frozen."""
        async with asyncio.timeout(SOON_S):
            while True:
                found = await self.leader()
                if found is not None and found not in self.frozen:
                    return found
                await asyncio.sleep(0.02)

    def kill(self, process: int) -> None:
        """End one as a power cut would, and start another."""
        ended = self.running.pop(process)
        ended.kill()
        ended.wait()
        self.frozen.discard(process)
        self.killed += 1
        self.start()

    def freeze(self, process: int) -> None:
        """Stop one where it stands, its connections open."""
        self.running[process].send_signal(signal.SIGSTOP)
        self.frozen.add(process)

    def wake(self, process: int) -> None:
        """Let one go on as if nothing had been."""
        self.running[process].send_signal(signal.SIGCONT)
        self.frozen.discard(process)

    async def freeze_for(self, process: int, seconds: float) -> None:
        """Freeze one for a moment, too short perhaps for anybody to notice."""
        self.freeze(process)
        await asyncio.sleep(seconds)
        self.wake(process)

    async def freeze_until_replaced(self, process: int, seconds: float) -> None:
        """Freeze the leader until another leads, and for a moment more."""
        self.freeze(process)
        begun = time.monotonic()
        await self.some_leader()
        self.replaced_after_s.append(time.monotonic() - begun)
        await asyncio.sleep(seconds)
        self.wake(process)

    async def disturbances(self, how_many: int, harassing: asyncio.Task[None]) -> None:
        """Wait until there were so many."""
        while self.disturbed < how_many:
            assert not harassing.done(), harassing.exception()
            await asyncio.sleep(0.05)

    def freezes(self) -> str:
        """How often and how soon a frozen leader was replaced, for the log."""
        taken = sorted(self.replaced_after_s)
        if not taken:
            return "no frozen leader was replaced"
        soon = f"{median(taken):.2f} s in the middle, {taken[-1]:.2f} s at most"
        return f"{len(taken)} frozen leaders replaced within {soon}"

    async def harass(self, chance: Random) -> None:
        """Kill and freeze in turn whoever leads, at random moments, until cancelled."""
        async with asyncio.TaskGroup() as freezing:
            while True:
                await asyncio.sleep(chance.uniform(0.05, 1.2))
                leader = await self.some_leader()
                if len(self.frozen) >= len(self.running) - 1 or self.disturbed % 2:
                    self.kill(leader)
                else:
                    freeze = chance.choice([self.freeze_for, self.freeze_until_replaced])
                    freezing.create_task(freeze(leader, chance.uniform(0.1, 1.5)))
                self.disturbed += 1


@contextmanager
def replicas(url: str, folder: Path, now: datetime, *, how_many: int = 3) -> Iterator[Replicas]:
    """Some replicas; ended with the block."""
    found = Replicas(url, folder)
    found.set_clock(now)
    try:
        for _ in range(how_many):
            found.start()
        yield found
    finally:
        for process in found.running.values():
            process.kill()
            process.wait()
