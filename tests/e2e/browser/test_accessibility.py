"""WCAG 2.2 AA by axe-core, on every page and state, in both themes; and what axe cannot see."""

import pytest
from playwright.async_api import Page, expect

from test_framework.fixtures.browser import NewPage
from test_framework.platform.model_server import say
from test_framework.platform.stack import Stack
from tests.e2e.browser.axe import violations
from tests.e2e.browser.chat_page import sign_up
from tests.e2e.browser.showcase import SHOWCASE

# What a screen reader gets to read: every text that the announcer ever had.
LISTEN = """() => {
    window.heard = [];
    const hear = () => {
        const said = document.querySelector('[data-testid=announcer]')?.textContent;
        if (said && said !== window.heard.at(-1)) window.heard.push(said);
    };
    new MutationObserver(hear).observe(document.body, {
        childList: true, characterData: true, subtree: true,
    });
}"""


@pytest.mark.parametrize("theme", ["light", "dark"])
async def test_every_state_of_the_chat(new_page: NewPage, stack: Stack, theme: str) -> None:
    page = await new_page(color_scheme=theme, reduced_motion="reduce")
    await page.goto(stack.url)
    await page.get_by_role("button", name="Sign in").wait_for()
    assert await violations(page) == []
    chat = await sign_up(page, stack.url)
    assert await violations(page) == []
    await chat.ask(say(SHOWCASE))
    answer = await chat.ask("tool=4413 words=2")
    await answer.get_by_text("explain_code").click()
    assert await violations(page) == []
    await page.get_by_role("button", name="Keyboard shortcuts").click()
    assert await violations(page) == []
    await page.get_by_role("button", name="Close", exact=True).click()
    await page.set_viewport_size({"width": 375, "height": 740})
    await page.get_by_role("button", name="Threads").click()
    assert await violations(page) == []
    await page.goto(f"{stack.url}/no/such/page")
    assert await violations(page) == []


async def test_everything_is_reached_by_keyboard(page: Page, stack: Stack) -> None:
    chat = await sign_up(page, stack.url)
    await chat.ask("tool=4413 words=2")
    await page.evaluate("() => document.activeElement.blur()")
    seen: list[str] = []
    for _ in range(30):
        await page.keyboard.press("Tab")
        seen.append(
            await page.evaluate(
                "() => { const e = document.activeElement; return "
                "e.getAttribute('aria-label') || e.id || e.textContent.trim().slice(0, 40) }"
            )
        )
    for name in ("To the message box", "New thread", "thread-search", "Sign out", "message"):
        assert name in seen, seen
    assert any("explain_code" in name for name in seen)


async def test_a_streaming_answer_is_announced_in_sentences(page: Page, stack: Stack) -> None:
    chat = await sign_up(page, stack.url)
    announcer = page.get_by_test_id("announcer")
    await page.evaluate(LISTEN)  # one announcement takes the place of the one before
    sentences = ("The first sentence is here.", "The second one follows it.")
    await chat.send(say(" ".join(sentences)) + " pace=0.3")
    await expect(announcer).to_contain_text("The answer is complete.")
    heard: list[str] = await page.evaluate("() => window.heard")
    assert " ".join(heard) == " ".join(
        ("The agent is answering.", *sentences, "The answer is complete.")
    )
    assert all(words.endswith(".") for words in heard), heard


async def test_motion_is_calm_for_those_who_ask_for_it(new_page: NewPage, stack: Stack) -> None:
    page = await new_page(reduced_motion="reduce")
    chat = await sign_up(page, stack.url)
    await chat.send("words=200 pace=0.05")
    await expect(chat.answers).to_contain_text("word-2 ")
    longest = await page.evaluate(
        "() => Math.max(0, ...document.getAnimations()"
        ".map(one => one.effect.getComputedTiming().endTime))"
    )
    assert longest <= 1
