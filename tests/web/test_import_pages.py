"""The page of imports: all that is wrong at once, and only then what is loaded."""

from __future__ import annotations

import asyncio
import io
import zipfile
from typing import TYPE_CHECKING, Any, Final

import pytest

from service.books import make_engine
from tests.api.helpers import ONE_CO, good, make_app, one_officer
from tests.support.people import Post, appoint, signed_in
from tests.web.forms import fields_of, page_of

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

    import httpx

    Sent = list[tuple[str, tuple[str, bytes, str]]]

ADMINISTRATORS: Final = {"hina": [Post("administrator")], "iqra": [Post("administrator")]}
CONTENT: Final = {file.name: file.read_bytes() for file in sorted(ONE_CO.glob("*.csv"))}


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


def loose(**changed: bytes) -> Sent:
    """The ten files, some of them otherwise."""
    content = CONTENT | {f"{name}.csv": new for name, new in changed.items()}
    return [("files", (name, text, "text/csv")) for name, text in content.items()]


def packed(how: int = zipfile.ZIP_STORED) -> Sent:
    """The ten files in one archive."""
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", how) as archive:
        for name, text in CONTENT.items():
            archive.writestr(name, text)
    return [("files", ("one-co.zip", buffer.getvalue(), "application/zip"))]


async def send(client: httpx.AsyncClient, files: Sent, **more: str) -> httpx.Response:
    """The form of the page as a browser sends it, with files."""
    fields = dict(fields_of(await page_of(client, "/imports")))
    headers = {"X-CSRF-Token": "", "Accept-Language": "en"}
    data: dict[str, Any] = fields | more
    return await client.post("/imports", data=data, files=files, headers=headers)


async def test_all_problems_stand_in_one_table(
    both: tuple[httpx.AsyncClient, httpx.AsyncClient],
) -> None:
    """By file and row, what is wrong and what to do; there is nothing to load."""
    hina, _iqra = both
    spoilt = CONTENT["sheet_lines.csv"].replace(b"50.00", b"fifty")
    bare = CONTENT["members.csv"].replace(b"female", b"lady", 1)
    answer = await send(hina, loose(sheet_lines=spoilt, members=bare), do="check")
    assert answer.status_code == 200
    assert "Nothing is loaded." in answer.text
    for name in ("sheet_lines.csv", "members.csv", "amount", "gender"):
        assert f'<bdi dir="ltr" class="n">{name}</bdi>' in answer.text
    assert 'value="load"' not in answer.text
    assert good(await hina.get("/v1/organisations"))["items"] == []


async def test_files_are_checked_then_asked_for_then_loaded_by_another(
    both: tuple[httpx.AsyncClient, httpx.AsyncClient],
) -> None:
    """Ten files or one archive are the same; a second time nothing happens."""
    hina, iqra = both
    checked = await send(hina, packed(), do="check")
    assert "Nothing is wrong with these files" in checked.text
    digest = dict(fields_of(checked.text))["digest"]
    other = loose(holidays=CONTENT["holidays.csv"] + b"2026-12-25,Quaid\n")
    mixed = await send(hina, other, do="load", digest=digest)
    assert (mixed.status_code, "not the files that were checked" in mixed.text) == (422, True)
    asked = await send(hina, packed(), do="load", digest=digest)
    assert "It waits for another administrator" in asked.text
    assert good(await hina.get("/v1/organisations"))["items"] == []
    assert "Waiting for another administrator" in await page_of(iqra, "/imports")
    loaded = await send(iqra, loose(), do="load")
    assert "It is loaded" in loaded.text
    assert "hina, iqra" in loaded.text
    assert len(good(await hina.get("/v1/organisations"))["items"]) == 5
    assert "These files were loaded before" in (await send(hina, packed(), do="load")).text


@pytest.mark.parametrize(
    ("files", "status", "said"),
    [
        ([], 422, "nothing is chosen"),
        ([("files", ("b.zip", b"PK no archive", "application/zip"))], 200, "no ZIP file"),
        ([("files", ("photo.jpg", b"x", "image/jpeg"))], 200, "none of the ten files"),
        ([("files", ("../../etc/passwd", b"x", "text/csv"))], 200, "none of the ten files"),
        ([("files", ("loans.csv", b"", "text/csv"))], 200, "there is no such file"),
    ],
)
async def test_what_is_no_bundle_says_what_to_do(
    both: tuple[httpx.AsyncClient, httpx.AsyncClient], files: Sent, status: int, said: str
) -> None:
    """Nothing chosen, another file, one of ten: each in words, on the same page."""
    answer = await send(both[0], files, do="check")
    assert (answer.status_code, said in answer.text.lower() or said in answer.text) == (
        status,
        True,
    )
    assert 'name="files"' in answer.text


