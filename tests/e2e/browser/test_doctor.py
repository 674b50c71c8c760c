"""The connection check: what it answers for visitors with and without a session."""

from playwright.async_api import Page, expect

from test_framework.platform.stack import Stack
from tests.e2e.browser.axe import violations
from tests.e2e.browser.chat_page import sign_up

CHECK_MILLISECONDS = 45_000  # two busy cores


async def test_a_signed_in_visitor_sees_that_everything_works(page: Page, stack: Stack) -> None:
    await sign_up(page, stack.url)
    await page.goto(f"{stack.url}/doctor")
    verdict = page.get_by_text("No cause found: the socket opens and answers.")
    await expect(verdict).to_be_visible(timeout=CHECK_MILLISECONDS)
    answers = page.get_by_role("listitem")
    await expect(answers).to_have_count(10)
    await expect(page.locator("li[data-answer=yes]")).to_have_count(10)
    assert await violations(page) == []


async def test_a_visitor_without_a_session_learns_that_the_credential_is_missing(
    page: Page, stack: Stack
) -> None:
    await page.goto(f"{stack.url}/doctor")
    cause = page.get_by_role("status").get_by_text("closed with 4401")
    await expect(cause).to_be_visible(timeout=CHECK_MILLISECONDS)
    await expect(page.get_by_text("no one is signed in here")).to_be_visible()
    await page.get_by_role("button", name="Check again").click()
    await expect(cause).to_be_visible(timeout=CHECK_MILLISECONDS)
    assert await violations(page) == []
