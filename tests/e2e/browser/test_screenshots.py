"""Every state at three widths in both themes, kept in ``reports/browser/screens`` to be looked at.

What a picture cannot show is asserted: nothing is cut off at the side, on any of them.
"""

import pytest
from playwright.async_api import Page, expect

from netra_ops.stack.paths import project_root
from test_framework.fixtures.browser import NewPage
from test_framework.platform.model_server import say
from test_framework.platform.stack import Stack
from tests.e2e.browser.chat_page import sign_up
from tests.e2e.browser.operators import grant_operator
from tests.e2e.browser.showcase import SHOWCASE

FOLDER = project_root() / "reports" / "browser" / "screens"
WIDTHS = {"phone": (375, 740), "tablet": (820, 1100), "wide": (1440, 900)}


class Camera:
    """Takes one state at every width."""

    def __init__(self, page: Page, theme: str) -> None:
        self._page = page
        self._theme = theme

    async def take(self, state: str) -> None:
        for width, (x, y) in WIDTHS.items():
            await self._page.set_viewport_size({"width": x, "height": y})
            too_wide = await self._page.evaluate(
                "() => document.documentElement.scrollWidth - innerWidth"
            )
            assert too_wide <= 0, f"{state} is {too_wide} px too wide on a {width}"
            await self._page.screenshot(path=FOLDER / f"{state}-{width}-{self._theme}.png")


@pytest.mark.parametrize("theme", ["light", "dark"])
async def test_every_state_is_pictured(new_page: NewPage, stack: Stack, theme: str) -> None:
    page = await new_page(color_scheme=theme, reduced_motion="reduce")
    camera = Camera(page, theme)
    await page.goto(stack.url)
    await page.get_by_role("button", name="Sign in").wait_for()
    await camera.take("sign-in")
    await page.get_by_label("Email address").fill("nobody@example.com")
    await page.get_by_label("Password").fill("wrong wrong wrong")
    await page.get_by_role("button", name="Sign in").click()
    await expect(page.get_by_role("alert").first).to_contain_text("password")
    await camera.take("sign-in-refused")
    chat = await sign_up(page, stack.url)
    await camera.take("new-thread")
    await chat.ask("tool=4413 words=4")
    await chat.ask(say(SHOWCASE))
    await camera.take("answers")
    await page.get_by_role("button", name="New thread").first.click()
    # Slow, so that nothing moves under a click, and for longer than it is looked at.
    await chat.send("tool=1006 words=400 pace=0.5")
    await expect(chat.answers).to_contain_text("word-2 ")
    await chat.answers.get_by_text("explain_code").click()
    await chat.send("words=2 and one more thing")
    await expect(page.get_by_text("Sent when the present answer is done")).to_be_visible()
    await camera.take("streaming")
    await page.context.set_offline(True)
    await expect(chat.connection).to_have_attribute("data-connection", "offline")
    await camera.take("offline")
    await page.context.set_offline(False)
    await chat.until_live()
    await page.get_by_role("button", name="Stop the answer").click()
    await page.set_viewport_size({"width": 375, "height": 740})
    await page.get_by_role("button", name="Threads").click()
    await page.screenshot(path=FOLDER / f"list-phone-{theme}.png")
    await page.keyboard.press("Escape")
    await page.set_viewport_size({"width": 1440, "height": 900})
    await grant_operator(stack, chat.email)
    await page.reload()
    await chat.until_live()
    await page.get_by_role("button", name="New thread").first.click()
    await chat.send("stop=60 words=3")
    await expect(page.get_by_test_id("approval")).to_be_visible()
    await camera.take("approval")
    await page.get_by_label("What the agent should know").fill("Those runs are mine.")
    await page.get_by_role("button", name="Decline").click()
    await expect(page.get_by_test_id("decisions")).to_be_visible()
    await chat.until_answered(chat.answers.last)
    await camera.take("approval-recorded")
    await page.set_viewport_size({"width": 1440, "height": 900})
    await page.get_by_role("button", name="Keyboard shortcuts").click()
    await page.screenshot(path=FOLDER / f"keys-wide-{theme}.png")
