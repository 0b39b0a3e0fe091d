"""What a sheet takes beside the ledger: its document, and its links of the audit trail.

Posted through the API, for the demo writes books without documents.
"""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING, Final

from bench import http, server
from bench.engine import Pace
from bench.national.rows import Row

if TYPE_CHECKING:
    from bench.national import site as national
    from bench.national.site import Kept

NAME: Final = "documents"
COS_A_SECOND: Final = 16
"""So many for each second of the window, up to 64: then there are thousand sheets and more."""
MOST_COS: Final = 64
MOST_S: Final = 4.0
WARM_UP_S: Final = 0.2
TABLES: Final = {
    "service.sheet": "its document",
    "audit.trail": "its links of the audit trail",
}
_SIZE: Final = "SELECT pg_total_relation_size($1::text::regclass)"
_SHEETS: Final = "SELECT count(*) FROM service.sheet"


def measure(kept: Kept, pace: national.Pace) -> list[Row]:
    """Post sheets of 31 lines through the API; what the disk says of them."""
    window_s = min(pace.window_s, MOST_S)
    cos = min(int(COS_A_SECOND * window_s) + http.CONNECTIONS, MOST_COS)
    kept.drop(http.DATABASE)
    server.migrated(kept.cluster, http.DATABASE)
    url = server.url(kept.cluster, http.DATABASE)
    asyncio.run(http.prepared(url, cos))
    place = kept.place(http.DATABASE)
    before = asyncio.run(_sizes(place))
    http.measure(url, cos, Pace(WARM_UP_S, window_s), 1, first=0)
    after = asyncio.run(_sizes(place))
    kept.drop(http.DATABASE)
    sheets = after[_SHEETS]
    return [
        Row(
            f"bytes of a sheet of 31 lines: {what}",
            (after[table] - before[table]) / sheets,
            "bytes",
            remark=f"{table} with its indexes; {sheets:,} sheets through the API, each"
            " closed by one request; one saved as a draft before adds a link",
        )
        for table, what in TABLES.items()
    ]


async def _sizes(place: server.Place) -> dict[str, int]:
    async with server.connected(place) as connection:
        sizes = {table: int(await connection.fetchval(_SIZE, table)) for table in TABLES}
        sizes[_SHEETS] = int(await connection.fetchval(_SHEETS))
        return sizes
