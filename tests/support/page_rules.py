"""What every page keeps to, as rules that tests run in the browser.

A rule is a file in `rules/`, named for its sentence: a function that looks at the page as it
stands and returns what is wrong with it. `faults` asks all of them and axe; `checked` also
watches a page load. Each sentence names the element, so that a failing test says what to mend.
"""

from __future__ import annotations

import asyncio
import os
from dataclasses import dataclass, field
from functools import cache
from http import HTTPStatus
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final
from urllib.parse import urlsplit

from axe_playwright_python.base import AXE_SCRIPT

from tests.support.browser import DESK, PHONE, VIEWS, looking

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable, Sequence

    from playwright.async_api import Browser, BrowserContext, Page, Request

    from tests.support.browser import View

AXE_EVERYWHERE: Final = os.environ.get("AMANAT_TEST_AXE") == "everywhere"
"""Whether axe looks at every page on every screen in every language, as the long run has it."""
RULES: Final = Path(__file__).parent / "rules"
LEAST_TOUCHED_PX: Final = 44
LEAST_AT_A_DESK_PX: Final = 24
BOTH: Final = ("en", "ur")
_AXE: Final = {
    "resultTypes": ["violations"],
    "runOnly": [
        *("wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22a", "wcag22aa"),
        "best-practice",
    ],
    "rules": {"target-size": {"enabled": True}},
}
_ENLARGED: Final = """(percent) => {
    const sheet = new CSSStyleSheet();
    sheet.replaceSync(`html { font-size: ${percent}% }`);
    document.adoptedStyleSheets = [sheet];
}"""
_DRESSED: Final = """() => {
    const sheets = document.querySelectorAll("form[data-mode]");
    return [...sheets].every((form) => "ready" in form.dataset);
}"""
_ALREADY_TOLD: Final = "Failed to load resource"
"""Of the console, which leaves out which resource; and it says so of a refusal's own page."""


@dataclass(slots=True)
class Watch:
    """What went wrong while a page loaded, and where else it asked."""

    page: Page
    host: str
    found: list[str] = field(default_factory=list)

    def __post_init__(self) -> None:
        """Watch from now on."""
        page = self.page
        page.on("request", lambda request: self._asked(request.url))
        page.on("response", lambda answer: self._answered(answer.status, answer.request))
        page.on("requestfailed", lambda lost: self.found.append(f"{lost.failure}: {lost.url}"))
        page.on("console", lambda said: self._said(said.type, said.text))
        page.on("pageerror", lambda error: self.found.append(f"a script broke off: {error}"))

    def told(self) -> list[str]:
        """What went wrong since it was asked last."""
        found, self.found = self.found, []
        return found

    def _asked(self, url: str) -> None:
        parts = urlsplit(url)
        if parts.scheme not in {"data", "blob", "about"} and parts.netloc != self.host:
            self.found.append(f"it asks another house: {url}")

    def _said(self, kind: str, text: str) -> None:
        if kind in {"error", "warning"} and not text.startswith(_ALREADY_TOLD):
            self.found.append(f"the console says: {text}")

    def _answered(self, status: int, request: Request) -> None:
        if status >= HTTPStatus.BAD_REQUEST and not request.is_navigation_request():
            self.found.append(f"{status} for {request.url}")


async def nothing_is_wider_than_the_screen(page: Page) -> list[str]:
    """Neither the page nor anything in it, but within a labelled scroll box one can focus."""
    return await _rule(page, "nothing_is_wider_than_the_screen")


async def every_digit_runs_from_left_to_right(page: Page) -> list[str]:
    """Digits are Western, in `bdi[dir=ltr]`, with no Arabic letter; see the rule for the rest."""
    return await _rule(page, "every_digit_runs_from_left_to_right")


async def every_target_is_large_enough(page: Page, view: View) -> list[str]:
    """44 px each way where one touches, 24 at a desk; links in a sentence may be smaller."""
    least = LEAST_TOUCHED_PX if view.touched else LEAST_AT_A_DESK_PX
    return await _rule(page, "every_target_is_large_enough", least=least)


async def nothing_is_styled_or_run_inline(page: Page) -> list[str]:
    """No `style`, no `on…`, no script and no style sheet within the page."""
    return await _rule(page, "nothing_is_styled_or_run_inline")


async def the_page_says_its_language(page: Page, language: str) -> list[str]:
    """`lang` and `dir` of the whole page."""
    return await _rule(page, "the_page_says_its_language", language=language)


async def every_total_is_the_sum_of_its_parts(page: Page) -> list[str]:
    """Within `data-sum`, every `data-part` in paisa adds up to the `data-total`.

    With `data-column` on both, column by column. A total that is also a part counts in the sum
    around its own. What is marked shows the figure that it is marked with.
    """
    return await _rule(page, "every_total_is_the_sum_of_its_parts")


async def nothing_is_cut_off_or_covered(page: Page) -> list[str]:
    """Text stays within its box; no bar lies over what is pressed, once it is in view."""
    return await _rule(page, "nothing_is_cut_off_or_covered")


