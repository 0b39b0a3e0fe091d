"""The guides are true: their scripts are run."""

from __future__ import annotations

import asyncio
import runpy
import subprocess
import sys
import threading
from contextlib import contextmanager
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING, Final

import httpx
import uvicorn

from ledger.entries import Kind
from ledger.positions import Reads
from ledger.requests import Request
from service.books import make_engine, write_books
from tests.api.helpers import good, make_app, sheet
from tests.support import database
from tests.support.importing import NOW, engine_of
from tests.support.ledger import credit, debit, draft
from tests.support.people import signed_in

if TYPE_CHECKING:
    from collections.abc import Iterator

SCRIPT: Final = Path("docs/guides/audit_a_quarter.py")
KEY: Final = {
    "code": "rsp-audit",
    "name": "Audit",
    "organisation": "LSO-01",
    "role": "auditor",
    "below": True,
    "scopes": ["read"],
    "expires_at": "2026-12-31T00:00:00+05:00",
}


@contextmanager
def listening(url: str) -> Iterator[str]:
    """The application on a port of its own, in a thread with a loop of its own."""
    ready = threading.Event()
    server: list[uvicorn.Server] = []
    thread = threading.Thread(target=lambda: asyncio.run(_serve(url, server, ready)))
    thread.start()
    try:
        ready.wait(30)
        port = server[0].servers[0].sockets[0].getsockname()[1]
        yield f"http://127.0.0.1:{port}"
    finally:
        server[0].should_exit = True
        thread.join(30)


async def _serve(url: str, server: list[uvicorn.Server], ready: threading.Event) -> None:
    engine = make_engine(url, connections=4)
    config = uvicorn.Config(make_app(engine), port=0, log_level="warning")
    server.append(uvicorn.Server(config))
    serving = asyncio.create_task(server[0].serve())
    while not server[0].started:  # noqa: ASYNC110 - uvicorn sets a flag, no event
        await asyncio.sleep(0.01)
    ready.set()
    await serving
    await engine.dispose()


def audit(address: str, secret: str) -> subprocess.CompletedProcess[str]:
    """Run the script of the guide for the quarter of the bundle's last days."""
    quarter = ("2026-04-01", "2026-06-30")
    return subprocess.run(  # noqa: S603 - our own script
        [sys.executable, SCRIPT, address, "rsp-audit", secret, *quarter],
        capture_output=True,
        text=True,
        check=False,
    )


async def _close_fees(url: str) -> None:
    """Close a fee into the surplus, in the midst of the quarter."""
    async with (
        engine_of(url) as engine,
        write_books(engine, actor="treasurer", now=NOW) as books,
    ):
        ((book,),) = await books.fetch("SELECT id FROM ledger.book WHERE organisation = 'CO-01'")
        lines = (debit("4000", 100, fund="own"), credit("3000", 100, fund="own"))
        closing = draft(*lines, book=book, on=date(2026, 5, 31), kind=Kind.CLOSE)
        accounts = frozenset((book, line.account) for line in lines)
        await books.post(Request(Reads(frozenset({book}), accounts), lambda _: (closing,)))


def test_the_auditors_script_finds_that_everything_agrees_until_something_does_not(
    one_co_url: str,
) -> None:
    """Then it names the entry and the link that were changed."""
    with asyncio.Runner() as runner:
        runner.run(_close_fees(one_co_url))
    with listening(one_co_url) as address:
        officer = signed_in("shazia")
        made = httpx.post(f"{address}/v1/keys", json=KEY, headers=officer)
        secret = good(made, 201)["client_secret"]
        good(httpx.post(f"{address}/v1/sheets", json=sheet(), headers=officer), 201)
        sound = audit(address, secret)
        assert (sound.stderr, sound.returncode) == ("", 0)
        assert sound.stdout.endswith("3 books, 2026-04-01 to 2026-06-30.\nEverything agrees.\n")
        database.execute(
            one_co_url,
            "SET session_replication_role = replica;"
            " UPDATE ledger.line l SET debit = debit + 100 FROM ledger.book b"
            " WHERE b.id = l.book_id AND b.organisation = 'CO-01' AND l.debit > 0 AND l.n = 1"
            " AND l.entry_no = b.last_no;"
            " UPDATE audit.trail SET action = 'nothing' WHERE code = 'CO-01' AND no = 1",
        )
        forged = audit(address, secret)
        assert forged.returncode == 1
        assert "CO-01: the chain breaks at entry" in forged.stdout
        assert "CO-01: the audit trail breaks at link 1\n" in forged.stdout
        assert "faults." in forged.stdout


def test_the_auditors_script_follows_the_pages_of_a_list(one_co_url: str) -> None:
    """To the end: none is read twice."""
    auditor_of = runpy.run_path(str(SCRIPT))["Auditor"]
    with listening(one_co_url) as address:
        made = httpx.post(f"{address}/v1/keys", json=KEY, headers=signed_in("shazia"))
        auditor = auditor_of(address, "rsp-audit", good(made, 201)["client_secret"])
        with auditor.client:
            members = "/v1/organisations/CO-01/members"
            pages = auditor.pages(members, limit="2")
            assert pages == auditor.pages(members, limit="500")
            assert len(pages) > 2
