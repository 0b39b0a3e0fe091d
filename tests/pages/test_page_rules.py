"""Each rule lets a good page pass, and names what is wrong with a bad one."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import pytest
import pytest_asyncio

from tests.pages.made_up import HOUSE, page_of, serve, show
from tests.support import page_rules
from tests.support.browser import DESK, PHONE, looking
from tests.support.page_rules import checked, checked_everywhere, faults

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

    from playwright.async_api import Browser, BrowserContext, Page

GOOD: Final = """
    <p>Today <bdi dir="ltr">12</bdi> members came; <a href="/sheet">this is their sheet</a>.</p>
    <p><button class="btn">Close the meeting</button> <button class="small reach">+</button></p>
    <p><label><input type="checkbox" class="ticked"><span class="btn">She paid</span></label></p>
    <div role="region" tabindex="0" aria-label="Loans" class="scroll"><p class="wide">Wide</p></div>
    <p><label>Saved <input class="btn" dir="ltr" value="1680.00"></label>
    <label>Remark <input class="btn" dir="auto" value="20 سال"></label>
    <label>Month <select class="btn"><option>2026</option><option>نومبر \u20662026\u2069</option>
    </select></label></p>
    <svg width="50" height="20" direction="ltr" role="img" aria-label="Loans">
      <text y="9">80</text></svg>
    <script type="application/json">{"members": 12}</script>
    <table data-sum>
    <thead><tr><th scope="col">Who</th><th scope="col">Paid</th><th scope="col">Given</th></tr>
    </thead>
    <tbody data-sum>
      <tr><td>Amina</td><td data-part="150000"><bdi dir="ltr"><small>Rs</small> 1,500.00</bdi></td>
          <td data-part="500" data-column="given"><bdi dir="ltr">5</bdi></td></tr>
      <tr><td>Bushra</td><td data-part="-50"><bdi dir="ltr">\u22120.50</bdi></td>
          <td data-part="0" data-column="given">\u2013</td></tr>
      <tr><td>CO</td><td data-total="149950" data-part=149950><bdi dir=ltr>1,499.50</bdi></td>
          <td data-total="500" data-column="given"><bdi dir="ltr">5.00</bdi></td></tr>
    </tbody><tfoot>
      <tr><td>VO</td><td data-total="149950"><bdi dir="ltr">1,499.50</bdi></td><td>Same</td></tr>
    </tfoot></table>