async def axe_finds_nothing(page: Page) -> list[str]:
    """No violation of WCAG 2.2 AA, nor of axe's best practice."""
    if not await page.evaluate("'axe' in window"):
        await page.evaluate(AXE_SCRIPT)
    results: dict[str, Any] = await page.evaluate("(options) => axe.run(options)", _AXE)
    return [
        f"axe, {one['id']}: {one['help']}: {' '.join(map(str, node['target']))}:"
        f" {node['html'][:120]}"
        for one in results["violations"]
        for node in one["nodes"]
    ]


async def faults(page: Page, view: View, *, language: str = "en", axe: bool = True) -> list[str]:
    """All that is wrong with a page as it stands now, after whatever the test did to it."""
    return [
        *await the_page_says_its_language(page, language),
        *await nothing_is_styled_or_run_inline(page),
        *await nothing_is_wider_than_the_screen(page),
        *await every_digit_runs_from_left_to_right(page),
        *await every_target_is_large_enough(page, view),
        *await every_total_is_the_sum_of_its_parts(page),
        *await nothing_is_cut_off_or_covered(page),
        *(await axe_finds_nothing(page) if axe else []),
    ]


async def checked(
    page: Page,
    url: str,
    *views: View,
    language: str = "en",
    status: int = HTTPStatus.OK,
) -> None:
    """Go to a page and hold it against every rule, its loading included.

    It loads on the first screen and is turned to the others; whether it is touched is its
    context's, so all of `views` are touched, or none. Axe, which looks at little that a screen
    changes and takes three quarters of the time, is asked on the first.
    """
    watch = Watch(page, urlsplit(url).netloc)
    told = await _faults_at(watch, url, views, language, status)
    assert not told, "\n\n".join(told)


async def checked_everywhere(
    browser: Browser,
    address: str,
    *paths: str,
    sign_in: Callable[[BrowserContext], Awaitable[None]] | None = None,
    languages: Sequence[str] = BOTH,
    views: Sequence[View] = VIEWS,
    status: int = HTTPStatus.OK,
) -> None:
    """Hold pages against every rule on every screen and in both languages; all faults at once.

    Axe looks at each page once in each language, in the first at a desk, in the last on a
    telephone, unless it is `AXE_EVERYWHERE`. `sign_in` gets each new browser before it goes
    anywhere; it goes from page to page in one window, as people do, for a new one costs a second.
    """
    told: list[str] = []
    kinds = [kind for kind in (DESK, PHONE) if any(kind.touched is one.touched for one in views)]
    for language in languages:
        for of_kind in kinds:
            sizes = [view for view in views if view.touched is of_kind.touched]
            axe = AXE_EVERYWHERE or of_kind is kinds[0 if language == languages[0] else -1]
            async with looking(browser, of_kind, language=language, address=address) as context:
                if sign_in is not None:
                    await sign_in(context)
                watch = Watch(await context.new_page(), urlsplit(address).netloc)
                for path in paths:
                    told += await _faults_at(
                        watch, f"{address}{path}", sizes, language, status, axe=axe
                    )
    assert not told, "\n\n".join(told)


async def _faults_at(
    watch: Watch, url: str, views: Sequence[View], language: str, status: int, *, axe: bool = True
) -> list[str]:
    """What is wrong with a page, told by screen; axe looks at the first."""
    page = watch.page
    first, *others = views
    await page.set_viewport_size({"width": first.width, "height": first.height})
    answer = await page.goto(url, wait_until="load")
    await page.wait_for_function(_DRESSED)
    await _turn(page, first)
    if answer is not None and answer.status != status:
        watch.found.append(f"it answers {answer.status}")
    found = await faults(page, first, language=language, axe=axe)
    told = _told(url, first, language, found + watch.told())
    for view in others:
        await _turn(page, view)
        found = await faults(page, view, language=language, axe=AXE_EVERYWHERE)
        told += _told(url, view, language, found + watch.told())
    return told


async def _turn(page: Page, view: View) -> None:
    """Give the page another size, and its text; wait until it is drawn so."""
    await page.set_viewport_size({"width": view.width, "height": view.height})
    await page.evaluate(_ENLARGED, view.text)
    await page.evaluate("() => new Promise((drawn) => requestAnimationFrame(() => drawn()))")


def _told(url: str, view: View, language: str, found: Sequence[str]) -> list[str]:
    if not found:
        return []
    return ["\n  ".join([f"{url} at {view} in {language}:", *dict.fromkeys(found)])]


async def _rule(page: Page, name: str, **given: Any) -> list[str]:  # noqa: ANN401 - as JSON is
    found: list[str] = await page.evaluate(await asyncio.to_thread(_source, name), given)
    return found


@cache
def _source(name: str) -> str:
    """A rule as one function: what the rules share, and its own words."""
    common, own = ((RULES / f"{part}.js").read_text(encoding="utf-8") for part in ("common", name))
    return f"(given) => {{\n{common}\n{own}\nreturn rule(given);\n}}"
