"""A peer on the same server: django-hordak, a ledger in the database as ours is.

Its own migrations, triggers and checks are on. A sheet is one Transaction of 31 Legs in
one atomic block, posted both as its manual shows (a `create` for each leg) and as its own
benchmark does (`bulk_create`), one sheet a database transaction.
"""

from __future__ import annotations

import time
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from itertools import cycle, islice
from typing import TYPE_CHECKING, Any, Final, NamedTuple

import django
import psutil
from django.conf import settings
from django.core.management import call_command

from bench import server, sheets
from bench.figures import NOTHING, Figure, Latency, rate, times
from bench.posters import TooLate, Window, pool
from service.database.embedded import OWNER

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from concurrent.futures import ProcessPoolExecutor

    from bench.engine import Pace
    from bench.server import Place

START_UP_S: Final = 1.0
CURRENCY: Final = "PKR"
APPS: Final = ("django.contrib.contenttypes", "mptt", "djmoney", "hordak")
BALANCES: Final = (("AS", 1), ("LI", 2 * sheets.MEMBERS))
"""The accounts of a book by hordak's type: cash, then savings."""


class Way(NamedTuple):
    """How legs are written, and on how many connections."""

    name: str
    bulk: bool
    connections: int


WAYS: Final = (
    Way("as its manual shows", bulk=False, connections=1),
    Way("bulk_create", bulk=True, connections=1),
    Way("bulk_create", bulk=True, connections=8),
)


class Task(NamedTuple):
    """What one process does: a thread with a connection of its own for each share of books."""

    way: Way
    shares: Sequence[Sequence[Sequence[int]]]
    """Of each thread, the accounts of its books, the cash first."""
    window: Window


@dataclass(slots=True)
class Tally:
    """What a thread or a process posted, and the processor time of that."""

    sheets: int = 0
    """All of them, also those outside the window."""
    seconds: list[float] = field(default_factory=list)
    """How long each transaction in the window took."""
    python_s: float = 0.0
    backend_s: float = 0.0

    def add(self, other: Tally) -> None:
        """Take in what another did."""
        self.sheets += other.sheets
        self.seconds += other.seconds
        self.python_s += other.python_s
        self.backend_s += other.backend_s

    def __str__(self) -> str:
        """Latency and processor time, as a remark of the table."""
        each_ms = 1000 / max(self.sheets, 1)
        return (
            f"{Latency.of(self.seconds)}; processor a sheet: Python"
            f" {self.python_s * each_ms:.2f} ms, PostgreSQL {self.backend_s * each_ms:.2f} ms"
        )


def configure(place: Place) -> None:
    """Make this process a Django program with hordak on a database of the server."""
    settings.configure(
        DATABASES={
            "default": {
                "ENGINE": "django.db.backends.postgresql",
                "NAME": place.database,
                "USER": OWNER,
                "HOST": place.socket_dir,
                "PORT": "5432",
            }
        },
        INSTALLED_APPS=APPS,
        DEFAULT_CURRENCY=CURRENCY,
        CURRENCIES=(CURRENCY,),
        USE_TZ=True,
        DEFAULT_AUTO_FIELD="django.db.models.BigAutoField",
    )
    django.setup()


def prepared(books: int) -> list[list[int]]:
    """Migrate, and make the accounts of so many books: their ids, by book."""
    from hordak.models import Account  # noqa: PLC0415 - wants Django configured

    call_command("migrate", verbosity=0)
    accounts = [
        Account(
            name=f"Book {book}, account {n}",
            type=kind,
            currencies=[CURRENCY],
            tree_id=book * sheets.LINES + n,
            lft=1,
            rght=2,
            level=0,
        )
        for book in range(books)
        for n, kind in enumerate(kind for kind, count in BALANCES for _ in range(count))
    ]
    ids = [account.id for account in Account.objects.bulk_create(accounts)]
    return [ids[n : n + sheets.LINES] for n in range(0, len(ids), sheets.LINES)]


