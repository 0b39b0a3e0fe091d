"""The officer's and the administrator's pages: every rule on every screen, and a day of theirs."""

from __future__ import annotations

import io
import zipfile
from typing import TYPE_CHECKING, Final

from tests.support.browser import DESK, PHONE, looking
from tests.support.house import PILOT
from tests.support.page_rules import checked_everywhere, faults

if TYPE_CHECKING:
    from playwright.async_api import Browser, BrowserContext, Page

    from tests.support.house import House

FIELD_OFFICER: Final = "javed"
ADMINISTRATOR: Final = "rukhsana"
ANOTHER: Final = "imran"
TREASURER: Final = "shazia"
OF_THE_OFFICER: Final = (
    "/organisations",
    "/organisations?q=chaman",
    "/organisations?q=nowhere",
    "/organisations/new",
    "/organisations/VO-02/about",
    "/organisations/CO-01/edit",
    "/organisations/CO-01/move",
    "/organisations/CO-01/limits",
    "/members/new?organisation=CO-01",
    "/members/M-0001/edit",
    "/members/M-0001/household",
    "/nominations",
    "/nominations?at=VO-01",
    "/nominations/new?at=VO-01",
    "/nominations/end?at=VO-01&member=M-0014&role=president&since=05-03-2024",
    "/moves",
    "/products",
    "/settings",
    "/phones",
    "/more",
)
OF_THE_ADMINISTRATOR: Final = (
    "/",
    "/people",
    "/people?q=nobody",
    "/people/new",
    "/people/javed",
    "/people/javed/edit",
    "/people/javed/appoint",
    "/products/new",
    "/products/new?of=FLAT-12",
    "/settings",
    "/imports",
    "/jobs",
    "/keys",
    "/keys/new",
    "/audit?house=1",
    "/search?q=co",
    "/more",
)


async def test_the_officers_pages_keep_every_rule(browser: Browser, house: House) -> None:
    """In both languages, on every screen."""

    async def sign_in(context: BrowserContext) -> None:
        await house.sign_in(context, FIELD_OFFICER)

    await checked_everywhere(browser, house.address, *OF_THE_OFFICER, sign_in=sign_in)


async def test_the_administrators_pages_keep_every_rule(browser: Browser, house: House) -> None:
    """In both languages, on every screen."""

    async def sign_in(context: BrowserContext) -> None:
        await house.sign_in(context, ADMINISTRATOR)

    await checked_everywhere(browser, house.address, *OF_THE_ADMINISTRATOR, sign_in=sign_in)


async def test_a_treasurer_meets_a_page_that_says_so(browser: Browser, house: House) -> None:
    """It keeps the rules, too."""

    async def sign_in(context: BrowserContext) -> None:
        await house.sign_in(context, TREASURER)

    await checked_everywhere(
        browser, house.address, "/organisations", "/imports", sign_in=sign_in, status=403
    )


async def fill(page: Page, **said: str) -> None:
    """Type into the fields of a form, or choose."""
    for name, value in said.items():
        field = page.locator(f"main form [name={name}]:not([type=hidden])")
        if await field.evaluate("field => field.tagName") == "SELECT":
            await field.select_option(value)
        else:
            await field.fill(value)


async def press(page: Page, said: str) -> None:
    """Press the one button of this name, and wait for the page that follows."""
    async with page.expect_navigation():
        await page.locator("main").get_by_role("button", name=said, exact=True).click()


async def sound(page: Page) -> None:
    """The page as it stands keeps every rule."""
    assert await faults(page, DESK) == []


async def focused(page: Page) -> str:
    """What has the focus: what was refused, or what was done."""
    return str(await page.evaluate("document.activeElement.textContent"))


