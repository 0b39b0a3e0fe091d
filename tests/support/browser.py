"""Chromium for tests: where it is, how it starts, the screens that people look at.

The browser is Debian's, as `.ci/chromium` finds or fetches it. A test that cannot have one
fails and says so: a page that nobody looked at is no page that was tested.
"""

from __future__ import annotations

import os
import shutil
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

import psutil
from playwright.async_api import async_playwright

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

    from playwright.async_api import Browser, BrowserContext, Page, Playwright

PROGRAM_VARIABLE: Final = "AMANAT_TEST_CHROMIUM"
SHOTS_VARIABLE: Final = "AMANAT_SHOTS"
FLAGS: Final = (
    "--headless=new",
    "--no-sandbox",  # it opens nothing but our own pages, and root may not have a sandbox
    "--disable-gpu",
    "--disable-quic",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--no-first-run",
    "--no-default-browser-check",
    "--force-color-profile=srgb",
)
PATIENCE_MS: Final = 30_000
"""How long a page may take until it is as expected: a busy machine is slow, not wrong."""
_PLAIN: Final = 100
_NASKH: Final = "NotoNaskhArabic-*"
_MACHINES_FONTS: Final = Path("/usr/share/fonts/truetype/noto")


@dataclass(frozen=True, slots=True)
class View:
    """A screen: its size in CSS pixels, and whether it is touched."""

    width: int
    height: int
    touched: bool = True
    text: int = 100
    """How large the user has letters, in per cent."""

    def __str__(self) -> str:
        """As people name it."""
        large = f", text at {self.text} %" if self.text != _PLAIN else ""
        return f"{self.width}×{self.height}{large}"  # noqa: RUF001 - as sizes are written


SMALL_PHONE: Final = View(320, 640)
PHONE: Final = View(360, 740)
LYING_PHONE: Final = View(740, 360)
DESK: Final = View(1280, 800, touched=False)
LARGE_PRINT: Final = View(320, 640, text=200)
"""Whoever sees little, on the smallest phone: WCAG 1.4.4."""
MAGNIFIED: Final = View(320, 256)
"""A desk's screen at 400 %: WCAG 1.4.10."""
VIEWS: Final = (SMALL_PHONE, PHONE, LYING_PHONE, DESK)
LOCALES: Final = {"en": "en-GB", "ur": "ur-PK"}
"""What a browser whose user reads a language asks for."""


def program() -> Path:
    """The Chromium to start: the one named, the machine's, or the one in the user's cache."""
    if named := os.environ.get(PROGRAM_VARIABLE):
        return Path(named)
    found = shutil.which("chromium")
    if found and any(_MACHINES_FONTS.glob(_NASKH)):
        return Path(found)
    cache = Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache")
    fetched = cache / "amanat" / "chromium" / "start"
    if fetched.is_file():
        return fetched
    raise FileNotFoundError(
        "There is no Chromium with fonts for Urdu. Run: bash .ci/chromium (`make test` does)"
    )


@asynccontextmanager
async def launched() -> AsyncIterator[Browser]:
    """A Chromium with a profile of its own; closed at the end of the block."""
    async with async_playwright() as playwright:
        found = await playwright.chromium.launch(executable_path=program(), args=FLAGS)
        try:
            yield found
        finally:
            await found.close()


@asynccontextmanager
async def looking(
    browser: Browser, view: View, *, language: str = "en", address: str | None = None
) -> AsyncIterator[BrowserContext]:
    """A browser that was never here, with a screen, whose user reads a language."""
    context = await browser.new_context(**_how(view, language, address))
    try:
        yield context
    finally:
        await context.close()


def _how(view: View, language: str, address: str | None) -> dict[str, Any]:
    return {
        "viewport": {"width": view.width, "height": view.height},
        "has_touch": view.touched,
        "is_mobile": view.touched,
        "locale": LOCALES[language],
        "timezone_id": "Asia/Karachi",
        "base_url": address,
        "reduced_motion": "reduce",
    }


class Pocket:
    """A phone that keeps its profile: what it stored is still there after it was killed."""

    def __init__(
        self,
        playwright: Playwright,
        profile: Path,
        *,
        language: str = "en",
        address: str | None = None,
        view: View = PHONE,
    ) -> None:
        self._playwright = playwright
        self._profile = profile
        self._how = _how(view, language, address)
        self._context: BrowserContext | None = None

    async def start(self) -> BrowserContext:
        """Start the browser, or start it again with all that it stored."""
        chromium = self._playwright.chromium
        self._context = await chromium.launch_persistent_context(
            self._profile, executable_path=program(), args=FLAGS, **self._how
        )
        return self._context

    async def kill(self) -> None:
        """End it as an empty battery would: at once, with nothing said to any page."""
        assert self._context is not None
        gone = self._context.wait_for_event("close")
        for process in self._processes():
            process.kill()
        await gone
        self._context = None
        for left in ("SingletonLock", "SingletonSocket", "SingletonCookie"):
            (self._profile / left).unlink(missing_ok=True)

    async def close(self) -> None:
        """Close it well, if it runs."""
        if self._context is not None:
            await self._context.close()
            self._context = None

    def _processes(self) -> list[psutil.Process]:
        """The browser's own process: the others end with it."""
        mark = f"--user-data-dir={self._profile}"
        found = ((one, one.info["cmdline"] or ()) for one in psutil.process_iter(["cmdline"]))
        return [
            one
            for one, words in found
            if mark in words and not any(word.startswith("--type=") for word in words)
        ]


@asynccontextmanager
async def pocketed(profile: Path, **how: Any) -> AsyncIterator[Pocket]:  # noqa: ANN401 - as `Pocket`
    """A phone to start, kill and start again; closed at the end of the block."""
    async with async_playwright() as playwright:
        found = Pocket(playwright, profile, **how)
        try:
            yield found
        finally:
            await found.close()


async def shot(page: Page, name: str, *, whole: bool = False) -> None:
    """A picture of the page in the folder that AMANAT_SHOTS names; nothing where it is not set."""
    if folder := os.environ.get(SHOTS_VARIABLE):
        await page.screenshot(path=Path(folder) / f"{name}.png", full_page=whole)
