"""Images in answers: asked for by the person, fetched by the proxy, with a failure state."""

import base64

from playwright.async_api import Page, Route, expect

from test_framework.platform.model_server import say
from test_framework.platform.stack import Stack
from tests.e2e.browser.axe import violations
from tests.e2e.browser.chat_page import sign_up

# One pixel.
PNG = base64.b64decode(
    "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg=="
)
ANSWER = """Two images:

![The metadata](http://169.254.169.254/a.png)

![A chart of the week](https://charts.example/week.png)
"""


async def test_images_load_on_request_through_the_proxy(page: Page, stack: Stack) -> None:
    requested: list[str] = []
    page.on("request", lambda request: requested.append(request.url))
    chat = await sign_up(page, stack.url)
    answer = await chat.ask(say(ANSWER))
    assert not [url for url in requested if "/api/images" in url]
    assert await violations(page) == []

    # The real proxy: the address of the metadata server is refused, and stays so.
    await answer.get_by_role("button", name="Show image from 169.254.169.254").click()
    await expect(answer.get_by_text("not on the public Internet")).to_be_visible()
    await expect(answer.get_by_role("button", name="Load again")).to_be_hidden()

    await page.route("**/api/images", lambda route: route.abort())
    await answer.get_by_role("button", name="Show image from charts.example").click()
    again = answer.get_by_role("button", name="Load again")
    await expect(again).to_be_enabled()

    async def fulfil(route: Route) -> None:
        assert route.request.post_data_json == {"url": "https://charts.example/week.png"}
        await route.fulfill(body=PNG, content_type="image/png")

    await page.route("**/api/images", fulfil)  # the tests have no Internet
    await again.focus()
    await page.keyboard.press("Enter")
    image = answer.get_by_role("img", name="A chart of the week")
    await expect(image).to_be_visible()
    await expect(image).to_be_focused()  # the button that had the focus is gone
    assert await image.evaluate("image => image.naturalWidth") == 1
    assert await violations(page) == []
    assert all(url.startswith((stack.url, "data:")) for url in requested)