async def test_an_officers_day(browser: Browser, own_house: House) -> None:
    """An organisation, a member, a nomination, a move; what is mistyped is said and mended."""
    async with looking(browser, DESK, address=own_house.address) as context:
        await own_house.sign_in(context, FIELD_OFFICER)
        page = await context.new_page()
        await page.goto("/more")
        await page.get_by_role("link", name="Register an organisation").click()
        await fill(page, code="CO-90", name="CO Umeed", formed_on="1 July", parent="VO-01")
        await press(page, "Register")
        assert "Something is not filled in right." in await focused(page)
        await sound(page)
        await fill(page, formed_on="01-07-2026", gender="women")
        await press(page, "Register")
        assert "CO Umeed" in await page.inner_text("h1")
        await sound(page)
        await page.get_by_role("link", name="Members").last.click()
        await page.get_by_role("link", name="Register a member").click()
        await fill(
            page,
            code="M-9001",
            name="Gul Bano",
            gender="female",
            cnic="1234512345671",
            joined_on="01-07-2026",
        )
        await press(page, "Register")
        assert "even for women" in await page.inner_text(".banner")
        await sound(page)
        await fill(page, phone="0300 1234567", household="HH-9001")
        await press(page, "Keep")
        assert page.url.endswith("/members/M-9001")
        await page.goto("/nominations?at=VO-01")
        await page.get_by_role("link", name="Nominate a member").click()
        await fill(page, member="M-9001", role="treasurer", from_on="02-07-2026")
        await press(page, "Nominate")
        assert "Gul Bano" in await page.inner_text("main table")
        await page.goto("/organisations/CO-03/move")
        await fill(page, to="VO-02", on="15-07-2026", reason="The road is open")
        await press(page, "See what follows")
        assert "VO Ittehad" in await page.inner_text("[data-seen]")
        await sound(page)
        await press(page, "Move it so")
        assert "VO Ittehad" in await page.inner_text("main table")
        await page.goto("/moves")
        assert "CO-03" in await page.inner_text("main tbody tr:first-child")


async def test_an_administrators_day(browser: Browser, own_house: House) -> None:
    """Somebody is registered, appointed and let in; rules are tried; a key is made."""
    async with looking(browser, DESK, address=own_house.address) as context:
        await own_house.sign_in(context, ADMINISTRATOR)
        page = await context.new_page()
        await page.goto("/people/new")
        await fill(page, code="gul", name="Gul Bano", organisation="LSO-01")
        await press(page, "Register")
        await page.get_by_role("link", name="Appoint").click()
        await fill(page, role="accountant", organisation="CO-01", from_on="01-08-2026")
        await press(page, "Appoint")
        assert "Accountant" in await page.inner_text("main table")
        await press(page, "Give a code")
        assert "The code, shown this once" in await focused(page)
        await sound(page)
        await page.goto("/products/new?of=FLAT-12")
        await press(page, "Next")
        await fill(page, from_on="01-09-2026", resolution="LSO-01/9")
        await press(page, "Try it on the example")
        await sound(page)
        await press(page, "Ask another administrator")
        assert "/requests/" in page.url
        await page.goto("/keys/new")
        await fill(
            page,
            code="warehouse",
            name="Figures",
            role="auditor",
            scope="read",
            expires_at="30-06-2027",
        )
        await page.get_by_label("With all that is below it").check()
        await press(page, "Make the key")
        assert "The secret, shown this once" in await focused(page)
        await sound(page)


async def test_a_broken_bundle_then_a_good_one(browser: Browser, own_house: House) -> None:
    """All problems in one table, on a phone as well; then it is checked, asked for and known."""
    content = {file.name: file.read_bytes() for file in sorted(PILOT.glob("*.csv"))}
    broken = content | {
        "members.csv": content["members.csv"].replace(b"female", b"lady", 2),
        "loans.csv": content["loans.csv"].replace(b"80000.00", b"much", 1),
    }
    async with looking(browser, PHONE, address=own_house.address) as context:
        await own_house.sign_in(context, ADMINISTRATOR)
        page = await context.new_page()
        await page.goto("/imports")
        await choose(page, broken)
        await press(page, "Check")
        problems = page.locator("table.problems tbody tr")
        assert await problems.count() >= 3
        assert await page.get_by_role("button", name="Load", exact=True).count() == 0
        assert await faults(page, PHONE) == []
        await choose(page, content)
        await press(page, "Check")
        assert "These files were loaded before" in await focused(page)
        new = content | {"holidays.csv": content["holidays.csv"] + b"2031-08-14,Independence Day\n"}
        await choose(page, new)
        await press(page, "Check")
        assert await problems.count() > 0, "what is known already, with other content, is refused"


async def choose(page: Page, content: dict[str, bytes]) -> None:
    """Choose the files as one archive."""
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, text in content.items():
            archive.writestr(name, text)
    files = [{"name": "pilot.zip", "mimeType": "application/zip", "buffer": buffer.getvalue()}]
    await page.set_input_files("input[type=file]", files)  # type: ignore[arg-type] # as its stub has it
