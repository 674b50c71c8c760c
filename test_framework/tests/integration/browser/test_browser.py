"""The browser fixtures, used as a test of the frontend would use them."""

from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Thread

import pytest
from playwright.async_api import Page, expect

from test_framework.browser.watch import PageWatch
from test_framework.fixtures.browser import NewPage

PAGE = b"""<!doctype html><title>Counter</title>
<button onclick="this.textContent = Number(this.textContent) + 1">0</button>"""


class _Handler(BaseHTTPRequestHandler):
    def do_GET(self) -> None:
        self.send_response(200)
        self.send_header("content-type", "text/html")
        self.send_header("content-length", str(len(PAGE)))
        if self.path == "/strict":
            self.send_header("content-security-policy", "script-src 'none'")
        self.end_headers()
        self.wfile.write(PAGE)

    def log_message(self, *_arguments: object) -> None:
        """Keep the test's output clean."""


@pytest.fixture
def site() -> Iterator[str]:
    server = ThreadingHTTPServer(("127.0.0.1", 0), _Handler)
    thread = Thread(target=server.serve_forever)
    thread.start()
    yield f"http://127.0.0.1:{server.server_port}"
    server.shutdown()
    server.server_close()
    thread.join()


async def test_a_page_runs_its_script(page: Page, site: str) -> None:
    await page.goto(site)
    await page.get_by_role("button").click()
    await expect(page.get_by_role("button")).to_have_text("1")


async def test_two_devices_share_nothing(new_page: NewPage, site: str) -> None:
    phone = await new_page(base_url=site, viewport={"width": 390, "height": 844})
    laptop = await new_page(base_url=site)
    for device in (phone, laptop):
        await device.goto("/")
    await phone.evaluate("localStorage.setItem('token', 'secret')")
    assert await phone.evaluate("localStorage.getItem('token')") == "secret"
    assert await laptop.evaluate("localStorage.getItem('token')") is None
    assert await phone.evaluate("innerWidth") == 390


async def test_what_a_page_does_not_catch_is_noticed(
    page: Page, site: str, page_watch: PageWatch
) -> None:
    await page.goto(site)
    async with page.expect_event("pageerror"):
        await page.evaluate("setTimeout(() => { throw new Error('unforeseen') })")
    assert [problem.partition("\n")[0] for problem in page_watch.problems] == [
        "uncaught in the page: Error: unforeseen"
    ]
    page_watch.problems.clear()


async def test_a_violation_of_the_pages_policy_is_noticed(
    page: Page, site: str, page_watch: PageWatch
) -> None:
    async with page.expect_console_message(lambda said: said.type == "error"):
        await page.goto(f"{site}/strict")
        await page.get_by_role("button").click()
    assert any("refused by the page's own policy" in said for said in page_watch.problems)
    page_watch.problems.clear()
