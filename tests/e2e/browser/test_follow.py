"""A person who scrolls up keeps their place while an answer streams, at any rate."""

import asyncio
from typing import Any

import pytest
from playwright.async_api import Locator, Page, expect

from test_framework.fixtures.browser import NewPage
from test_framework.platform.stack import Stack
from tests.e2e.browser.chat_page import ChatPage, sign_up

VIEWPORT = {"width": 900, "height": 560}
WHEEL_PIXELS = 300
WATCH_MILLISECONDS = 2_000
TOLERANCE_PIXELS = 2
FOLLOW_FRAMES = 6  # 100 ms at 60 Hz; counted, because a busy machine draws fewer
TOUCH_Y, TOUCH_STEP, TOUCH_STEPS, REST_STEPS = 150, 20, 15, 15
LAST_TOUCH_Y = TOUCH_Y + (TOUCH_STEPS - 1) * TOUCH_STEP
NEAR_END_PIXELS = 40  # what one frame of the fastest answer adds, and the page's lower margin

# Positions of the list and of one article in sight, once per frame, after the movement has ended.
WATCH = """([list, milliseconds]) => new Promise(resolve => {
    const anchor = [...list.querySelectorAll('article')].find(
        one => one.getBoundingClientRect().bottom > list.getBoundingClientRect().top);
    const seen = [];
    const until = performance.now() + milliseconds;
    const look = () => {
        seen.push([list.scrollTop, anchor.getBoundingClientRect().top]);
        if (performance.now() < until) requestAnimationFrame(look);
        else resolve({offsets: seen.map(one => one[0]), tops: seen.map(one => one[1])});
    };
    requestAnimationFrame(look);
})"""

# The end of the movement: browsers scroll smoothly, for up to half a second on a fast machine.
REST = """list => new Promise(resolve => {
    let [last, frames, left] = [list.scrollTop, 0, 120];
    const look = () => {
        frames = list.scrollTop === last ? frames + 1 : 0;
        last = list.scrollTop;
        if (frames >= 10 || (left -= 1) === 0) resolve();
        else requestAnimationFrame(look);
    };
    requestAnimationFrame(look);
})"""

# The frames from the first movement until the button is in the document.
ARM = """list => {
    window.followAfter = null;
    const arm = () => {
        let frames = 0;
        const look = () => {
            const button = [...document.querySelectorAll('button')]
                .find(one => /Follow the answer/.test(one.textContent));
            if (button) window.followAfter = frames;
            else { frames += 1; requestAnimationFrame(look); }
        };
        look();
    };
    for (const type of ['wheel', 'keydown', 'touchmove'])
        list.addEventListener(type, arm, {once: true, passive: true});
}"""


async def end_distance(log: Locator) -> float:
    found: float = await log.evaluate("l => l.scrollHeight - l.clientHeight - l.scrollTop")
    return found


async def streaming(page: Page, stack: Stack, rate: int) -> ChatPage:
    """Return a chat whose answer is taller than the window and still grows."""
    chat = await sign_up(page, stack.url)
    send = page.get_by_role("button", name="Send", exact=True)  # Enter breaks the line on touch
    await chat.message.fill("words=400")
    await send.click()
    await chat.until_answered(chat.answers.last)
    await chat.message.fill(f"words=20000 pace={1 / rate}")
    await send.click()
    await expect(page.get_by_role("button", name="Stop the answer")).to_be_visible()
    await expect(chat.answers.last).to_contain_text("word-9 ")
    return chat


async def assert_still(log: Locator) -> None:
    handle = await log.element_handle()
    await log.page.evaluate(REST, handle)
    seen: dict[str, Any] = await log.page.evaluate(WATCH, [handle, WATCH_MILLISECONDS])
    for name, values in seen.items():
        assert max(values) - min(values) <= TOLERANCE_PIXELS, (name, min(values), max(values))


