"""What axe-core finds on a page: WCAG 2.2 AA and its best practices."""

from typing import Any

from playwright.async_api import Page

from netra_ops.stack.paths import project_root

AXE_FILE = project_root() / "frontend" / "node_modules" / "axe-core" / "axe.min.js"
TAGS = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]


async def violations(page: Page) -> list[str]:
    """Return what axe finds, one line each: rule, what, where.

    Starting the platform with its pages has installed axe-core.
    """
    await page.evaluate(AXE_FILE.read_text())
    found: dict[str, Any] = await page.evaluate("tags => axe.run(document, {runOnly: tags})", TAGS)
    return [
        f"{item['id']}: {item['help']}: {', '.join(str(node['target']) for node in item['nodes'])}"
        for item in found["violations"]
    ]