@pytest.mark.parametrize(
    ("name", "status", "said"),
    [
        ("a\0b.zip", 200, "Nothing is wrong with these files"),
        ("x" * 400 + ".zip", 200, "Nothing is wrong with these files"),
        ("\N{CJK UNIFIED IDEOGRAPH-4E00}" * 120 + ".zip", 200, "Nothing is wrong with these files"),
        ("../../.zip", 200, "Nothing is wrong with these files"),
        ("x" * 400 + ".csv", 200, "none of the ten files"),
        ("members\0.csv", 200, "none of the ten files"),
    ],
)
async def test_a_file_may_be_called_what_it_likes(
    both: tuple[httpx.AsyncClient, httpx.AsyncClient], name: str, status: int, said: str
) -> None:
    """A name that no folder can have is no name; what is in the file counts."""
    ((_field, (_name, content, _type)),) = packed()
    answer = await send(both[0], [("files", (name, content, "application/zip"))], do="check")
    assert (answer.status_code, said in answer.text) == (status, True)
    assert "\0" not in answer.text
    assert "x" * 100 not in answer.text


async def test_a_file_sent_twice_is_refused(
    both: tuple[httpx.AsyncClient, httpx.AsyncClient],
) -> None:
    """Nobody knows which of the two is meant."""
    answer = await send(both[0], [*loose(), *loose()[:1]], do="check")
    assert "it was sent twice" in answer.text


async def test_a_damaged_archive_is_refused(
    both: tuple[httpx.AsyncClient, httpx.AsyncClient],
) -> None:
    """Wherever its bytes are wrong."""
    ((_field, (_name, content, _type)),) = packed(zipfile.ZIP_DEFLATED)
    for at in range(30, len(content), len(content) // 40):
        spoilt = content[:at] + bytes(byte ^ 0x5A for byte in content[at : at + 12])
        files = [("files", ("b.zip", spoilt + content[at + 12 :], "application/zip"))]
        assert (await send(both[0], files, do="check")).status_code == 200, at


@pytest.mark.parametrize("who", ["nobody", "stranger"])
async def test_nothing_is_read_of_who_may_not_load(
    both: tuple[httpx.AsyncClient, httpx.AsyncClient], database_url: str, who: str
) -> None:
    """The answer comes before the files."""
    await asyncio.to_thread(appoint, database_url, {"stranger": [Post("field_officer")]})
    read = 0

    async def endless() -> AsyncIterator[bytes]:
        nonlocal read
        yield b"--x\r\nContent-Disposition: form-data; name=files; filename=a.zip\r\n\r\n"
        for _chunk in range(50):
            read += 1
            yield b"x" * 2**20

    headers = {"Content-Type": "multipart/form-data; boundary=x", "Accept-Language": "en"}
    headers |= signed_in("stranger") if who == "stranger" else {"Cookie": "", "X-CSRF-Token": ""}
    for at in ("/imports", "/v1/imports"):
        answer = await both[0].post(at, content=endless(), headers=headers)
        assert answer.status_code in {401, 403}
    assert read == 0


async def test_files_that_are_too_large_are_refused(
    both: tuple[httpx.AsyncClient, httpx.AsyncClient],
) -> None:
    """As the API refuses them: with a page that says so, before anything is read."""
    headers = {"Content-Length": str(65 * 2**20), "Accept": "text/html", "Accept-Language": "en"}
    answer = await both[0].post("/imports", content=b"", headers=headers)
    assert answer.status_code == 413
    assert "too large" in answer.text


async def test_a_form_without_its_token_loads_nothing(
    both: tuple[httpx.AsyncClient, httpx.AsyncClient],
) -> None:
    """Whatever it brings."""
    answer = await send(both[0], packed(), do="load", csrf="guessed")
    assert answer.status_code in {403, 404}
    assert good(await both[0].get("/v1/requests"))["items"] == []
