"""The golden path and what surrounds it, in a real browser."""

import re

from playwright.async_api import Page, Route, expect

from test_framework.platform.model_server import answer_of
from test_framework.platform.stack import Stack
from tests.e2e.browser.chat_page import PASSWORD, ChatPage, sign_up


async def test_from_sign_up_to_the_answer_and_back_after_a_reload(page: Page, stack: Stack) -> None:
    chat = await sign_up(page, stack.url)
    answer = await chat.ask("tool=4413 words=3")
    await expect(answer).to_contain_text(answer_of(3).strip())
    await answer.get_by_text("explain_code").click()
    await expect(answer).to_contain_text("slow_consumer")
    await page.reload()
    await chat.until_live()
    await expect(chat.questions).to_have_text(["tool=4413 words=3"])
    await expect(chat.answers).to_contain_text(answer_of(3).strip())
    await expect(chat.answers).to_contain_text("explain_code")


async def test_a_reload_in_the_middle_of_an_answer_loses_nothing(page: Page, stack: Stack) -> None:
    chat = await sign_up(page, stack.url)
    await chat.send("words=80 pace=0.03")
    await expect(chat.answers).to_contain_text("word-5 ")
    await page.reload()
    await chat.until_answered(chat.answers)
    await expect(chat.answers).to_have_text(re.compile(re.escape(answer_of(80).strip())))
    await expect(chat.questions).to_have_count(1)


async def test_what_was_written_is_kept_until_it_is_sent(page: Page, stack: Stack) -> None:
    chat = await sign_up(page, stack.url)
    await chat.message.fill("half a thought")
    await page.reload()
    await expect(chat.message).to_have_value("half a thought")
    await chat.until_live()
    await chat.ask("words=1")
    await expect(chat.message).to_have_value("")
    await page.reload()
    await chat.until_live()
    await expect(chat.message).to_have_value("")


async def test_stopping_retrying_and_editing(page: Page, stack: Stack) -> None:
    chat = await sign_up(page, stack.url)
    await chat.send("words=900 pace=0.05")
    await expect(chat.answers).to_contain_text("word-2 ")
    await page.get_by_role("button", name="Stop the answer").click()
    await expect(chat.answers).to_contain_text("Stopped.")
    await chat.message.press("ArrowUp")
    await expect(chat.message).to_have_value("words=900 pace=0.05")
    await chat.message.fill("")
    await page.get_by_role("button", name="Try again").click()
    await expect(page.get_by_role("button", name="Stop the answer")).to_be_enabled()
    await expect(chat.answers).to_contain_text("word-2 ")
    await page.get_by_role("log").press("Escape")  # wherever the focus is
    await expect(chat.answers).to_contain_text("Stopped.")
    await expect(chat.message).to_be_focused()
    await expect(chat.questions).to_have_count(1)
    await expect(chat.answers).to_have_count(1)
    await chat.questions.first.hover()
    await chat.questions.first.get_by_role("button", name="Edit and send again").click()
    await expect(chat.message).to_have_value("words=900 pace=0.05")


async def test_a_message_written_during_an_answer_waits_or_interrupts(
    page: Page, stack: Stack
) -> None:
    chat = await sign_up(page, stack.url)
    await chat.send("words=900 pace=0.05")
    await expect(chat.answers).to_contain_text("word-2 ")
    await chat.send("words=2")
    await expect(page.get_by_text("Sent when the present answer is done")).to_be_visible()
    await page.get_by_role("button", name="Interrupt and send").click()
    await expect(chat.answers.nth(1)).to_contain_text(answer_of(2).strip())
    await expect(chat.answers.nth(0)).to_contain_text("Stopped.")
    await expect(chat.questions).to_have_count(2)


async def test_threads_are_found_renamed_deleted_and_brought_back(page: Page, stack: Stack) -> None:
    chat = await sign_up(page, stack.url)
    await chat.ask("words=1 about apples")
    await page.get_by_role("button", name="New thread").click()
    await chat.ask("words=1 about pears")
    await expect(chat.threads).to_have_count(2)
    await chat.threads.first.press("F2")
    await page.get_by_label("Title of the thread").fill("Fruit")
    await page.get_by_label("Title of the thread").press("Enter")
    await expect(chat.threads.first).to_have_text("Fruit")
    await expect(page.get_by_role("heading", name="Fruit")).to_be_visible()
    await page.keyboard.press("Control+k")
    await page.keyboard.type("apples")
    await expect(chat.threads).to_have_count(1)
    await page.keyboard.press("Escape")
    await expect(chat.threads).to_have_count(2)
    await chat.threads.first.press("Delete")
    await expect(chat.threads).to_have_count(1)
    await page.get_by_role("button", name="Undo").click()
    await expect(chat.threads).to_have_count(2)


async def test_keys_never_lose_their_place(page: Page, stack: Stack) -> None:
    chat = await sign_up(page, stack.url)
    await expect(chat.message).to_be_focused()
    await chat.ask("words=1 about apples")
    await page.keyboard.press("Alt+n")
    await expect(chat.message).to_be_focused()
    await chat.ask("words=1 about pears")
    await expect(chat.threads).to_have_count(2)
    await chat.threads.last.press("F2")
    await page.keyboard.press("Enter")
    await expect(chat.threads.last).to_be_focused()
    await page.keyboard.press("Delete")
    await expect(chat.threads).to_have_count(1)
    await expect(chat.threads.first).to_be_focused()
    await page.set_viewport_size({"width": 640, "height": 450})  # a wide window at 200 %
    await page.keyboard.press("Control+k")
    await page.keyboard.type("nothing like this")
    await expect(page.get_by_text("No thread has these words.")).to_be_visible()
    await expect(page.get_by_role("heading", level=1)).to_have_text("words=1 about pears")
    await page.keyboard.press("Escape")
    await expect(page.get_by_role("button", name="Threads")).to_be_focused()


