"""A service that does nothing but run PostgreSQL, for tests to kill: data directory, programs."""

from __future__ import annotations

import sys
from pathlib import Path

from service.database import embedded


def main() -> None:
    """Start, say the postmaster's process, and stop when the input closes."""
    data_dir, *bin_dir = map(Path, sys.argv[1:])
    with embedded.start(data_dir, bin_dir=next(iter(bin_dir), None)) as cluster:
        print(cluster.pid, flush=True)  # noqa: T201 - how the test learns that it is ready
        sys.stdin.read()


if __name__ == "__main__":
    main()
