"""A page that is older than what is deployed says so, and its reload loses nothing."""

import json
import re

from playwright.async_api import Page, Route, expect

from test_framework.platform.stack import Stack
from tests.e2e.browser.chat_page import sign_up

MARK = re.compile(r"netra-ws-protocol/\d+")


async def test_a_newer_version_is_announced_and_the_draft_survives_the_reload(
    page: Page, stack: Stack
) -> None:
    async def as_after_a_deploy(route: Route) -> None:
        answer = await route.fetch()
        document = await answer.json() | {"digest": "f" * 64}
        await route.fulfill(response=answer, body=json.dumps(document))

    await page.route("**/version.json", as_after_a_deploy)
    chat = await sign_up(page, stack.url)
    await expect(page.get_by_text("A new version of Netra is available.")).to_be_visible()
    await chat.ask("words=1")  # nothing is in the way
    await chat.message.fill("not finished yet")
    await page.unroute("**/version.json")
    await page.get_by_role("button", name="Reload").click()
    await chat.until_live()
    await expect(chat.message).to_have_value("not finished yet")
    await expect(page.get_by_text("A new version of Netra is available.")).to_have_count(0)


async def test_a_page_that_the_backend_no_longer_understands_asks_for_a_reload(
    page: Page, stack: Stack
) -> None:
    async def of_another_version(route: Route) -> None:
        answer = await route.fetch()
        await route.fulfill(
            response=answer, body=MARK.sub("netra-ws-protocol/9", await answer.text())
        )

    chat = await sign_up(page, stack.url)
    await chat.ask("words=1 before")
    await page.route("**/_next/static/**/*.js", of_another_version)
    await page.reload()
    await expect(page.get_by_text("This page is too old for the server.")).to_be_visible()
    await chat.message.fill("written on an old page")
    await page.unroute("**/_next/static/**/*.js")
    # A real deploy has other names; here the browser keeps the doctored chunks forever.
    devtools = await page.context.new_cdp_session(page)
    await devtools.send("Network.clearBrowserCache")
    await page.get_by_role("button", name="Reload").click()
    await chat.until_live()
    await expect(chat.message).to_have_value("written on an old page")
    await expect(chat.questions).to_have_text(["words=1 before"])
