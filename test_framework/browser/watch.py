"""What went wrong inside pages: uncaught errors, crashes, violations of the security policy."""

from dataclasses import dataclass, field

from playwright.async_api import ConsoleMessage, Error, Page

CONSOLE_LINES = 200  # kept for the report of a failure


@dataclass
class PageWatch:
    """Listens to every page of one test.

    Attributes:
        problems: each fails the test at its end; a test that provokes one removes it.
        console: the last lines of every console, for the report.
    """

    problems: list[str] = field(default_factory=list)
    console: list[str] = field(default_factory=list)

    def watch(self, page: Page) -> None:
        """Listen to ``page``."""
        page.on("pageerror", self._on_error)
        page.on("crash", self._on_crash)
        page.on("console", self._on_console)

    def _on_error(self, error: Error) -> None:
        self.problems.append(f"uncaught in the page: {error.stack or error.message}")

    def _on_crash(self, page: Page) -> None:
        self.problems.append(f"the page crashed: {page.url}")

    def _on_console(self, message: ConsoleMessage) -> None:
        self.console.append(f"{message.type}: {message.text}")
        del self.console[:-CONSOLE_LINES]
        # Chromium words it per directive; all of them name the policy.
        if message.type == "error" and "Content Security Policy" in message.text:
            self.problems.append(f"refused by the page's own policy: {message.text}")