async def test_a_thread_that_could_not_be_loaded_appears_by_itself(
    page: Page, stack: Stack
) -> None:
    chat = await sign_up(page, stack.url)
    await chat.ask("words=1 about apples")
    unavailable = {"code": "database_unavailable", "title": "Database unavailable", "status": 503}

    async def refuse(route: Route) -> None:
        await route.fulfill(status=503, json=unavailable, content_type="application/problem+json")

    await page.route("**/messages?*", refuse)
    await page.reload()
    await expect(page.get_by_text("The messages cannot be loaded.")).to_be_visible()
    await page.unroute("**/messages?*", refuse)
    await expect(chat.answers).to_contain_text("word-0")
    await expect(page.get_by_text("The messages cannot be loaded.")).to_be_hidden()


async def test_a_search_survives_a_window_that_becomes_narrow(page: Page, stack: Stack) -> None:
    await sign_up(page, stack.url)
    await page.keyboard.press("Control+k")
    await page.keyboard.type("noth")
    await page.set_viewport_size({"width": 640, "height": 450})
    search = page.get_by_label("Search threads")
    await expect(page.locator("main[inert]")).to_be_attached()
    await expect(search).to_be_focused()
    await page.keyboard.type("ing")
    await expect(search).to_have_value("nothing")
    await expect(search).to_be_visible()
    await page.set_viewport_size({"width": 1200, "height": 800})
    await expect(page.locator("main[inert]")).to_be_hidden()
    await expect(search).to_be_focused()


async def test_signing_out_reaches_every_tab_and_signing_in_brings_the_threads_back(
    page: Page, stack: Stack
) -> None:
    chat = await sign_up(page, stack.url)
    await chat.ask("words=1 remember me")
    other = await chat.open_other_tab()
    await page.get_by_role("button", name="Sign out").click()
    for tab in (page, other.page):
        await expect(tab.get_by_text("You are signed out.")).to_be_visible()
    await page.reload()
    await page.get_by_label("Email address").fill(chat.email)
    await page.get_by_label("Password").fill("not the password at all")
    await page.get_by_role("button", name="Sign in").click()
    await expect(page.get_by_role("alert").first).to_contain_text(
        re.compile("wrong", re.IGNORECASE)
    )
    await page.get_by_label("Password").fill(PASSWORD)
    await page.get_by_role("button", name="Sign in").click()
    await chat.until_live()
    await expect(chat.questions).to_have_text(["words=1 remember me"])
    await other.until_live()


async def test_a_sign_out_that_the_server_did_not_hear_is_reported_by_the_next_page(
    page: Page, stack: Stack
) -> None:
    await sign_up(page, stack.url)
    await page.context.set_offline(True)
    await page.get_by_role("button", name="Sign out").click()
    await expect(page.get_by_text("You are signed out.")).to_be_visible()
    await page.context.set_offline(False)
    async with page.expect_response("**/api/auth/browser/logout"):
        await page.reload()
    await expect(page.get_by_text("You are signed out.")).to_be_visible()
    assert "netra_session" not in {cookie["name"] for cookie in await page.context.cookies()}


async def test_two_tabs_show_one_conversation(page: Page, stack: Stack) -> None:
    chat = await sign_up(page, stack.url)
    await chat.ask("words=1")
    other = await chat.open_other_tab()
    await chat.send("words=40 pace=0.03")
    for tab in (chat, other):
        await tab.until_answered(tab.answers.nth(1))
        await expect(tab.answers.nth(1)).to_contain_text(answer_of(40).strip())
        await expect(tab.questions).to_have_text(["words=1", "words=40 pace=0.03"])


async def test_a_message_written_offline_is_sent_once_when_the_network_is_back(
    page: Page, stack: Stack
) -> None:
    chat = await sign_up(page, stack.url)
    await chat.ask("words=1")
    await page.context.set_offline(True)
    await expect(chat.connection).to_have_attribute("data-connection", "offline")
    await chat.send("words=2 from the train")
    await expect(page.get_by_text("Waiting for connection")).to_be_visible()
    await page.context.set_offline(False)
    await chat.until_answered(chat.answers.nth(1))
    await expect(chat.questions).to_have_text(["words=1", "words=2 from the train"])
    await page.reload()
    await chat.until_live()
    await expect(chat.questions).to_have_count(2)


async def test_a_page_of_nowhere_leads_back(page: Page, stack: Stack) -> None:
    answer = await page.goto(f"{stack.url}/no/such/page")
    assert answer is not None
    assert answer.status == 404
    await page.get_by_role("link", name="Back to the chat").click()
    await expect(page.get_by_role("button", name="Sign in")).to_be_visible()


async def test_a_thread_of_someone_else_does_not_exist(page: Page, stack: Stack) -> None:
    chat: ChatPage = await sign_up(page, stack.url)
    await page.goto(f"{stack.url}/threads/0190a7b2-1111-4222-8333-444455556666")
    await expect(page.get_by_role("heading", name="This thread does not exist")).to_be_visible()
    await chat.until_live()
