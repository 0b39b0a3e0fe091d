"""The child that makes one paper: HTML comes in, PDF goes out, and that is all it may do.

A program, not a part of the service: `press.py` starts it as a process of its own. It takes on
its limits before it reads anything; nothing that the HTML names is fetched, neither from the
network nor from the disk; it can write no file. What its end means is said by its status.
"""

from __future__ import annotations

import os
import resource
import signal
import sys
from typing import Final

TOO_LONG: Final = 3
"""It has more pages than a paper may have, or asks for more memory than there is for one."""
NO_LIBRARIES: Final = 4
"""What draws text is not on this machine."""


def main(most_pages: int, memory_mb: int, seconds: int) -> int:
    """Make a paper of what comes in."""
    _take_limits(memory_mb, seconds)
    try:
        from weasyprint import HTML  # noqa: PLC0415 - within the limits; it may lack its libraries
        from weasyprint.urls import URLFetcher  # noqa: PLC0415 - as above
    except OSError as missing:
        sys.stderr.write(f"{missing}\n")
        return NO_LIBRARIES
    try:
        nothing = URLFetcher(allowed_protocols=())
        paper = HTML(string=sys.stdin.read(), url_fetcher=nothing).render()
        if len(paper.pages) > most_pages:
            return TOO_LONG
        sys.stdout.buffer.write(paper.write_pdf() or b"")
    except MemoryError:
        return TOO_LONG
    return 0


def _take_limits(memory_mb: int, seconds: int) -> None:
    """The end of all patience is a signal, which nothing here handles; also without a parent."""
    memory = memory_mb * 2**20
    os.nice(10)  # whoever posts goes before
    resource.setrlimit(resource.RLIMIT_AS, (memory, memory))
    resource.setrlimit(resource.RLIMIT_CPU, (seconds, seconds))
    resource.setrlimit(resource.RLIMIT_FSIZE, (0, 0))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    signal.signal(signal.SIGALRM, signal.SIG_DFL)
    signal.alarm(seconds)


if __name__ == "__main__":
    sys.exit(main(*map(int, sys.argv[1:])))
