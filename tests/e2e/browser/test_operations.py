"""The operations page: who may see it, what it shows, and what it shows without Valkey."""

import re
import signal
from uuid import uuid4

import pytest
from playwright.async_api import Page, expect

from netra_backend.tests.unit.operations.test_monitoring import ALERTS, RELEASES, VALIDATION
from netra_client.errors import NetraClientError
from test_framework.faults.processes import signal_family
from test_framework.fixtures.browser import NewPage
from test_framework.platform.people import Person
from test_framework.platform.stack import Stack
from tests.e2e.browser.axe import violations
from tests.e2e.browser.chat_page import sign_up
from tests.e2e.browser.operators import grant_operator, report
from tests.e2e.browser.test_screenshots import Camera

# Valkey's check takes 3 attempts of 5 s at most, and the view 2 s more; a killed instance is shown
# for the 10 s of its lease; two busy cores besides.
OUTAGE_MILLISECONDS = 45_000


async def open_as_operator(page: Page, stack: Stack) -> None:
    """Sign up, be granted the role, and open the page with a token that has it."""
    chat = await sign_up(page, stack.url)
    await grant_operator(stack, chat.email)
    await page.goto(f"{stack.url}/ops")
    await expect(page.get_by_role("heading", name="Readiness")).to_be_visible()


async def test_who_is_no_operator_learns_how_to_become_one(page: Page, stack: Stack) -> None:
    chat = await sign_up(page, stack.url)
    await page.goto(f"{stack.url}/ops")
    await expect(page.get_by_role("heading", name="For operators")).to_be_visible()
    await expect(page.get_by_text(f"netra users grant {chat.email} operator")).to_be_visible()
    await page.get_by_role("link", name="Back to the chat").click()
    await chat.until_live()


async def test_sockets_that_come_and_go_are_seen(page: Page, stack: Stack, person: Person) -> None:
    await open_as_operator(page, stack)
    await expect(page.locator("dl")).to_contain_text("1 of 1", timeout=OUTAGE_MILLISECONDS)
    open_sockets = page.locator("dl > div", has_text="Open sockets").locator("dd")
    # This page's own, once those before are gone.
    await expect(open_sockets).to_have_text("1", timeout=OUTAGE_MILLISECONDS)
    async with person.client(stack.url):
        await expect(open_sockets).to_have_text("2")
    await expect(open_sockets).to_have_text("1")
    closes = page.get_by_role("region", name="Connections")
    await expect(closes.get_by_text("1000 normal")).to_be_visible()
    await expect(page.locator("dl > div", has_text="Late imports").locator("dd")).to_have_text("0")


async def test_a_valkey_outage_is_reported_and_over_when_it_is_over(
    page: Page, stack: Stack
) -> None:
    await open_as_operator(page, stack)
    lane = page.get_by_role("region", name="Readiness").get_by_role("listitem").first
    await expect(lane).to_contain_text("ready")
    valkey = stack.state().parts["valkey"].pid
    signal_family(valkey, signal.SIGSTOP)
    try:
        notice = page.get_by_text("Valkey does not answer")
        await expect(notice).to_be_visible(timeout=OUTAGE_MILLISECONDS)
        await expect(lane).to_contain_text("degraded", timeout=OUTAGE_MILLISECONDS)
        await expect(lane).to_contain_text("redis: ")
        await expect(page.locator("[data-connection]")).to_have_attribute("data-connection", "live")
    finally:
        signal_family(valkey, signal.SIGCONT)
    await expect(notice).to_be_hidden(timeout=OUTAGE_MILLISECONDS)
    history = re.compile("degraded from .*ready from")
    await expect(lane.get_by_role("img")).to_have_attribute(
        "aria-label", history, timeout=OUTAGE_MILLISECONDS
    )


async def test_alerts_burn_and_the_last_validation_are_shown(page: Page, stack: Stack) -> None:
    await open_as_operator(page, stack)
    alerts = page.get_by_role("region", name="Alerts and error budgets")
    validation = page.get_by_role("region", name="Last validation")
    await expect(alerts.get_by_text("No health monitor has reported yet")).to_be_visible()
    await expect(validation.get_by_text("Nothing has been validated yet")).to_be_visible()
    await report(stack, ALERTS)
    await report(stack, VALIDATION)
    await expect(alerts.get_by_role("region", name="Open alerts")).to_contain_text("critical s")
    await expect(alerts.get_by_role("region", name="Error budget burn")).to_contain_text("2.5")
    # The report is of another year than the fleet.
    await expect(alerts.get_by_text("is silent since")).to_be_visible()
    await expect(validation.get_by_text("quick on local")).to_contain_text("passed")
    assert await violations(page) == []


async def cause_an_error(stack: Stack, person: Person) -> None:
    """Cancel a run while PostgreSQL does not answer: the instance logs an error with an id."""
    postgres = stack.state().parts["postgres"].pid
    async with person.client(stack.url) as client:
        await client.ping()
        signal_family(postgres, signal.SIGSTOP)
        try:
            with pytest.raises(NetraClientError):
                await client.cancel_run(uuid4())
        finally:
            signal_family(postgres, signal.SIGCONT)


async def test_the_page_with_an_error_is_readable_by_everyone(
    new_page: NewPage, stack: Stack, person: Person
) -> None:
    await cause_an_error(stack, person)
    await report(stack, ALERTS)
    await report(stack, VALIDATION)
    await report(stack, RELEASES)
    for theme in ("light", "dark"):
        page = await new_page(color_scheme=theme, reduced_motion="reduce")
        await open_as_operator(page, stack)
        await expect(page.locator("canvas").first).to_be_visible()
        errors = page.get_by_role("region", name="Table of recent errors")
        await expect(errors).to_be_visible(timeout=OUTAGE_MILLISECONDS)
        releases = page.get_by_role("region", name="Releases", exact=True)
        await expect(releases.get_by_text("inconclusive: 20 events of 50")).to_be_visible()
        await releases.get_by_text("1 release on record").click()
        assert await violations(page) == []
        await Camera(page, theme).take("operations")
