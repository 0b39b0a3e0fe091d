"""Auditor packs: what is in them, by which moment, and that they are always the same."""

from __future__ import annotations

import io
import json
import tracemalloc
import zipfile
from dataclasses import replace
from datetime import date, timedelta
from typing import TYPE_CHECKING, Any, Final

import pytest

from ledger.refusals import MomentUnsettled
from service.packs import pack, scope
from service.packs.archive import listed
from service.packs.scope import PackAsked
from service.refusals import Malformed, NotFound
from service.statements.registry import STATEMENTS
from tests.service.packs.conftest import FIRST, KNOWN_BY, LAST, Packed, whole
from tests.support.importing import NOW

if TYPE_CHECKING:
    from collections.abc import Sequence

    from service.books import Books
    from service.packs.archive import Filed

MOST_BYTES: Final = 12_000_000
"""Memory while a pack is made; the LSO's files come to more than twice as much."""
ALONE: Final = PackAsked(FIRST, LAST, KNOWN_BY)


def _manifest(packed: Packed) -> dict[str, Any]:
    found: dict[str, Any] = json.loads((packed.folder / "manifest.json").read_text())
    return found


def test_a_pack_of_a_book_has_every_statement_of_it(packs: dict[str, Packed]) -> None:
    """Twice, for programs and for a spreadsheet; but that of one account."""
    names = zipfile.ZipFile(packs["CO-01"].file).namelist()
    statements = [name for name in STATEMENTS if name != "account-statement"]
    files = [f"books/CO-01/{name}.{end}" for name in statements for end in ("csv", "xlsx")]
    more = ["loans.csv", "loans.xlsx", "passbooks.csv", "chain.ndjson"]
    files += [f"books/CO-01/{name}" for name in more]
    ends = ["books.journal", "journal.csv", "manifest.json"]
    assert names == ["README.txt", "verify.py", *files, *ends]


def test_a_pack_of_a_node_has_all_books_and_what_they_come_to(packs: dict[str, Packed]) -> None:
    """Those under it on the last day."""
    names = zipfile.ZipFile(packs["LSO-01"].file).namelist()
    consolidated = [name for name, statement in STATEMENTS.items() if statement.node_columns]
    reports = ("rollup", "par", "portfolio", "mobilisation")
    for name in (*(f"consolidated/{c}" for c in consolidated), *(f"reports/{r}" for r in reports)):
        assert {f"{name}.csv", f"{name}.xlsx"} <= set(names)
    manifest = _manifest(packs["LSO-01"])
    books = [book["organisation"] for book in manifest["books"]]
    assert books == sorted(books)
    assert len(books) == 10
    assert {name.split("/")[1] for name in names if name.startswith("books/")} == set(books)


def test_the_manifest_says_what_the_pack_is(packs: dict[str, Packed]) -> None:
    """Of whom, when, by which moment, made by whom, and every file in it."""
    manifest = _manifest(packs["LSO-01"])
    assert manifest["organisation"] == {
        "code": "LSO-01",
        "name": "LSO Umeed",
        "name_ur": "ایل ایس او امید",
        "kind": "LSO",
    }
    assert (manifest["first_on"], manifest["last_on"]) == ("2025-07-01", "2026-03-31")
    assert manifest["known_by"] == KNOWN_BY.isoformat()
    assert manifest["made_at"] == "2026-07-31T14:00:00+05:00"
    assert manifest["made_by"] == {"code": "auditor", "name": None}
    with zipfile.ZipFile(packs["LSO-01"].file) as archive:
        infos = {info.filename: info for info in archive.infolist()}
    assert {f["name"]: f["bytes"] for f in manifest["files"]} == {
        name: info.file_size for name, info in infos.items() if name != "manifest.json"
    }
    assert {info.date_time for info in infos.values()} == {(1980, 1, 1, 0, 0, 0)}
    rows = {f["name"]: f["rows"] for f in manifest["files"]}
    assert rows["journal.csv"] == manifest["totals"]["lines"] > 1000
    assert rows["README.txt"] is None


