"""`python -m bench.desk`: how soon a union council stands on one page, and what that page weighs.

Over HTTP from the pilot, and from a federation of 100,000 members (`amanat demo generate --cos
5550 --years 2`), which is written first. Each page is asked once to warm up and then again and
again; told are the median and the worst time to the first byte, and the bytes of it packed.
"""

from __future__ import annotations

import argparse
import asyncio
import statistics
import time
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Final, NamedTuple

import httpx
from rich.console import Console

from bench import server
from jobs.generating import Asked, connect, generate
from tests.support.house import PILOT, house_on
from tests.support.importing import NOW, engine_of, load_folder
from tests.support.people import Post, appoint, signed_in

if TYPE_CHECKING:
    from collections.abc import Iterator

PAGE: Final = Path(__file__).resolve().parent.parent / "docs" / "reference" / "desk.md"
MEMBERS_100_000: Final = Asked(cos=5550, years=2, seed=1)
TIMES: Final = 15
_LARGEST: Final = """
    SELECT o.kind, o.code, (SELECT count(*) FROM ledger.under AS u
        JOIN service.organisation AS c ON c.book_id = u.book_id AND c.kind = 'CO'
        WHERE u.node_id = o.book_id AND u.from_on <= current_date AND u.to_on > current_date)
    FROM service.organisation AS o ORDER BY 3 DESC, o.code
"""
_KINDS: Final = ("CO", "VO", "LSO", "NETWORK", "RSP", "RSPN")


class Measured(NamedTuple):
    """A page of an organisation: milliseconds to its first byte, and its bytes."""

    federation: str
    page: str
    cos: int
    median_ms: float
    worst_ms: float
    packed_bytes: int
    whole_bytes: int


def _measure(federation: str, url: str, now: datetime) -> Iterator[Measured]:
    appoint(url, {"treasurer-of-all": (Post("treasurer"),)})
    largest: dict[str, tuple[str, int]] = {}
    for kind, code, cos in asyncio.run(_organisations(url)):
        largest.setdefault(kind, (code, cos))
    with house_on(url, {}, now=now) as house:
        headers = {**signed_in("treasurer-of-all"), "Accept-Encoding": "gzip"}
        with httpx.Client(base_url=house.address, headers=headers, timeout=120) as client:
            for kind in _KINDS:
                if kind in largest:
                    code, cos = largest[kind]
                    yield _asked(client, federation, f"/organisations/{code}", kind, cos)
            code, cos = largest["LSO"]
            yield _asked(client, federation, f"/loans?at={code}", "LSO, its loans", cos)


def _asked(client: httpx.Client, federation: str, path: str, page: str, cos: int) -> Measured:
    taken: list[float] = []
    packed = whole = 0
    for n in range(TIMES + 1):
        begun = time.perf_counter()
        with client.stream("GET", path) as answer:
            answer.raise_for_status()
            chunks = answer.iter_raw()
            first = next(chunks)
            if n:
                taken.append((time.perf_counter() - begun) * 1000)
            packed = len(first) + sum(len(chunk) for chunk in chunks)
    whole = len(client.get(path).content)
    return Measured(federation, page, cos, statistics.median(taken), max(taken), packed, whole)


async def _organisations(url: str) -> list[tuple[str, str, int]]:
    connection = await connect(url)
    try:
        return [tuple(row) for row in await connection.fetch(_LARGEST)]
    finally:
        await connection.close()


async def _load(url: str) -> None:
    async with engine_of(url) as engine:
        await load_folder(engine, PILOT)


def _table(found: list[Measured]) -> str:
    rows = [
        f"| {one.federation} | {one.page} | {one.cos:,} | {one.median_ms:.0f} |"
        f" {one.worst_ms:.0f} | {one.packed_bytes / 1000:.1f} | {one.whole_bytes / 1000:.0f} |"
        for one in found
    ]
    how = (
        "Made by `python -m bench.desk --write`: over HTTP on this machine, one reader, after one"
        f" request to warm up, {TIMES} times. The organisation with most COs of each kind; the"
        " federation of 100,000 members is that of `amanat demo generate --cos 5550 --years 2"
        " --seed 1`. Above 300 organisations only those directly below are shown."
    )
    head = (
        "# A union council on one page: how soon",
        "",
        how,
        "",
        "| federation | page of a | COs | first byte, ms | worst, ms | packed, kB | kB |",
        "|---|---|---:|---:|---:|---:|---:|",
    )
    return "\n".join((*head, *rows)) + "\n"


def main() -> None:
    """Measure, show, and write the page where it is asked for."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--write", action="store_true", help=f"write {PAGE.name}")
    asked = parser.parse_args()
    found: list[Measured] = []
    with server.running(None) as cluster:
        for database in ("pilot", "large"):
            server.migrated(cluster, database)
        pilot, large = server.url(cluster, "pilot"), server.url(cluster, "large")
        asyncio.run(_load(pilot))
        found += _measure("pilot, 92 members", pilot, NOW)
        generate(large, MEMBERS_100_000, clock=lambda: datetime.now(UTC), console=Console())
        found += _measure("100,000 members", large, datetime.now(UTC))
    print(_table(found))
    if asked.write:
        PAGE.write_text(_table(found))


if __name__ == "__main__":
    main()
