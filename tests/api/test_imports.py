"""Bundles over HTTP: one ZIP file in, whole books or every problem out."""

from __future__ import annotations

import asyncio
import io
import zipfile
from typing import TYPE_CHECKING, Any, Final

import pytest

from service.books import make_engine
from tests.api.helpers import AGREED, ONE_CO, good, make_app, one_officer, refused, serve
from tests.support.people import Post, appoint

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Callable

    import httpx


ADMINISTRATORS: Final = {"hina": [Post("administrator")], "iqra": [Post("administrator")]}


@pytest.fixture
async def both(database_url: str) -> AsyncIterator[tuple[httpx.AsyncClient, httpx.AsyncClient]]:
    """Two administrators of a house without books."""
    await asyncio.to_thread(appoint, database_url, ADMINISTRATORS)
    engine = make_engine(database_url, connections=2)
    app = make_app(engine)
    try:
        async with one_officer(app, "hina") as hina, one_officer(app, "iqra") as iqra:
            yield hina, iqra
    finally:
        await engine.dispose()


@pytest.fixture
def empty(both: tuple[httpx.AsyncClient, httpx.AsyncClient]) -> httpx.AsyncClient:
    """One of them."""
    return both[0]


def packed(
    inside: str = "one-co/", change: Callable[[str, bytes], bytes] = lambda _, content: content
) -> dict[str, Any]:
    """The bundle of one CO as a form with a ZIP file."""
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as archive:
        for file in sorted(ONE_CO.glob("*.csv")):
            archive.writestr(inside + file.name, change(file.name, file.read_bytes()))
    return {"bundle": ("one-co.zip", buffer.getvalue(), "application/zip")}


async def test_a_bundle_is_loaded_once_by_two(
    both: tuple[httpx.AsyncClient, httpx.AsyncClient],
) -> None:
    """Checked, which keeps nothing; sent by one; sent by another, and loaded; then known."""
    hina, iqra = both
    checked = good(await hina.post("/v1/imports", params={"check": True}, files=packed()))
    assert (checked["checked_only"], checked["again"]) == (True, False)
    asked = good(await hina.post("/v1/imports", files=packed()), 202)
    assert asked["difference"]["after"]["entries"] == checked["entries"] > 0
    assert good(await hina.post("/v1/imports", files=packed()), 202) == asked
    assert good(await hina.get("/v1/imports"))["items"] == []
    approve = await iqra.post(f"/v1/requests/{asked['code']}/approve", json=AGREED)
    refused(approve, 422, "malformed")
    loaded = good(await iqra.post("/v1/imports", files=packed("")), 201)
    assert loaded["entries"] == checked["entries"]
    again = good(await hina.post("/v1/imports", files=packed()))
    assert (again["entries"], again["again"]) == (0, True)
    (kept,) = good(await hina.get("/v1/imports"))["items"]
    assert (kept["name"], kept["imported_by"]) == ("one-co", "hina, iqra")
    assert good(await iqra.get(f"/v1/requests/{asked['code']}"))["state"] == "approved"
    assert good(await hina.get("/v1/organisations/CO-01"))["kind"] == "CO"


async def test_a_bundle_that_was_rejected_is_not_loaded(
    both: tuple[httpx.AsyncClient, httpx.AsyncClient],
) -> None:
    """However often it is sent."""
    hina, iqra = both
    asked = good(await hina.post("/v1/imports", files=packed()), 202)
    good(await iqra.post(f"/v1/requests/{asked['code']}/reject", json=AGREED))
    for client in both:
        refused(await client.post("/v1/imports", files=packed()), 409, "request_decided")


async def test_every_problem_is_told_by_file_line_and_column(empty: httpx.AsyncClient) -> None:
    """And nothing is loaded."""

    def spoil(name: str, content: bytes) -> bytes:
        return content.replace(b"50.00", b"fifty") if name == "sheet_lines.csv" else content

    found = refused(
        await empty.post("/v1/imports", files=packed(change=spoil)), 422, "bundle_refused"
    )
    first = found["errors"][0]
    assert first["where"] == "sheet_lines.csv"
    assert first["pointer"].endswith("/amount")
    assert good(await empty.get("/v1/organisations"))["items"] == []


@pytest.mark.parametrize(
    "content", [b"", b"PK\x03\x04 no archive", b"x" * 1000], ids=["empty", "cut off", "other"]
)
async def test_what_is_no_archive_is_refused(empty: httpx.AsyncClient, content: bytes) -> None:
    """With a sentence."""
    files = {"bundle": ("b.zip", content, "application/zip")}
    refused(await empty.post("/v1/imports", files=files), 422, "bundle_refused")


async def test_an_archive_cannot_write_outside_its_folder(empty: httpx.AsyncClient) -> None:
    """Names are cut to their last part, so this is the bundle itself."""
    good(await empty.post("/v1/imports", files=packed("../../../../tmp/")), 202)


async def test_a_bomb_is_refused(empty: httpx.AsyncClient, monkeypatch: pytest.MonkeyPatch) -> None:
    """Bytes are counted as they come out."""
    monkeypatch.setattr("service.imports.archive.MOST_BYTES", 1000)
    refused(await empty.post("/v1/imports", files=packed()), 422, "bundle_refused")


async def test_only_administrators_of_the_house_import(one_co_url: str) -> None:
    """Neither those of one organisation nor officers."""
    await asyncio.to_thread(appoint, one_co_url, {"iqra": [Post("administrator", "LSO-01")]})
    async with serve(one_co_url, "iqra") as client:
        refused(await client.post("/v1/imports", files=packed()), 403, "forbidden")
        refused(await client.get("/v1/imports"), 403, "forbidden")
