"""The page on capacity: measured bytes, and the arithmetic of ten years of all organisations."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final, NamedTuple

from bench.national.documents import TABLES
from bench.national.page import sizes_of
from bench.national.passes import NIGHT_BYTES
from bench.national.results import MEMBERS, cos_of
from bench.table import markdown
from jobs.schedule import NIGHTS_KEPT
from service.demo.estimate import MODEL, ROLLUP_BYTES, estimate
from service.demo.shape import Shape

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from bench.national.results import Plan, Results

YEARS: Final = 10
SHEETS: Final = 12
GIB: Final = 1024**3
BYTES_OF: Final = "bytes of a row of {}"
SCHEMA_OF: Final = {"member": "service", "loan": "service", "instalment": "service"}
HEADINGS: Final = ("What", "Bytes a row", "Rows", "GiB")
INTRODUCTION: Final = """\
# Capacity

Written by `python -m bench.national --write`, from what `make bench-national` measured: every
figure below is of that run or worked out from it. [National scale](national.md) has the speed.
"""
AFTER: Final = """\
## What can be dropped, and what cannot

- **Results of the jobs** can be worked out again for any day at any time, row for row: a run
  sees what was dated and posted by that day, whenever it runs. The job `purge` keeps 60 nights,
  and of earlier months the last.
- **The roll-up** can be made anew from `ledger.turnover`, and that from the lines. It is kept
  because reading is cheap with it, not because anything would be lost.
- **Lines, entries, the trail and the documents** are the books. Nothing of them is deleted.
  Lines are partitioned by fiscal year: the years that are over change only by late entries,
  so their partitions may lie on slower disks (a tablespace) and their backup is made once.

## Disk of a machine

- **Indexes** are in every figure above: bytes of a row are those of `pg_total_relation_size`.
- **The log of changes (WAL)** is kept until a checkpoint, `max_wal_size` at most, and until
  replicas and the archive of backups have it.
- **Backups.** A base backup is as large as the tables and indexes before it is compressed;
  to go back to any moment, the log since it is kept too.
- **Room to work.** A quarter of the disk stays free, for a vacuum of large tables, for an
  upgrade and for the day on which everybody sends what was kept offline.

## After one machine

- **Read replicas** first: reports, statements and proofs read a snapshot and write nothing.
  On a replica `known_by` cannot see what is still being posted on the primary, so ask for
  moments a little while ago; auditors need the primary, for what they read is noted first.
- **Citus**, a distributed PostgreSQL: the tables of the ledger distributed by `book_id` and
  colocated, small tables as reference tables, transfers by its two-phase commit. The schema
  stays fit for that: `book_id` comes first in every key of the ledger, no foreign key crosses
  books, and the heads of books are locked one by one in the order of their numbers. What was
  turned over above a book is the part that crosses machines: each holds the deltas of its
  books, and the roll-up of a node is the sum over machines. It has not been measured here.
