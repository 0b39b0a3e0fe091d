"""Auditor packs over HTTP: for whoever may read all of it, and noted where an auditor takes one."""

from __future__ import annotations

import io
import json
import sys
import zipfile
from typing import TYPE_CHECKING, Any, Final

import pytest

from tests.api.helpers import good, refused, serve
from tests.support import programs
from tests.support.people import Post, appoint

if TYPE_CHECKING:
    from pathlib import Path

    import httpx

PACK: Final = "/v1/organisations/VO-01/pack"
PERIOD: Final = {"first_on": "2026-04-01", "last_on": "2026-06-30"}
BELOW: Final = PERIOD | {"consolidated": "true"}


def _manifest(response: httpx.Response) -> dict[str, Any]:
    assert response.status_code == 200, response.text
    with zipfile.ZipFile(io.BytesIO(response.content)) as archive:
        found: dict[str, Any] = json.loads(archive.read("manifest.json"))
    return found


async def test_a_pack_is_taken_home_and_agrees(client: httpx.AsyncClient, tmp_path: Path) -> None:
    """A file with a name, which proves itself."""
    response = await client.get(PACK, params=BELOW)
    assert response.headers["content-type"] == "application/zip"
    saved = 'attachment; filename="VO-01_2026-04-01_2026-06-30.zip"'
    assert response.headers["content-disposition"] == saved
    manifest = _manifest(response)
    assert [book["organisation"] for book in manifest["books"]] == ["CO-01", "VO-01"]
    assert manifest["made_by"]["code"] == "shazia"
    zipfile.ZipFile(io.BytesIO(response.content)).extractall(tmp_path)
    assert programs.asked(sys.executable, tmp_path / "verify.py").endswith("Everything agrees.\n")


async def test_a_pack_of_a_book_is_of_it_alone(client: httpx.AsyncClient) -> None:
    """Unless all below is asked for."""
    manifest = _manifest(await client.get(PACK, params=PERIOD))
    assert [book["organisation"] for book in manifest["books"]] == ["VO-01"]
    assert not manifest["consolidated"]


@pytest.mark.parametrize(
    ("asked", "status", "code"),
    [
        ({"first_on": "2026-07-01", "last_on": "2026-06-30"}, 422, "malformed"),
        ({"known_by": "2026-06-30T23:59:59"}, 422, "malformed"),
        ({"known_by": "2199-01-01T00:00:00Z"}, 422, "moment_unsettled"),
        ({"fund": "own"}, 422, "malformed"),
    ],
)
async def test_what_cannot_be_asked_is_refused(
    client: httpx.AsyncClient, asked: dict[str, str], status: int, code: str
) -> None:
    """Before a byte is sent."""
    refused(await client.get(PACK, params=asked), status, code)


async def test_more_books_than_an_answer_takes_are_refused(
    client: httpx.AsyncClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    """With what to ask for instead, rather than a file that is cut off."""
    monkeypatch.setattr("api.v1.packs.MOST_BOOKS", 1)
    found = refused(await client.get(PACK, params=BELOW), 422, "malformed")
    assert "VO-01 has 2 books" in found["detail"]
    assert _manifest(await client.get(PACK, params=PERIOD))["totals"]["books"] == 1


@pytest.fixture
def audited_url(one_co_url: str) -> str:
    """The books of one CO, with an auditor of its VO."""
    appoint(one_co_url, {"audi": (Post("auditor", "VO-01"),)})
    return one_co_url


async def test_an_auditor_s_taking_is_in_the_trail(audited_url: str) -> None:
    """As every reading of an auditor is, with what was asked; once, not file by file."""
    async with serve(audited_url, "audi") as client:
        assert _manifest(await client.get(PACK, params=BELOW))["made_by"]["code"] == "audi"
        links = good(await client.get("/v1/people/audi/audit-trail"))["items"]
    read = [change["read"] for link in links for change in link["changes"] if change["read"]]
    assert read[:-1] == [f"{PACK}?first_on=2026-04-01&last_on=2026-06-30&consolidated=true"]