async def test_a_pack_is_the_same_whenever_it_is_made(pilot: Books) -> None:
    """But for when it was made, which stands in the manifest and above the sheets."""
    first = await whole(pilot, "CO-01", ALONE)
    assert await whole(pilot, "CO-01", ALONE) == first
    later = replace(pilot, now=NOW + timedelta(days=1))
    with (
        zipfile.ZipFile(io.BytesIO(first)) as one,
        zipfile.ZipFile(io.BytesIO(await whole(later, "CO-01", ALONE))) as other,
    ):
        changed = {name for name in one.namelist() if one.read(name) != other.read(name)}
    assert {name for name in changed if not name.endswith(".xlsx")} == {"manifest.json"}


async def test_all_of_a_pack_is_as_known_by_its_moment(
    pilot: Books, packs: dict[str, Packed]
) -> None:
    """The chain ends at the head of that moment; without one it is the newest that is settled."""
    (book,) = _manifest(packs["CO-01"])["books"]
    newest = await scope.prepared(pilot, "CO-01", ALONE._replace(known_by=None))
    assert newest.known_by > KNOWN_BY
    assert newest.packed[0].head.last_no > book["last_no"]
    links = (packs["CO-01"].folder / "books/CO-01/chain.ndjson").read_text().splitlines()
    last = json.loads(links[-1])
    assert (last["no"], last["hash"]) == (book["last_no"], book["head_hash"])


async def test_days_that_are_not_said_are_those_of_a_statement(pilot: Books) -> None:
    """Today, and the fiscal year until then."""
    of = await scope.prepared(pilot, "CO-01", PackAsked())
    assert (of.first_on, of.last_on) == (date(2026, 7, 1), date(2026, 7, 31))
    assert of.name == "CO-01_2026-07-01_2026-07-31.zip"


async def test_a_cover_lies_in_it(pilot: Books) -> None:
    """Made last, of all that lies beneath; the manifest has the digest of that."""
    beneath: list[str] = []
    digests: list[str] = []

    async def cover(filed: Sequence[Filed]) -> bytes:
        beneath.extend(file.name for file in filed)
        digests.append(listed(filed))
        return b"%PDF-1.7 a cover"

    content = await whole(pilot, "CO-01", ALONE, cover=cover)
    with zipfile.ZipFile(io.BytesIO(content)) as archive:
        assert archive.read("cover.pdf") == b"%PDF-1.7 a cover"
        manifest = json.loads(archive.read("manifest.json"))
    assert [file["name"] for file in manifest["files"]] == sorted([*beneath, "cover.pdf"])
    assert digests == [manifest["digest"]]


async def test_a_pack_may_have_no_cover(pilot: Books) -> None:
    """Where none can be made it comes all the same."""

    async def none(_filed: Sequence[Filed]) -> None:
        return None

    content = await whole(pilot, "CO-01", ALONE, cover=none)
    with zipfile.ZipFile(io.BytesIO(content)) as archive:
        assert "cover.pdf" not in archive.namelist()


async def test_a_book_without_entries_has_a_pack(pilot: Books) -> None:
    """Of a time when nothing was known yet: its head is the genesis."""
    early = KNOWN_BY.replace(year=2020)
    content = await whole(pilot, "CO-01", PackAsked(FIRST, LAST, early))
    with zipfile.ZipFile(io.BytesIO(content)) as archive:
        manifest = json.loads(archive.read("manifest.json"))
        assert archive.read("books/CO-01/chain.ndjson") == b""
    assert manifest["books"][0]["last_no"] == 0


async def test_what_cannot_be_packed_is_refused(pilot: Books) -> None:
    """Before a byte of it is sent."""
    with pytest.raises(NotFound, match="CO-99"):
        await scope.prepared(pilot, "CO-99", ALONE)
    with pytest.raises(Malformed, match="lies before"):
        await scope.prepared(pilot, "CO-01", PackAsked(LAST, FIRST))
    with pytest.raises(Malformed, match="offset"):
        await scope.prepared(pilot, "CO-01", ALONE._replace(known_by=KNOWN_BY.replace(tzinfo=None)))
    with pytest.raises(MomentUnsettled):
        await scope.prepared(pilot, "CO-01", ALONE._replace(known_by=KNOWN_BY.replace(year=2200)))


async def test_a_pack_passes_through_little_memory(pilot: Books) -> None:
    """However much is in it."""
    of = await scope.prepared(pilot, "LSO-01", ALONE._replace(consolidated=True))
    size = 0
    tracemalloc.start()
    try:
        async for chunk in pack.archive(of):
            size += len(chunk)
        _, peak = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    assert peak < MOST_BYTES, f"{peak} bytes of memory for a pack of {size}"
