"""Check pages by the rules of axe-core (tests/vendored/axe.min.js, as npm has it)."""

from pathlib import Path
from typing import Literal

from playwright.async_api import Page

_SOURCE = (Path(__file__).parent / "vendored" / "axe.min.js").read_text(encoding="utf-8")
_SCHEMES: tuple[Literal["light", "dark"], ...] = ("light", "dark")
# All rules, also those that are off by default: level AAA, best practices, experimental ones.
_RUN = """async () => {
  const rules = Object.fromEntries(axe.getRules().map(({ ruleId }) => [ruleId, { enabled: true }]));
  const { violations } = await axe.run(document, { iframes: false, rules });
  return violations.flatMap(({ id, nodes }) => nodes.map(({ html }) => `${id}: ${html}`));
}"""


async def violations(page: Page) -> list[str]:
    """Return every violation on a page and in its frames, by day and by night."""
    found = set()
    for frame in page.frames:
        if not await frame.evaluate("'axe' in window"):
            await frame.evaluate(_SOURCE)
        for scheme in _SCHEMES:
            await page.emulate_media(color_scheme=scheme)
            found |= set(await frame.evaluate(_RUN))
    return sorted(found)
