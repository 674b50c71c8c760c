"""The chat as a person uses it: what is seen and touched, never what it is made of."""

import secrets
from dataclasses import dataclass

from playwright.async_api import Locator, Page, expect

PASSWORD = "trombone-violet-harbour"
ANSWER_MILLISECONDS = 90_000  # a whole answer beside everything else; a second on a quiet machine


@dataclass(frozen=True)
class ChatPage:
    """One open page."""

    page: Page
    email: str

    @property
    def message(self) -> Locator:
        """Where messages are written."""
        return self.page.get_by_label("Message", exact=True)

    @property
    def answers(self) -> Locator:
        """What the agent did and said."""
        return self.page.get_by_role("article", name="Answer")

    @property
    def questions(self) -> Locator:
        """What the person said."""
        return self.page.get_by_role("article", name="You")

    @property
    def threads(self) -> Locator:
        """The rows of the list of threads."""
        return self.page.get_by_role("navigation", name="Threads").locator("[data-thread-link]")

    @property
    def connection(self) -> Locator:
        """How the connection is said to be."""
        return self.page.locator("[data-connection]")

    async def until_live(self) -> None:
        """Wait until the page says that it is connected."""
        await expect(self.connection).to_have_attribute("data-connection", "live")

    async def send(self, text: str) -> None:
        """Write a message and send it with the keyboard."""
        await self.message.fill(text)
        await self.message.press("Enter")

    async def ask(self, text: str) -> Locator:
        """Send a message, wait for the end of the answer and return it."""
        known = [await one.get_attribute("data-item") for one in await self.answers.all()]
        await self.send(text)
        # By exclusion: what scrolls out of sight leaves the document, so no index can be trusted.
        others = "".join(f":not([data-item='{item}'])" for item in known)
        found = self.page.locator(f"article[data-item]{others}").last
        await self.until_answered(found)
        return self.page.locator(f"[data-item='{await found.get_attribute('data-item')}']")

    async def until_answered(self, answer: Locator) -> None:
        """Wait until nothing of ``answer`` is missing."""
        await expect(answer).to_have_attribute("aria-busy", "false", timeout=ANSWER_MILLISECONDS)

    async def open_other_tab(self) -> "ChatPage":
        """Open the same address in a second tab of the same browser."""
        other = ChatPage(await self.page.context.new_page(), self.email)
        await other.page.goto(self.page.url)
        await other.until_live()
        return other


async def sign_up(page: Page, url: str, name: str = "Ann") -> ChatPage:
    """Create an account in the page, as a person does, and wait until the chat is live."""
    chat = ChatPage(page, f"{secrets.token_hex(8)}@example.com")
    await page.goto(url)
    await page.get_by_role("button", name="Create an account").click()
    await page.get_by_label("Email address").fill(chat.email)
    await page.get_by_label("Name", exact=True).fill(name)
    await page.get_by_label("Password").fill(PASSWORD)
    await page.get_by_role("button", name="Create account").click()
    await chat.until_live()
    return chat
