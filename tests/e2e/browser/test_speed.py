"""The budgets that users are promised, measured in a real browser through the real edge.

Other processes can only make a page slower, so each figure is the best of a few tries: three, and
more of them only while none has kept the budget.
"""

import json
from pathlib import Path
from typing import Any
from urllib.parse import quote
from uuid import UUID, uuid4

import asyncpg
from playwright.async_api import Page, expect

from netra_backend.app.db.tables import messages, threads
from test_framework.fixtures.browser import NewPage
from test_framework.platform.model_server import say
from test_framework.platform.stack import Stack
from test_framework.waiting import eventually
from tests.e2e.browser.chat_page import ChatPage, sign_up
from tests.e2e.browser.showcase import SHOWCASE

SCRIPT_KIB = 220
LARGEST_PAINT_MILLISECONDS = 1500
LAYOUT_SHIFT = 0.05
INPUT_MILLISECONDS = 100
LONG_THREAD = 5_000
PAINT_REPORTED_SECONDS = 30.0
TYPING_MILLISECONDS = 120_000  # of the whole sentence, which takes 1.2 s at its pace
MOST_ELEMENTS = 3_000  # what is in the document of a long thread, however long it is
TRIES, MOST_TRIES = 3, 12
BARE_TIMES = 10  # a page of ours against a line of text

OBSERVE = """() => {
    window.figures = {paint: 0, shift: 0, inputs: []};
    new PerformanceObserver(list => {
        for (const entry of list.getEntries()) window.figures.paint = entry.startTime;
    }).observe({type: 'largest-contentful-paint', buffered: true});
    new PerformanceObserver(list => {
        for (const entry of list.getEntries())
            if (!entry.hadRecentInput) window.figures.shift += entry.value;
    }).observe({type: 'layout-shift', buffered: true});
    new PerformanceObserver(list => {
        for (const entry of list.getEntries())
            if (entry.interactionId) window.figures.inputs.push(entry.duration);
    }).observe({type: 'event', durationThreshold: 16, buffered: true});
}"""


async def figures(page: Page) -> dict[str, Any]:
    found: dict[str, Any] = await page.evaluate("() => window.figures")
    return found


async def painted(page: Page) -> dict[str, Any]:
    """Return the figures once the browser has reported its largest paint, which it does later."""

    async def is_reported() -> bool:
        return bool((await figures(page))["paint"])

    await eventually(is_reported, within=PAINT_REPORTED_SECONDS, what="the largest paint")
    return await figures(page)


async def bare(page: Page, stack: Stack) -> float:
    """Return the milliseconds until a document of one line is painted, on the same way."""
    await page.goto(f"{stack.url}/version.json")
    found: float = (await painted(page))["paint"]
    return found


def prompt(load: dict[str, Any]) -> bool:
    """Return whether the budget was kept; where a bare line is slow, the machine is measured."""
    kept: bool = load["paint"] < max(LARGEST_PAINT_MILLISECONDS, BARE_TIMES * load["bare"])
    return kept


def enough(loads: list[dict[str, Any]]) -> bool:
    """Return whether one more load could teach anything."""
    still = any(load["shift"] < LAYOUT_SHIFT for load in loads)
    return len(loads) >= (TRIES if still and any(map(prompt, loads)) else MOST_TRIES)


async def test_the_first_load_is_small_fast_and_still(new_page: NewPage, stack: Stack) -> None:
    loads: list[dict[str, Any]] = []
    while not enough(loads):
        page = await new_page()
        await page.add_init_script(f"({OBSERVE})()")
        line = await bare(page, stack)
        await page.goto(stack.url)
        await page.get_by_role("button", name="Sign in").wait_for()
        await page.wait_for_load_state("networkidle")
        scripts = await page.evaluate(
            "() => performance.getEntriesByType('resource')"
            ".filter(one => one.initiatorType === 'script' || one.name.endsWith('.js'))"
            ".reduce((sum, one) => sum + one.encodedBodySize, 0)"
        )
        loads.append({**await painted(page), "script": scripts / 1024, "bare": line})
    keep("first-load", loads)
    assert 0 < loads[0]["script"] < SCRIPT_KIB
    assert any(map(prompt, loads))
    assert min(load["shift"] for load in loads) < LAYOUT_SHIFT


async def test_a_returning_person_sees_the_chat_fast_and_still(page: Page, stack: Stack) -> None:
    chat = await sign_up(page, stack.url)
    await chat.ask(say(SHOWCASE))
    await page.add_init_script(f"({OBSERVE})()")
    loads: list[dict[str, Any]] = []
    address = page.url
    while not enough(loads):
        line = await bare(page, stack)
        await page.goto(address)
        await expect(chat.answers).to_be_visible()
        await chat.until_live()
        loads.append({**await painted(page), "bare": line})
    keep("returning", loads)
    assert any(map(prompt, loads))
    assert min(load["shift"] for load in loads) < LAYOUT_SHIFT


