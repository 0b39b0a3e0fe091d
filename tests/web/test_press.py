"""The press: a paper costs a child process, which may use so much and is gone afterwards."""

from __future__ import annotations

import asyncio
from io import BytesIO
from typing import TYPE_CHECKING, Any, Final

import psutil
import pytest
from pypdf import PdfReader

from api.papers.press import Press
from api.refusals import PapersUnavailable, PaperTooLong, TooBusy
from service.settings import Settings

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

LIBRARIES: Final = Settings().paper_libraries
LINE: Final = "<p>امانت Amanat 1,23,456.00</p>"
ENDLESS: Final = "<table>" + "<tr>" + "<td>x</td>" * 40 + "</tr>" * 20_000


def press(**more: Any) -> Press:  # noqa: ANN401 - the fields of a press
    """A press with the libraries of the tests."""
    return Press(LIBRARIES, **more)


def children() -> list[psutil.Process]:
    """The children that make papers just now."""
    mine = psutil.Process().children()
    return [one for one in mine if any("child.py" in part for part in _command(one))]


def _command(process: psutil.Process) -> list[str]:
    try:
        return process.cmdline()
    except psutil.NoSuchProcess:
        return []


async def until(holds: Callable[[], bool]) -> None:
    """Wait for a state."""
    async with asyncio.timeout(60):
        while not holds():  # noqa: ASYNC110 - of other processes, which set no event
            await asyncio.sleep(0.02)


async def test_a_paper_has_fonts_of_its_own_for_both_scripts() -> None:
    """Whatever fonts the machine has: each script from one, and all of it can be read back."""
    read = PdfReader(BytesIO(await press().pdf(f'<body style="font: 9pt Amanat Sans">{LINE}')))
    resources: Any = read.pages[0]["/Resources"]
    fonts = {str(font.get_object()["/BaseFont"])[8:] for font in resources["/Font"].values()}
    assert fonts == {"Amanat-Sans", "Amanat-Naskh"}
    assert "1,23,456.00" in read.pages[0].extract_text()
    assert not children()


async def test_a_paper_of_too_many_pages_is_refused() -> None:
    """With what to do instead."""
    three = '<p style="break-after: page">1' * 3
    with pytest.raises(PaperTooLong, match=r"at most 2 pages.*XLSX or CSV"):
        await press(most_pages=2).pdf(three)
    assert await press(most_pages=4).pdf(three)


@pytest.mark.parametrize("limit", [{"memory_mb": 220}, {"seconds": 5}, {"memory_mb": 60}])
async def test_a_paper_that_takes_too_much_is_refused(limit: dict[str, int]) -> None:
    """Memory and time; the child ends itself, or is ended, and the service goes on."""
    with pytest.raises(PaperTooLong):
        await press(**limit).pdf(ENDLESS)
    assert not children()


async def test_nothing_that_a_paper_names_is_fetched(tmp_path: Path) -> None:
    """Neither files nor addresses: what it names is left out, and the rest is there."""
    secret = tmp_path / "secret.svg"
    secret.write_text('<svg xmlns="http://www.w3.org/2000/svg"><text y="20">secret</text></svg>')
    asked: list[bytes] = []

    async def note(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        asked.append(await reader.readline())
        writer.close()

    server = await asyncio.start_server(note, "127.0.0.1", 0)
    async with server:
        house = f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}"
        made = await press().pdf(
            f'<link rel="stylesheet" href="{house}/a.css"><img src="{house}/b.png" alt="gone">'
            f'<img src="{secret.as_uri()}" alt="gone"><img src="file:///etc/passwd" alt="gone">'
            f'<style>@import "{house}/c.css"; @font-face {{ font-family: x; src: url({house}/d) }}'
            f"p {{ background: url({house}/e.png) }}</style>"
            f'<link rel="attachment" href="file:///etc/passwd"><p>here'
        )
    read = PdfReader(BytesIO(made))
    assert "here" in read.pages[0].extract_text()
    assert "secret" not in read.pages[0].extract_text()
    assert not asked
    assert not read.attachments
    assert b"root:" not in made


async def test_whoever_goes_takes_the_child_along() -> None:
    """Cancelled in the midst, it is gone at once, and its place is free."""
    one = press(_places=asyncio.Semaphore(1))
    asking = asyncio.ensure_future(one.pdf(ENDLESS))
    await until(lambda: bool(children()))
    asking.cancel()
    with pytest.raises(asyncio.CancelledError):
        await asking
    assert not children()
    assert await one.pdf(LINE)


async def test_papers_wait_for_one_another_but_not_too_many() -> None:
    """A place each; who finds too many waiting is told so."""
    one = press(_places=asyncio.Semaphore(1), most_waiting=1)
    first = asyncio.ensure_future(one.pdf(ENDLESS))
    await until(lambda: bool(children()))
    second = asyncio.ensure_future(one.pdf(LINE))
    await asyncio.sleep(0)
    with pytest.raises(TooBusy):
        await one.pdf(LINE)
    assert len(children()) == 1
    first.cancel()
    assert (await second).startswith(b"%PDF")


async def test_without_the_libraries_a_paper_is_refused_in_words(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    """The service runs on; whoever runs it is told what to install."""
    (tmp_path / "libpango-1.0.so.0").write_bytes(b"no library")
    monkeypatch.setattr(Press, "_environment", _with_broken(tmp_path))
    with pytest.raises(PapersUnavailable, match=r"installs libpango-1\.0-0"):
        await press().pdf(LINE)


def _with_broken(folder: Path) -> Callable[[Press], dict[str, str]]:
    usual = Press._environment
    return lambda one: usual(one) | {"LD_LIBRARY_PATH": str(folder)}


async def test_a_child_knows_nothing_of_the_service(monkeypatch: pytest.MonkeyPatch) -> None:
    """What proves the service to its database is not handed on."""
    monkeypatch.setenv("AMANAT_DATABASE_URL", "postgresql://secret")
    one = press()
    asking = asyncio.ensure_future(one.pdf(ENDLESS))
    await until(lambda: bool(children()))
    assert not any("AMANAT" in name or "PG" in name for name in children()[0].environ())
    asking.cancel()
    await asyncio.gather(asking, return_exceptions=True)
