"""The press: papers out of HTML, each by a child process, a few at a time.

A child costs a second to start and up to a gigabyte while it lays out a hundred pages. So none
of it happens in the service: whatever is asked, its own memory stays as it is. Who hangs up, or
waits too long, takes the child along.
"""

from __future__ import annotations

import asyncio
import logging
import signal
import sys
import tempfile
from asyncio.subprocess import PIPE
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Final

from api.papers.child import NO_LIBRARIES, TOO_LONG
from api.refusals import PapersUnavailable, PaperTooLong, TooBusy

if TYPE_CHECKING:
    from asyncio.subprocess import Process
    from collections.abc import AsyncIterator

HERE: Final = Path(__file__).parent
SECONDS: Final = 90
"""For the longest paper, on a slow machine that has other work."""
_LATER: Final = "Many papers are being made just now. Ask again in a minute."
_TOO_LONG: Final = (
    "A paper has at most {most} pages, and this would be longer, or took too much to make. Choose"
    " fewer days, or take it as XLSX or CSV."
)
_NO_LIBRARIES: Final = (
    "This service cannot make papers: the library that draws text is missing. Whoever runs it"
    " installs libpango-1.0-0, libpangoft2-1.0-0 and libharfbuzz-subset0."
)
_OF_LIMITS: Final = frozenset(
    {signal.SIGXCPU, signal.SIGALRM, signal.SIGKILL, signal.SIGABRT, signal.SIGTRAP, signal.SIGSEGV}
)
"""What ends a child that was out of time, or out of memory in a library that takes it badly."""
_LOG: Final = logging.getLogger(__name__)


@dataclass(slots=True)
class Press:
    """What makes papers, and how much it may use for one; memory in MB, of all that it maps."""

    libraries: str = ""
    """Folders in which the child looks for libraries first, with colons between."""
    most_pages: int = 100
    memory_mb: int = 1024
    seconds: int = SECONDS
    most_waiting: int = 8
    _places: asyncio.Semaphore = field(default_factory=lambda: asyncio.Semaphore(2))
    _waiting: int = 0

    async def pdf(self, html: str) -> bytes:
        """A paper. Raises `PaperTooLong`, `PapersUnavailable`, `TooBusy`."""
        async with self._place(), self._child() as child:
            try:
                async with asyncio.timeout(self.seconds):
                    made, said = await child.communicate(html.encode())
            except TimeoutError:
                raise too_long(self.most_pages, "time") from None
        return self._answered(child.returncode or 0, made, said.decode(errors="replace"))

    @asynccontextmanager
    async def _place(self) -> AsyncIterator[None]:
        if self._places.locked() and self._waiting >= self.most_waiting:
            raise TooBusy(_LATER)
        self._waiting += 1
        try:
            await self._places.acquire()
        finally:
            self._waiting -= 1
        try:
            yield
        finally:
            self._places.release()

    @asynccontextmanager
    async def _child(self) -> AsyncIterator[Process]:
        """A child, which is gone afterwards whatever happened."""
        limits = map(str, (self.most_pages, self.memory_mb, self.seconds))
        child = await asyncio.create_subprocess_exec(
            *(sys.executable, "-I", str(HERE / "child.py"), *limits),
            stdin=PIPE,
            stdout=PIPE,
            stderr=PIPE,
            env=self._environment(),
        )
        try:
            yield child
        finally:
            with suppress(ProcessLookupError):
                child.kill()
            await child.wait()

    def _environment(self) -> dict[str, str]:
        """Nothing of the service's own: it may hold what proves who it is to the database."""
        return {
            "PATH": "/usr/bin:/bin",
            "HOME": tempfile.gettempdir(),
            "LC_ALL": "C.UTF-8",
            "LD_LIBRARY_PATH": self.libraries,
            "FONTCONFIG_FILE": str(HERE / "fonts" / "fonts.conf"),
        }

    def _answered(self, status: int, made: bytes, said: str) -> bytes:
        if status == 0:
            return made
        if status == NO_LIBRARIES:
            _LOG.warning("no papers: %s", said.strip())
            raise PapersUnavailable(_NO_LIBRARIES)
        if status == TOO_LONG or -status in _OF_LIMITS:
            raise too_long(self.most_pages, f"status {status}")
        raise RuntimeError(f"The child that makes papers failed ({status}): {said[-2000:]}")


def too_long(most_pages: int, why: str) -> PaperTooLong:
    """The refusal of what no paper is made of."""
    _LOG.warning("a paper was not made: %s", why)
    return PaperTooLong(_TOO_LONG.format(most=most_pages))
