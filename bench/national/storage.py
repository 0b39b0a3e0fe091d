"""Bytes: of a row with all its indexes, by table, and of all together by what they are for."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING, Final

from bench import server
from bench.national.rows import Row

if TYPE_CHECKING:
    from bench.national.site import Site

TABLES: Final = (
    "ledger.line", "ledger.entry", "ledger.account", "ledger.turnover", "ledger.rollup",
    "ledger.subject", "ledger.under", "service.member", "service.loan", "service.instalment",
)  # fmt: skip
_SIZES: Final = """
    SELECT coalesce(p.parent, c.oid::regclass::text), sum(greatest(c.reltuples, 0))::bigint,
        sum(pg_total_relation_size(c.oid))::bigint, sum(pg_relation_size(c.oid))::bigint
    FROM pg_class c
    LEFT JOIN LATERAL (
        SELECT i.inhparent::regclass::text AS parent FROM pg_inherits i WHERE i.inhrelid = c.oid
    ) AS p ON true
    WHERE c.relkind = 'r' AND c.relnamespace::regnamespace::text IN ('ledger', 'service', 'audit')
    GROUP BY 1
"""


def measure(site: Site) -> list[Row]:
    """What the books take on the disk, before anything is posted to them."""
    return asyncio.run(_measure(site))


async def _measure(site: Site) -> list[Row]:
    async with server.connected(site.place) as connection:
        await connection.execute("VACUUM ANALYZE")
        found = {row[0]: (row[1], row[2], row[3]) for row in await connection.fetch(_SIZES)}
    total = sum(size for _, size, _ in found.values())
    rows = [_of_table(table, *found[table]) for table in TABLES if found[table][0]]
    members = max(found["service.member"][0], 1)
    lines = max(found["ledger.line"][0], 1)
    return [
        *rows,
        Row("bytes of everything, a line", total / lines, "bytes", remark=f"{lines:,} lines"),
        Row(
            "bytes of everything, a member and year",
            total / members / site.shape.years,
            "bytes",
            remark=f"{site.shape.sheets} sheets a year, {lines / members:.1f} lines a member",
        ),
        Row("bytes of everything", total / 1024**3, "GiB"),
    ]


def _of_table(table: str, rows: int, size: int, heap: int) -> Row:
    indexes = (size - heap) / size
    said = f"{rows:,} rows, {size / 1024**2:,.0f} MiB, of which indexes {indexes:.0%}"
    return Row(f"bytes of a row of {table}", size / rows, "bytes", remark=said)
