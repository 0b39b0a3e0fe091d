"""The golden dump: the schema that the migrations make, as one file to read and compare."""

from __future__ import annotations

import re
import subprocess
import tempfile
from pathlib import Path
from typing import Final

from service.database import embedded
from service.database.binaries import find
from service.database.migrate import migrate

GOLDEN: Final = Path(__file__).parent / "schema.sql"
_NOISE: Final = re.compile(
    r"^(--.*|SET .*|SELECT pg_catalog\.set_config.*|\\(un)?restrict .*)\n", re.MULTILINE
)


def dump_at(host: str, port: int, database: str) -> str:
    """The schema of a database on the embedded server, without what differs by run."""
    program = find(None).directory / "pg_dump"
    place = ["--host", host, "--port", str(port), "--username", embedded.OWNER]
    done = subprocess.run(  # noqa: S603 - our own program, our own server
        [str(program), "--schema-only", *place, database],
        check=True,
        capture_output=True,
        text=True,
    )
    return re.sub(r"\n{3,}", "\n\n", _NOISE.sub("", done.stdout)).strip() + "\n"


def main() -> None:
    """Write `migrations/schema.sql` anew."""
    with (
        tempfile.TemporaryDirectory() as directory,
        embedded.start(Path(directory) / "data", durable=False) as cluster,
    ):
        migrate(cluster.url(user=embedded.OWNER, database="postgres"))
        GOLDEN.write_text(
            dump_at(str(cluster.socket_dir), cluster.port, "postgres"), encoding="utf-8"
        )


if __name__ == "__main__":
    main()
