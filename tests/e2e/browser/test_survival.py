"""What happens to people while they wait: tunnels, sleep, crashes, other tabs, other devices."""

import re
import signal
from datetime import UTC, datetime, timedelta

import httpx
from playwright.async_api import Page, Response, expect

from test_framework.platform.model_server import answer_of
from test_framework.platform.stack import Stack
from tests.e2e.browser.chat_page import PASSWORD, sign_up

TOKEN_LIFE = timedelta(minutes=15)
REQUEST_SECONDS = 30.0  # httpx grants 5 s; signing in computes, beside everything else
TAKEN_OVER_MILLISECONDS = 90_000  # the restart, and the lease of the instance that is gone


async def test_an_answer_outlives_a_tunnel(page: Page, stack: Stack) -> None:
    chat = await sign_up(page, stack.url)
    await chat.send("words=120 pace=0.03")
    await expect(chat.answers).to_contain_text("word-5 ")
    await page.context.set_offline(True)
    await expect(chat.connection).to_have_attribute("data-connection", "offline")
    await page.wait_for_timeout(1_000)  # of the answer, which continues without the page
    await page.context.set_offline(False)
    await chat.until_answered(chat.answers)
    await expect(chat.answers).to_have_text(re.compile(re.escape(answer_of(120).strip())))


async def test_an_answer_outlives_the_instance_that_gave_it(page: Page, stack: Stack) -> None:
    chat = await sign_up(page, stack.url)
    await chat.send("words=150 pace=0.03")
    await expect(chat.answers).to_contain_text("word-5 ")
    stack.send_to_backend(signal.SIGKILL)
    await expect(chat.answers).to_have_attribute(
        "aria-busy", "false", timeout=TAKEN_OVER_MILLISECONDS
    )
    await expect(chat.answers).to_have_text(re.compile(re.escape(answer_of(150).strip())))
    await expect(chat.questions).to_have_count(1)
    await chat.until_live()
    await expect(await chat.ask("words=2")).to_contain_text(answer_of(2).strip())


async def test_another_tab_stops_the_answer(page: Page, stack: Stack) -> None:
    chat = await sign_up(page, stack.url)
    await chat.ask("words=1")
    other = await chat.open_other_tab()
    await chat.send("words=900 pace=0.05")
    await expect(other.answers.last).to_contain_text("word-3 ")
    await other.page.get_by_role("button", name="Stop the answer").click()
    for tab in (chat, other):
        await expect(tab.answers.last).to_contain_text("Stopped.")


async def test_a_machine_that_slept_past_its_token_continues_by_itself(
    page: Page, stack: Stack
) -> None:
    refreshes: list[int] = []

    def note(response: Response) -> None:
        if response.url.endswith("/api/auth/browser/refresh"):
            refreshes.append(response.status)

    chat = await sign_up(page, stack.url)
    await chat.ask("words=1")
    await chat.message.fill("before sleep")
    page.on("response", note)
    await page.context.set_offline(True)
    await expect(chat.connection).to_have_attribute("data-connection", "offline")
    # Timers stand still while a machine sleeps; only its clock has moved when it wakes.
    await page.clock.set_fixed_time(datetime.now(UTC) + 3 * TOKEN_LIFE)
    await page.context.set_offline(False)
    await chat.until_live()
    assert refreshes == [200], "the token was renewed, once"
    await expect(chat.message).to_have_value("before sleep")
    await chat.message.press("Enter")
    await expect(chat.questions.last).to_have_text("before sleep")


async def test_signed_out_from_another_device_the_page_says_so_and_keeps_the_draft(
    page: Page, stack: Stack
) -> None:
    chat = await sign_up(page, stack.url)
    await chat.ask("words=1")
    await chat.message.fill("unsent")
    async with httpx.AsyncClient(base_url=stack.url, timeout=REQUEST_SECONDS) as device:
        login = {"email": chat.email, "password": PASSWORD}
        token = (await device.post("/api/auth/login", json=login)).json()["access_token"]
        bearer = {"Authorization": f"Bearer {token}"}
        found = (await device.get("/api/auth/sessions", headers=bearer)).json()["sessions"]
        (browser,) = [session["id"] for session in found if not session["current"]]
        await device.delete(f"/api/auth/sessions/{browser}", headers=bearer)
    await expect(page.get_by_text("Your session has ended.")).to_be_visible()
    await page.get_by_label("Email address").fill(chat.email)
    await page.get_by_label("Password").fill(PASSWORD)
    await page.get_by_role("button", name="Sign in").click()
    await chat.until_live()
    await expect(chat.message).to_have_value("unsent")
    await expect(chat.questions).to_have_count(1)