async def test_typing_stays_prompt_at_500_tokens_a_second_in_a_thread_of_5000(
    page: Page, stack: Stack
) -> None:
    chat = await sign_up(page, stack.url)
    await chat.ask("words=1")
    await page.wait_for_url("**/?thread=*")
    await fill_thread(stack, UUID(page.url.rpartition("=")[2]))
    await page.reload()
    await load_everything(chat)
    idle = await typing(chat)
    best: list[float] = []
    # Where even a page at rest is slow, the machine is measured and not the page.
    bound = max(INPUT_MILLISECONDS, 3 * idle)
    while len(best) < (TRIES if min(best, default=bound) < bound else MOST_TRIES):
        await chat.send("words=2000 pace=0.002")
        await expect(page.get_by_role("button", name="Stop the answer")).to_be_visible()
        await expect(chat.answers.last).to_contain_text("word-20 ")
        best.append(await typing(chat))
        await chat.message.press("Escape")
        await expect(chat.answers.last).to_have_attribute("aria-busy", "false")
    elements = await page.evaluate("() => document.querySelectorAll('*').length")
    keep("typing", [{"p75": best, "idle": idle, "elements": elements}])
    assert min(best) < bound
    assert elements < MOST_ELEMENTS


async def typing(chat: ChatPage) -> float:
    """Type a sentence; return the p75 of key to paint in milliseconds, 0 when all were below 16."""
    await chat.page.evaluate(f"({OBSERVE})()")
    await chat.message.press_sequentially(
        "what is typed meanwhile, word by word", delay=30, timeout=TYPING_MILLISECONDS
    )
    inputs = sorted((await figures(chat.page))["inputs"])
    await chat.message.fill("")
    found: float = inputs[int(len(inputs) * 0.75)] if inputs else 0.0
    return found


async def load_everything(chat: ChatPage) -> None:
    """Scroll up until there is nothing older."""
    log = chat.page.get_by_role("log")
    await expect(chat.answers.last).to_be_visible()
    for _ in range(LONG_THREAD // 10):
        await log.press("Home")
        if await chat.page.get_by_text("message 0 ", exact=False).count():
            return
        await chat.page.wait_for_timeout(100)
    raise AssertionError("the beginning of the thread never came")


def database_url(stack: Stack) -> str:
    state = stack.state()
    password = quote(Path(state.database_password_file).read_text().strip(), safe="")
    return f"postgresql://netra:{password}@127.0.0.1:{state.parts['postgres'].port}/netra"


async def fill_thread(stack: Stack, thread_id: UUID) -> None:
    """Put ``LONG_THREAD`` older messages into a thread, as its agents would have stored them."""
    connection = await asyncpg.connect(database_url(stack))
    rows: list[tuple[Any, ...]] = []
    parent: UUID | None = None
    for number in range(LONG_THREAD):
        message, role = uuid4(), "assistant" if number % 2 else "user"
        content = f"message {number} " + "of a conversation that has lasted for a long time. " * 3
        body = json.dumps({"id": str(message), "role": role, "content": content})
        rows.append((thread_id, message, number + 1, None, role, body, content, parent))
        parent = message
    try:
        for table, column in ((messages, "position"), (threads, "next_position")):
            key = "thread_id" if table is messages else "id"
            await connection.execute(
                f"UPDATE {table.fullname} SET {column} = {column} + $1 WHERE {key} = $2",  # noqa: S608
                2 * LONG_THREAD,
                thread_id,
            )
        await connection.execute(
            f"UPDATE {messages.fullname} SET parent_id = $1"  # noqa: S608
            " WHERE thread_id = $2 AND parent_id IS NULL",
            parent,
            thread_id,
        )
        await connection.executemany(
            f"INSERT INTO {messages.fullname}"  # noqa: S608
            " (thread_id, id, position, run_id, role, body, text, parent_id)"
            " VALUES ($1, $2, $3, $4, $5, $6, $7, $8)",
            rows,
        )
    finally:
        await connection.close()


def keep(name: str, found: list[dict[str, Any]]) -> None:
    """Write the figures where CI keeps its reports."""
    folder = Path(__file__).parents[3] / "reports" / "browser"
    folder.mkdir(parents=True, exist_ok=True)
    (folder / f"speed-{name}.json").write_text(json.dumps(found, indent=1))