"""


class Item(NamedTuple):
    """Something that takes room: bytes of a row, and how many rows."""

    what: str
    row_bytes: float
    rows: float

    @property
    def total(self) -> float:
        """All its bytes."""
        return self.row_bytes * self.rows


def write(path: Path, results: Results) -> None:
    """Write the page, by the largest size whose bytes were measured, if any."""
    sizes = [members for members in sizes_of(results) if results.has(members, "bytes")]
    if sizes and results.plan is not None:
        page = _page(results, results.plan, max(sizes))
        path.write_text("\n".join(page) + "\n", encoding="utf-8")


def _page(results: Results, plan: Plan, members: int) -> Iterator[str]:
    yield INTRODUCTION
    yield (
        f"Bytes are those of books of {members:,} members over {plan.years} years with"
        f" {plan.sheets} sheets a year, before anything else was posted to them."
    )
    yield from ("", "## Bytes as measured", "")
    parts = (results.parts[members]["bytes"], *results.parts.get(0, {}).values())
    rows = [(row.work, f"{row.number} {row.unit}", row.note) for part in parts for row in part.rows]
    yield from markdown(("What", "Bytes", "Of"), rows)
    shape = Shape(cos_of(MEMBERS), YEARS, 1, SHEETS, plan.shape(members).last_month)
    yield from _reckoning(results, members, shape)
    yield from _load(results, members, shape)
    yield AFTER


def _reckoning(results: Results, members: int, shape: Shape) -> Iterator[str]:
    yield from ("", f"## {YEARS} years of {MEMBERS:,} members who meet every month", "")
    yield (
        f"{shape.cos:,} COs with {shape.vos:,} VOs and {shape.lsos:,} LSOs, {SHEETS} sheets a"
        " year each. Rows are those that the generator of demos counts on, bytes those measured"
        " above where there are some; the rest is the generator's estimate."
    )
    items = [*_books(results, members, shape), *_besides(results, members, shape)]
    total = sum(item.total for item in items)
    cells = [
        (one.what, f"{one.row_bytes:,.0f}", f"{one.rows:,.0f}", f"{one.total / GIB:,.1f}")
        for one in items
    ]
    yield ""
    yield from markdown(HEADINGS, [*cells, ("all", "", "", f"{total / GIB:,.0f}")])
    yield ""
    yield (
        f"That is {total / MEMBERS / YEARS:,.0f} bytes a member and year,"
        f" {total / YEARS / GIB:,.0f} GiB a year; with a quarter of the disk free, a disk of"
        f" {total / 0.75 / GIB / 1024:,.1f} TiB for ten years, and as much again wherever a backup"
        " is kept."
    )


def _books(results: Results, members: int, shape: Shape) -> Iterator[Item]:
    def row_bytes(table: str, otherwise: float) -> float:
        found = results.row(members, BYTES_OF.format(table))
        return otherwise if found is None else found.value

    rolled = float(estimate(shape).bytes)
    for table, model in MODEL.items():
        rows = shape.cos * (model.once + shape.years * (model.a_year + SHEETS * model.a_sheet))
        rolled -= rows * model.bytes
        name = f"{SCHEMA_OF.get(table, 'ledger')}.{table}" if table.isalpha() else table
        yield Item(name, row_bytes(name, model.bytes), rows)
    yield Item("ledger.rollup", row_bytes("ledger.rollup", ROLLUP_BYTES), rolled / ROLLUP_BYTES)


def _besides(results: Results, members: int, shape: Shape) -> Iterator[Item]:
    """Documents of sheets, and some weeks of the jobs' results."""
    sheets = shape.cos * SHEETS * YEARS
    for table, what in TABLES.items():
        found = results.row(0, f"bytes of a sheet of 31 lines: {what}")
        if found is not None and found.value:
            yield Item(f"a sheet of 31 lines: {what} (`{table}`)", found.value, sheets)
    night = results.row(members, NIGHT_BYTES)
    loans = results.row(members, "running loans")
    if night is not None and loans is not None and results.plan is not None:
        running = loans.value * _given(shape) / _given(results.plan.shape(members))
        what = f"{NIGHTS_KEPT} nights of the jobs' results, a running loan"
        yield Item(what, night.value, running * NIGHTS_KEPT)


def _given(shape: Shape) -> float:
    """How many loans are given in a year; as many more are running as are given more."""
    return shape.cos * (MODEL["loan"].a_year + shape.sheets * MODEL["loan"].a_sheet)


def _load(results: Results, members: int, shape: Shape) -> Iterator[str]:
    monthly = shape.cos * SHEETS / 12
    yield from ("", "## What that asks of a machine", "")
    evening = monthly / 2 / (5 * 4 * 3600)
    yield (
        f"{monthly:,.0f} sheets a month: if half of them came on five evenings of four hours,"
        f" {evening:,.1f} a second."
    )
    posting = results.row(members, "posting one sheet a transaction, 8 connections")
    if posting is not None:
        yield (
            f"One by one, on eight connections, {posting.value / 31:,.0f} a second were posted at"
            f" {members:,} members."
        )
    log = results.row(
        members, "log of changes (WAL) of a sheet, posting one sheet a transaction, 8 connections"
    )
    if log is not None:
        yield (
            f"A sheet leaves {log.value / 1024:,.0f} KiB of the log of changes:"
            f" {log.value * monthly / GIB:,.0f} GiB a month for the archive."
        )
    yield ""