def run(task: Task) -> Tally:
    """Post until the window closes; called in a process of its own."""
    tally = Tally(python_s=-time.process_time())
    with ThreadPoolExecutor(len(task.shares)) as threads:
        for done in threads.map(lambda share: _post(task, share), task.shares):
            tally.add(done)
    tally.python_s += time.process_time()
    return tally


def _post(task: Task, share: Sequence[Sequence[int]]) -> Tally:
    from django.db import connection  # noqa: PLC0415 - wants Django configured

    connection.ensure_connection()
    if time.monotonic() >= task.window.opens:
        raise TooLate("A poster process was not ready in time. Close other programs.")
    backend = [psutil.Process(connection.connection.info.backend_pid)]
    tally = Tally(backend_s=-server.processor_time(backend))
    for nth, book in enumerate(cycle(share)):
        begun = time.monotonic()
        if begun >= task.window.closes:
            break
        _post_sheet(book, nth, bulk=task.way.bulk)
        ended = time.monotonic()
        tally.sheets += 1
        if begun >= task.window.opens and ended <= task.window.closes:
            tally.seconds.append(ended - begun)
    tally.backend_s += server.processor_time(backend)
    connection.close()
    return tally


def _post_sheet(book: Sequence[int], nth: int, *, bulk: bool) -> None:
    from django.db import transaction  # noqa: PLC0415 - wants Django configured
    from hordak.models import Leg, Transaction  # noqa: PLC0415 - wants Django configured

    day = datetime.now(UTC).date() - timedelta(days=nth % 1000)
    with transaction.atomic():
        sheet = Transaction.objects.create(date=day, description=f"Meeting of {day}")
        legs = [
            {"transaction": sheet, "account_id": account, **amount}
            for account, amount in zip(book, _amounts(), strict=True)
        ]
        if bulk:
            Leg.objects.bulk_create([Leg(**leg) for leg in legs])
        else:
            for leg in legs:
                Leg.objects.create(**leg)


def _amounts() -> Iterator[dict[str, Any]]:
    """Debit of the cash, then the credits of every member's savings."""
    from djmoney.money import Money  # noqa: PLC0415 - wants Django configured

    saved = [sheets.COMPULSORY_PAISA] * sheets.MEMBERS + [sheets.VOLUNTARY_PAISA] * sheets.MEMBERS
    yield {"debit": Money(sum(saved) // 100, CURRENCY)}
    for paisa in saved:
        yield {"credit": Money(paisa // 100, CURRENCY)}


def measure(place: Place, pace: Pace, *, books: int, ours: dict[int, float]) -> list[Figure]:
    """Measure the peer in every way; a row each, beside what we do on equal connections."""
    with pool(configure, place) as processes:
        accounts = processes.submit(prepared, books).result()
        return [_measured(processes, way, accounts, pace, ours) for way in WAYS]


def _measured(
    processes: ProcessPoolExecutor,
    way: Way,
    accounts: list[list[int]],
    pace: Pace,
    ours: dict[int, float],
) -> Figure:
    opens = time.monotonic() + START_UP_S + pace.warm_up_s
    window = Window(opens, opens + pace.window_s)
    shares = [list(islice(accounts, n, None, way.connections)) for n in range(way.connections)]
    count = 2 if way.connections > 1 else 1
    tasks = [Task(way, shares[n::count], window) for n in range(count)]
    tally = Tally()
    for done in processes.map(run, tasks):
        tally.add(done)
    entries_per_s = len(tally.seconds) / pace.window_s
    theirs = entries_per_s * sheets.LINES
    known = ours.get(way.connections)
    return Figure(
        work=f"django-hordak, one sheet a transaction, {way.name}, {way.connections} connection"
        + "s" * (way.connections > 1),
        result=f"{rate(theirs, 'lines')}, {rate(entries_per_s, 'entries')}",
        beside=NOTHING if known is None else f"ours {rate(known, 'lines')}",
        ratio=NOTHING if known is None else f"ours {times(known, theirs)}",
        remark=str(tally),
    )
