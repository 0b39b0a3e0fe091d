"""Pages that tests make up, at an address that exists in one browser only."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from playwright.async_api import BrowserContext, Page, Route

HOUSE: Final = "http://amanat.test"
ICON: Final = "<svg xmlns='http://www.w3.org/2000/svg'/>"
STYLE: Final = """
    body { margin: 0; font: 17px/1.5 "Noto Sans", "Noto Naskh Arabic", sans-serif }
    main { padding: 16px }
    .btn { display: inline-block; min-width: 48px; min-height: 48px }
    .ticked { position: absolute; clip-path: inset(50%); width: 1px; height: 1px }
    .scroll { overflow-x: auto }
    .wide { width: 2000px }
    .aside { position: relative; left: -40px }
    .small { display: inline-block; width: 30px; height: 30px }
    .tiny { display: inline-block; width: 20px; height: 20px; padding: 0; border: 0 }
    .reach { position: relative; margin: 20px }
    .reach::after { content: ""; position: absolute; inset: -12px }
    .narrow { width: 40px; overflow: hidden; white-space: nowrap }
    .over { position: fixed; inset: 0 }
    .pale { color: #ccc; background: #fff }
"""


def page_of(body: str, *, language: str = "en", head: str = "") -> str:
    """A whole page around what stands in its main part; faultless if that is."""
    run = "rtl" if language == "ur" else "ltr"
    return f"""<!doctype html><html lang="{language}" dir="{run}"><head><meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>Made up</title><link rel="icon" href="/icon.svg"><link rel="stylesheet" href="/made_up.css">
{head}</head><body><main><h1>Amanat</h1>{body}</main></body></html>"""


async def show(
    page: Page, body: str, *, language: str = "en", head: str = "", house: str = HOUSE
) -> None:
    """Open a made-up page, which seems to be of this house."""
    made = page_of(body, language=language, head=head)
    await serve(page.context, {"/made-up": made}, house=house)
    await page.goto(f"{house}/made-up")


async def serve(
    context: BrowserContext,
    pages: dict[str, str],
    *,
    headers: dict[str, str] | None = None,
    house: str = HOUSE,
) -> None:
    """Answer with these pages, with a style sheet and a sign for them.

    What else is asked of the made-up house is not there; a real house answers for itself.
    """
    files = {"/made_up.css": ("text/css", STYLE), "/icon.svg": ("image/svg+xml", ICON)}
    kinds = {"js": "text/javascript", "html": "text/html; charset=utf-8"}
    files |= {
        path: (kinds["js" if path.endswith(".js") else "html"], pages[path]) for path in pages
    }

    async def answer(route: Route) -> None:
        path = route.request.url.removeprefix(house)
        if path in files:
            kind, text = files[path]
            await route.fulfill(content_type=kind, body=text, headers=headers or {})
        elif house == HOUSE:
            await route.fulfill(status=404, body=page_of("<p>There is no such page.</p>"))
        else:
            await route.fallback()

    await context.route("**/*", answer)
