"""An answer of hostile Markdown is shown as text and leaves the page usable."""

import pytest
from playwright.async_api import Page, expect

from test_framework.platform.model_server import say
from test_framework.platform.stack import Stack
from tests.e2e.browser.chat_page import sign_up

# Each ended the parser or blocked the page for seconds before the bounds in markdown/lexer.ts.
HOSTILE = {
    "nested lists": "- " * 3_000 + "the end",
    "nested quotes": "> " * 3_000 + "the end",
    "emphasis": "_a_ " * 2_500 + "the end",
}


@pytest.mark.parametrize("text", HOSTILE.values(), ids=HOSTILE.keys())
async def test_a_thread_with_it_opens_again(text: str, page: Page, stack: Stack) -> None:
    errors: list[str] = []
    page.on("pageerror", lambda error: errors.append(str(error)))
    chat = await sign_up(page, stack.url)
    answer = await chat.ask(say(text))
    await expect(answer).to_contain_text("the end")
    await page.reload()
    await expect(page.get_by_role("article", name="Answer")).to_contain_text("the end")
    await expect(page.get_by_role("textbox", name="Message")).to_be_enabled()
    assert errors == []