"""
"""What is easily taken for a fault, and is none."""

WIDTH: Final = page_rules.nothing_is_wider_than_the_screen
DIGITS: Final = page_rules.every_digit_runs_from_left_to_right
INLINE: Final = page_rules.nothing_is_styled_or_run_inline
SUMS: Final = page_rules.every_total_is_the_sum_of_its_parts
CUT: Final = page_rules.nothing_is_cut_off_or_covered
AXE: Final = page_rules.axe_finds_nothing


async def TARGETS(page: Page) -> list[str]:  # noqa: N802 - stands beside the rules above
    """What a finger has to meet."""
    return await page_rules.every_target_is_large_enough(page, PHONE)


BAD: Final = {
    "the page is wide": (WIDTH, '<p class="wide">Wide</p>', "the page is 2016 px wide"),
    "cut off at the left": (WIDTH, '<p class="aside">Aside</p>', "sticks out: from -24"),
    "scrolls without a label": (
        WIDTH,
        '<div class="scroll"><p class="wide">Wide</p></div>',
        "scrolls sideways, and is no labelled box to focus",
    ),
    "a bare digit": (DIGITS, "<p>12 members</p>", "“12 members” has digits outside a bdi"),
    "a bdi that finds its own way": (DIGITS, "<p><bdi>12</bdi></p>", "has digits outside a bdi"),
    "a bare digit that opens later": (
        DIGITS,
        "<details><summary class=btn>More</summary><p>Row 7</p></details>",
        "“Row 7” has digits outside a bdi",
    ),
    "Urdu in a bdi from left to right": (
        DIGITS,
        '<p><bdi dir="ltr">20 نومبر</bdi></p>',
        "has Arabic letters in a bdi from left to right",
    ),
    "Eastern digits": (DIGITS, '<p><bdi dir="ltr">۱۲</bdi></p>', "digits that are not Western"),
    "Arabic-Indic digits in a label": (
        DIGITS,
        '<button class="btn" aria-label="\u0661\u0662">Go</button>',
        "digits that are not Western, in aria-label",
    ),
    "an option that turns round": (
        DIGITS,
        '<label>Day <select class="btn"><option>20-11 نومبر</option></select></label>',
        "mixes digits with Arabic letters, not isolated",
    ),
    "a small button": (TARGETS, '<button class="small">A</button>', "30 by 30 px to press, not 44"),
    "a small link that is no sentence": (
        TARGETS,
        '<p><a href="/a" class="small">A</a> · <a href="/b" class="small">B</a></p>',
        "30 by 30 px to press, not 44",
    ),
    "a small tick": (
        TARGETS,
        '<label>P <input type="checkbox"></label>',
        "px to press, not 44",
    ),
    "a style attribute": (
        INLINE,
        '<p style="color: red">Red</p>',
        "<p> “Red” has a style attribute",
    ),
    "a style element": (INLINE, "<style>p { color: red }</style>", "a style element"),
    "a script of its own": (INLINE, "<script>window.a = 1</script>", "a script without a file"),
    "a handler": (INLINE, '<p onclick="go()">Go</p>', "<p> “Go” has onclick"),
    "a link that runs": (
        INLINE,
        '<a class="btn" href="javascript:go()">Go</a>',
        "runs its href",
    ),
    "a total that is too high": (
        SUMS,
        (
            '<dl data-sum><dt>A</dt><dd data-part="100"><bdi dir="ltr">1.00</bdi></dd>'
            '<dt>All</dt><dd data-total="200"><bdi dir="ltr">2.00</bdi></dd></dl>'
        ),
        "the parts are 100 paisa, the total says 200",
    ),
    "a column that does not add up": (
        SUMS,
        (
            '<dl data-sum><dt>A</dt><dd data-part="100" data-column=paid><bdi dir=ltr>1</bdi></dd>'
            '<dt>All</dt><dd data-total="0" data-column="paid">\u2013</dd></dl>'
        ),
        "the parts are 100 paisa in the column paid, the total says 0",
    ),
    "a figure other than its mark": (
        SUMS,
        (
            '<dl data-sum><dt>A</dt><dd data-part="100"><bdi dir="ltr">1.01</bdi></dd>'
            '<dt>All</dt><dd data-total="100"><bdi dir="ltr">1.00</bdi></dd></dl>'
        ),
        "shows another figure than its data-part 100",
    ),
    "a sum without its total": (
        SUMS,
        '<dl data-sum><dt>A</dt><dd data-part="100"><bdi dir="ltr">1</bdi></dd></dl>',
        "has 0 totals",
    ),
    "a part of nothing": (SUMS, '<p data-part="0">\u2013</p>', "stands in no data-sum"),
    "a sum of nothing": (SUMS, "<p data-sum>No loans</p>", "is a sum of nothing"),
    "a text cut off": (CUT, '<p class="narrow">Savings withdrawn</p>', "sticks out of <p.narrow>"),
    "a button beneath a bar": (
        CUT,
        '<div class="over">Bar</div><button class="btn">Close</button>',
        "<button.btn> “Close” cannot be met: <div.over> “Bar” lies over it",
    ),
    "text too pale to read": (AXE, '<p class="pale">Pale</p>', "axe, color-contrast"),
    "a field without a name": (AXE, '<input class="btn">', "axe, label"),
    "a heading left out": (AXE, "<h4>Loans</h4>", "axe, heading-order"),
}


@pytest_asyncio.fixture(loop_scope="session")
async def page(browser: Browser) -> AsyncIterator[Page]:
    """A phone that opens made-up pages."""
    async with looking(browser, PHONE) as context:
        yield await context.new_page()


async def test_a_good_page_passes_on_every_screen_in_both_languages(browser: Browser) -> None:
    """What is easily taken for a fault is none."""
    for language in ("en", "ur"):
        good = page_of(GOOD, language=language)

        async def serving(context: BrowserContext, good: str = good) -> None:
            await serve(context, {"/": good})

        await checked_everywhere(browser, HOUSE, "/", sign_in=serving, languages=[language])


@pytest.mark.parametrize("what", BAD)
async def test_a_bad_page_is_told_what_is_wrong_with_it(page: Page, what: str) -> None:
    """The fault that was made is found, at the element that has it."""
    rule, body, told = BAD[what]
    await show(page, body)
    found = await rule(page)
    assert any(told in one for one in found), found


async def test_all_that_is_wrong_is_told_at_once(page: Page) -> None:
    """One fault for each rule; whoever mends a page sees them together."""
    bodies = (
        '<p class="wide">12</p><button class="small" onclick="go()">A</button>'
        '<p data-sum>None</p><input class="btn">'
    )
    await show(page, bodies)
    told = "\n".join(await faults(page, PHONE, language="ur"))
    for part in (
        "is 2016 px wide",
        "outside a bdi",
        "30 by 30",
        "onclick",
        "of nothing",
        "lang “en”",
    ):
        assert part in told
    assert "axe, label:" in told


async def test_a_digit_in_an_urdu_field_from_right_to_left_is_told(page: Page) -> None:
    """In an English page the same field runs as it should."""
    field = '<label>A <input class="btn" value="1680.00"></label>'
    chart = '<svg role="img" aria-label="A" width="50" height="20"><text y="9">80</text></svg>'
    await show(page, field + chart)
    assert await faults(page, PHONE) == []
    await show(page, field + chart, language="ur")
    assert [one.partition("” ")[2] for one in await faults(page, PHONE, language="ur")] == [
        "has digits in SVG that runs from right to left",
        "has digits in a field from right to left",
    ]


async def test_at_a_desk_targets_may_be_smaller(page: Page) -> None:
    """A mouse hits 24 px, but not 20."""
    await show(page, '<button class="small">A</button>')
    assert await faults(page, DESK) == []
    await show(page, '<button class="tiny">A</button>')
    assert "20 by 20 px to press, not 24" in " ".join(await faults(page, DESK))


async def test_a_page_in_the_wrong_language_is_told(page: Page) -> None:
    """Both `lang` and `dir` are those of whoever reads."""
    await show(page, "<p>Amanat</p>")
    assert await faults(page, PHONE, language="ur") == [
        "html has lang “en”, not “ur”",
        "html has dir “ltr”, not “rtl”",
    ]


async def test_what_goes_wrong_while_a_page_loads_is_told(page: Page) -> None:
    """Another house, a file that is not there, a script that breaks off, what CSP forbids."""
    head = (
        '<script src="/broken.js"></script><link rel="stylesheet" href="/lost.css">'
        '<script src="http://elsewhere.test/a.js"></script><script>window.a = 1</script>'
    )
    pages = {"/": page_of("<p>Amanat</p>", head=head), "/broken.js": "throw new Error('torn')"}
    policy = "default-src 'self'; style-src 'self'"
    await serve(page.context, pages, headers={"Content-Security-Policy": policy})
    with pytest.raises(AssertionError) as told:
        await checked(page, f"{HOUSE}/", PHONE)
    for part in (
        "at 360×740 in en:",  # noqa: RUF001 - the sign that sizes are written with
        "it asks another house: http://elsewhere.test/a.js",
        f"404 for {HOUSE}/lost.css",
        "a script broke off: torn",
        "violates the following Content Security Policy directive",
    ):
        assert part in str(told.value)


async def test_a_page_that_is_not_there_is_told(page: Page) -> None:
    """A page of a refusal is checked under the status that it has."""
    await serve(page.context, {})
    with pytest.raises(AssertionError, match="it answers 404"):
        await checked(page, f"{HOUSE}/", PHONE)
    await checked(page, f"{HOUSE}/", PHONE, status=404)