async def assert_left_and_back(log: Locator) -> None:
    page = log.page
    follow = page.get_by_role("button", name="Follow the answer")
    await expect(follow).to_be_visible()
    # The button can be seen from here before the page's own next frame has counted it.
    await page.wait_for_function("() => window.followAfter !== null")
    assert await page.evaluate("() => window.followAfter") <= FOLLOW_FRAMES
    await assert_still(log)
    await follow.click()
    await expect(follow).to_have_count(0)
    before = await log.evaluate("l => l.scrollHeight")
    async with asyncio.timeout(30):
        while await log.evaluate("l => l.scrollHeight") == before:
            await page.wait_for_timeout(50)
    assert await end_distance(log) <= NEAR_END_PIXELS


@pytest.mark.parametrize("rate", [30, 100, 500])
async def test_wheel_and_keys_leave_the_end_and_follow_returns(
    new_page: NewPage, stack: Stack, rate: int
) -> None:
    page = await new_page(viewport=VIEWPORT)
    await streaming(page, stack, rate)
    log = page.get_by_role("log")
    await log.hover()
    await log.evaluate(ARM)
    before = await log.evaluate("l => l.scrollTop")
    await page.mouse.wheel(0, -WHEEL_PIXELS)
    await assert_left_and_back(log)
    assert before > WHEEL_PIXELS
    await log.focus()
    await log.evaluate(ARM)
    await page.keyboard.press("PageUp")
    await assert_left_and_back(log)


async def drag_down(page: Page) -> None:
    """Move a finger down, rest, and lift it: without the rest the browser scrolls on."""
    devtools = await page.context.new_cdp_session(page)
    at = [TOUCH_Y + step * TOUCH_STEP for step in range(TOUCH_STEPS)] + [LAST_TOUCH_Y] * REST_STEPS
    for step, y in enumerate(at):
        touch = {"type": "touchMove" if step else "touchStart", "touchPoints": [{"x": 190, "y": y}]}
        await devtools.send("Input.dispatchTouchEvent", touch)
        await page.evaluate("() => new Promise(requestAnimationFrame)")
    await devtools.send("Input.dispatchTouchEvent", {"type": "touchEnd", "touchPoints": []})


@pytest.mark.parametrize("rate", [30, 500])
async def test_a_finger_leaves_the_end(new_page: NewPage, stack: Stack, rate: int) -> None:
    page = await new_page(viewport={"width": 390, "height": 560}, has_touch=True, is_mobile=True)
    await streaming(page, stack, rate)
    log = page.get_by_role("log")
    await log.evaluate(ARM)
    await drag_down(page)
    await assert_left_and_back(log)


async def test_scrolling_down_to_the_end_follows_again(new_page: NewPage, stack: Stack) -> None:
    page = await new_page(viewport=VIEWPORT)
    await streaming(page, stack, 100)
    log = page.get_by_role("log")
    await log.hover()
    await page.mouse.wheel(0, -WHEEL_PIXELS)
    follow = page.get_by_role("button", name="Follow the answer")
    await expect(follow).to_be_visible()
    await page.mouse.wheel(0, 20 * WHEEL_PIXELS)
    await expect(follow).to_have_count(0)


async def test_selected_text_does_not_move(new_page: NewPage, stack: Stack) -> None:
    page = await new_page(viewport=VIEWPORT)
    chat = await streaming(page, stack, 10)
    log = page.get_by_role("log")
    box = await chat.questions.last.bounding_box()
    assert box is not None
    y = box["y"] + box["height"] / 2
    await page.mouse.move(box["x"] + 1, y)
    await page.mouse.down()
    await page.mouse.move(box["x"] + box["width"] - 1, y, steps=5)
    await expect(page.get_by_role("button", name="Follow the answer")).to_be_visible()
    await assert_still(log)
    await page.mouse.up()
    assert await page.evaluate("() => getSelection().toString().length") > 0
