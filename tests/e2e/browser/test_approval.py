"""A tool that needs approval: nothing happens until the person approves, also over reloads."""

import re

from playwright.async_api import Locator, Page, expect

from test_framework.platform.model_server import answer_of
from test_framework.platform.stack import Stack
from tests.e2e.browser.chat_page import ChatPage, sign_up
from tests.e2e.browser.operators import grant_operator

DURATION = re.compile(r"\d (s|m)")
ASK = "stop=60 words=3"


async def operator(page: Page, stack: Stack) -> ChatPage:
    """Sign someone up who may use the tools of operators."""
    chat = await sign_up(page, stack.url)
    await grant_operator(stack, chat.email)
    await page.reload()  # the next access token has the role
    await chat.until_live()
    return chat


async def asked(chat: ChatPage) -> Locator:
    await chat.send(ASK)
    card = chat.page.get_by_test_id("approval")
    await expect(card).to_contain_text("stop_long_runs")
    await expect(card.get_by_role("term").filter(has_text="minutes")).to_be_visible()
    await expect(card.get_by_role("definition").filter(has_text="60")).to_be_visible()
    return card


async def test_an_approved_call_is_made_and_the_answer_continues(page: Page, stack: Stack) -> None:
    chat = await operator(page, stack)
    card = await asked(chat)
    await page.reload()
    await chat.until_live()
    await expect(card).to_be_visible()  # the question outlives the page
    await card.get_by_role("button", name="Approve").click()
    await expect(chat.answers.last).to_contain_text(answer_of(3).strip())
    await expect(card).to_have_count(0)
    record = chat.answers.first.get_by_test_id("decisions")
    await expect(record).to_contain_text("You approved stop_long_runs")
    await page.reload()
    await expect(record).to_contain_text("You approved stop_long_runs")
    await expect(record.get_by_role("time")).to_be_visible()
    step = chat.answers.first.locator("summary")
    await expect(step).to_contain_text(DURATION)  # stored: the page did not watch the call
    await step.click()
    await expect(chat.answers.first).to_contain_text('"stopped":')


async def test_a_declined_call_is_not_made_and_the_agent_learns_why(
    page: Page, stack: Stack
) -> None:
    chat = await operator(page, stack)
    card = await asked(chat)
    await card.get_by_label("What the agent should know").fill("They are mine.")
    await card.get_by_role("button", name="Decline").click()
    await expect(chat.answers.last).to_contain_text(answer_of(3).strip())
    record = chat.answers.first.get_by_test_id("decisions")
    step = chat.answers.first.locator("summary")
    for _ in ("live", "reloaded"):
        await expect(record).to_contain_text("You declined stop_long_runs: They are mine.")
        await expect(step).not_to_contain_text(DURATION)
        await page.reload()
    await expect(step).to_be_visible()
    await chat.threads.first.hover()  # shows what can be done with the thread
    async with page.expect_download() as downloading:
        await page.get_by_role("button", name="Export").first.click()
    exported = await downloading.value
    assert exported.suggested_filename.endswith(".md")
    text = (await exported.path()).read_text("utf-8")
    assert "> You declined: They are mine., " in text
    await step.click()
    await expect(chat.answers.first).to_contain_text("They are mine.")
    await expect(chat.answers.first).not_to_contain_text('"stopped":')


async def test_the_question_is_answered_once_in_whichever_tab(page: Page, stack: Stack) -> None:
    chat = await operator(page, stack)
    card = await asked(chat)
    other = await chat.open_other_tab()
    await other.page.get_by_test_id("approval").get_by_role("button", name="Approve").click()
    for tab in (chat, other):
        await expect(tab.answers.last).to_contain_text(answer_of(3).strip())
        await expect(tab.page.get_by_test_id("approval")).to_have_count(0)
        await expect(tab.answers.first.get_by_test_id("decisions")).to_contain_text("You approved")
    await expect(card).to_have_count(0)
