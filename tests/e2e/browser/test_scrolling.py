"""Scrolling while an answer streams: a person's input decides, not the text that comes in."""

import pytest
from playwright.async_api import Locator, Page, expect

from test_framework.platform.model_server import say
from test_framework.platform.stack import Stack
from tests.e2e.browser.chat_page import ChatPage, sign_up

RATES = (30, 100, 500)  # tokens a second
STILL_MILLISECONDS = 2_000
STILL_PX = 2
UP_PX = 300
NEAR_PX = 80  # within it the end counts as reached


async def gap(log: Locator) -> float:
    """Return the distance to the end in pixels."""
    found: float = await log.evaluate(
        "list => list.scrollHeight - list.clientHeight - list.scrollTop"
    )
    return found


async def scroll_up(means: str, chat: ChatPage, log: Locator) -> None:
    box = await log.bounding_box()
    assert box is not None
    x, y = box["x"] + box["width"] / 2, box["y"] + box["height"] / 2
    if means == "wheel":
        await chat.page.mouse.move(x, y)
        await chat.page.mouse.wheel(0, -UP_PX)
    elif means == "keyboard":
        await chat.message.press("PageUp")
    else:
        client = await chat.page.context.new_cdp_session(chat.page)
        gesture = {"x": x, "y": y, "yDistance": UP_PX, "gestureSourceType": "touch", "speed": 2000}
        await client.send("Input.synthesizeScrollGesture", gesture)


async def assert_stays(log: Locator) -> None:
    """What is in sight does not move for two seconds, although text comes in below it."""
    before = await log.evaluate("list => [list.scrollTop, list.scrollHeight]")
    await log.page.wait_for_timeout(STILL_MILLISECONDS)
    after = await log.evaluate("list => [list.scrollTop, list.scrollHeight]")
    assert abs(after[0] - before[0]) <= STILL_PX
    assert after[1] > before[1]


@pytest.mark.parametrize("means", ["wheel", "keyboard", "touch"])
async def test_scrolling_up_leaves_the_end(means: str, page: Page, stack: Stack) -> None:
    chat = await sign_up(page, stack.url)
    log = page.get_by_role("log")
    follow = page.get_by_role("button", name="Follow")
    await chat.ask(say("line\n\n" * 60))
    for rate in RATES:
        await chat.send(f"words=60000 pace={1 / rate}")
        await expect(chat.answers.last).to_contain_text("word-3 ")
        await scroll_up(means, chat, log)
        await expect(follow).to_be_visible()
        await page.wait_for_timeout(200)  # a smooth scroll of the browser comes to its end
        assert await gap(log) > NEAR_PX
        await assert_stays(log)
        await follow.click()
        await expect(follow).to_be_hidden()
        await page.wait_for_timeout(200)
        assert await gap(log) < NEAR_PX
        await page.keyboard.press("Escape")
        await expect(chat.answers.last).to_have_attribute("aria-busy", "false")
