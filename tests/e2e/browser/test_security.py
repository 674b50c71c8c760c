"""The page runs its own scripts only, for any text of an agent or a person."""

import re
from urllib.parse import urlsplit

from playwright.async_api import Locator, Page, Request, expect

from test_framework.platform.model_server import say
from test_framework.platform.stack import Stack
from tests.e2e.browser.chat_page import sign_up
from tests.e2e.browser.xss_corpus import HTML, MARKDOWN

ACTIVE = "script, iframe, object, embed, img, svg:not([aria-hidden]), form, style, link, base, meta"
INSPECT = f"""root => ({{
    pwned: window.pwned,
    active: [...root.querySelectorAll({ACTIVE!r})].map(e => e.outerHTML.slice(0, 200)),
    handlers: [...root.querySelectorAll('*')].flatMap(
        e => [...e.attributes].filter(a => a.name.startsWith('on') || a.name === 'style')
            .map(a => a.name + '=' + a.value)),
    links: [...root.querySelectorAll('a')].map(a => [a.getAttribute('href'), a.rel, a.target]),
}})"""


async def assert_harmless(where: Locator) -> None:
    found = await where.evaluate(INSPECT)
    assert found["pwned"] is None
    assert found["active"] == []
    assert found["handlers"] == []
    for href, relation, target in found["links"]:
        assert urlsplit(href).scheme in {"http", "https", "mailto"}, href
        assert "@" not in urlsplit(href).netloc
        assert {"noopener", "noreferrer"} <= set(relation.split())
        assert target == "_blank"


async def test_the_corpus_in_answers_stays_text(page: Page, stack: Stack) -> None:
    dialogs: list[str] = []
    page.on("dialog", lambda dialog: dialogs.append(dialog.message))
    elsewhere: list[str] = []
    page.on("request", lambda request: note_foreign(request, stack, elsewhere))
    chat = await sign_up(page, stack.url)
    for payloads in (HTML, MARKDOWN):
        answer = await chat.ask(say("\n\n".join(payloads)))
        await assert_harmless(answer)
        for word in ("onerror=window.pwned=1", "evil.example"):
            await expect(answer).to_contain_text(word)
        for link in await answer.get_by_text("click", exact=True).all():
            await link.hover()
    assert dialogs == []
    assert elsewhere == []
    assert page.url.startswith(stack.url)


def note_foreign(request: Request, stack: Stack, elsewhere: list[str]) -> None:
    if urlsplit(request.url).netloc not in {urlsplit(stack.url).netloc, ""}:
        elsewhere.append(request.url)


async def test_the_corpus_in_questions_titles_and_tool_results_stays_text(
    page: Page, stack: Stack
) -> None:
    chat = await sign_up(page, stack.url, name="<img src=x onerror=window.pwned=1>")
    await chat.ask("words=1 " + " ".join(HTML))
    answer = await chat.ask("words=1 tool=<img/src=x/onerror=window.pwned=1>")
    await answer.get_by_text("explain_code").click()
    for article in await page.get_by_role("article").all():
        await assert_harmless(article)
    found = await page.locator("body").evaluate("() => window.pwned")
    assert found is None
    await expect(chat.threads.first).to_contain_text("<script>")


async def test_each_payload_alone_is_harmless_while_it_streams(page: Page, stack: Stack) -> None:
    chat = await sign_up(page, stack.url)
    for payload in (MARKDOWN[0], MARKDOWN[17], HTML[5]):
        await assert_harmless(await chat.ask(say(payload) + " pace=0.02"))


async def test_no_script_can_read_a_refresh_token_and_no_storage_holds_any(
    page: Page, stack: Stack
) -> None:
    await sign_up(page, stack.url)
    cookies = {cookie["name"]: cookie for cookie in await page.context.cookies()}
    refresh = cookies["netra_refresh"]
    assert refresh["httpOnly"]
    assert refresh["sameSite"] == "Strict"
    assert refresh["path"] == "/api/auth/browser"
    readable = await page.evaluate(
        "() => document.cookie + JSON.stringify([{...localStorage}, {...sessionStorage}])"
    )
    assert refresh["value"] not in readable
    assert not re.search(r"eyJ[\w-]+\.", readable), "a token in storage"
    assert "netra_session=" in readable


async def test_the_policy_stops_what_the_markup_would_let_through(page: Page, stack: Stack) -> None:
    response = await page.goto(stack.url)
    assert response is not None
    policy = response.headers["content-security-policy"]
    assert "unsafe" not in policy
    for rule in ("default-src 'none'", "frame-ancestors 'none'", "base-uri 'none'"):
        assert rule in policy
    refused = await page.evaluate(
        """() => {
            const box = document.createElement('div');
            try { box.innerHTML = '<img src=x onerror=window.pwned=1>'; return 'allowed'; }
            catch (error) { return error.name; }
        }"""
    )
    assert refused == "TypeError"  # Trusted Types: no string becomes markup
