"""Editing and regenerating make a branch; both versions stay, and one of them is shown."""

from playwright.async_api import Locator, Page, expect

from test_framework.platform.model_server import answer_of
from test_framework.platform.stack import Stack
from tests.e2e.browser.chat_page import ChatPage, sign_up


def versions(article: Locator) -> Locator:
    return article.get_by_role("group", name="Versions")


async def edit(chat: ChatPage, question: Locator, text: str) -> None:
    await question.hover()
    await question.get_by_role("button", name="Edit and send again").click()
    await chat.message.fill(text)
    await chat.message.press("Enter")


async def test_an_edit_replaces_the_question_and_keeps_the_former_version(
    page: Page, stack: Stack
) -> None:
    chat = await sign_up(page, stack.url)
    await chat.ask("words=1")
    await chat.ask("words=2 former")
    await edit(chat, chat.questions.nth(1), "words=3 edited")
    await expect(chat.answers.nth(1)).to_contain_text(answer_of(3).strip())
    await expect(chat.questions).to_have_text(["words=1", "words=3 edited2/2"])
    await page.reload()
    await chat.until_live()
    await expect(chat.questions).to_have_text(["words=1", "words=3 edited2/2"])
    await chat.questions.nth(1).get_by_role("button", name="Previous version").click()
    await expect(chat.questions).to_have_text(["words=1", "words=2 former1/2"])
    await expect(chat.answers.nth(1)).to_contain_text(answer_of(2).strip())
    other = await chat.open_other_tab()
    await expect(other.questions).to_have_text(["words=1", "words=2 former1/2"])


async def test_the_first_message_is_edited_too(page: Page, stack: Stack) -> None:
    chat = await sign_up(page, stack.url)
    await chat.ask("words=1")
    await chat.ask("words=2")
    await edit(chat, chat.questions.first, "words=4")
    await expect(chat.answers.first).to_contain_text(answer_of(4).strip())
    await expect(chat.questions).to_have_text(["words=42/2"])


async def test_an_answer_is_given_again_in_place_and_a_version_is_deleted(
    page: Page, stack: Stack
) -> None:
    page.on("dialog", lambda dialog: dialog.accept())
    chat = await sign_up(page, stack.url)
    await chat.ask("words=2")
    await page.get_by_role("button", name="Try again").click()
    answer = chat.answers.first
    await expect(versions(answer)).to_contain_text("2/2")
    await expect(chat.questions).to_have_count(1)
    await expect(chat.answers).to_have_count(1)
    await versions(answer).get_by_role("button", name="Delete this version").click()
    await expect(versions(answer)).to_have_count(0)
    await page.reload()
    await chat.until_live()
    await expect(chat.answers).to_have_count(1)
    await expect(versions(answer)).to_have_count(0)


async def test_another_tab_shows_the_branch_while_it_streams(page: Page, stack: Stack) -> None:
    chat = await sign_up(page, stack.url)
    await chat.ask("words=1")
    other = await chat.open_other_tab()
    await edit(chat, chat.questions.first, "words=60 pace=0.05")
    for tab in (chat, other):
        await expect(tab.answers.first).to_contain_text("word-10 ")
        await tab.until_answered(tab.answers.first)
        await expect(tab.questions).to_have_text(["words=60 pace=0.052/2"])
        await expect(tab.answers).to_have_count(1)


async def test_an_edit_that_is_cancelled_changes_nothing(page: Page, stack: Stack) -> None:
    chat = await sign_up(page, stack.url)
    await chat.ask("words=1")
    await chat.questions.first.hover()
    await chat.questions.first.get_by_role("button", name="Edit and send again").click()
    await page.get_by_role("button", name="Cancel").click()
    await expect(chat.message).to_have_value("")
    await chat.ask("words=2")
    await expect(chat.questions).to_have_text(["words=1", "words=2"])
