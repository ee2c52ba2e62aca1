"""Check pages with axe-core (tests/vendored/axe.min.js, from npm, MPL 2.0)."""

from pathlib import Path

from playwright.async_api import Page

_SOURCE = (Path(__file__).parent / "vendored" / "axe.min.js").read_text(encoding="utf-8")
# All rules, including those off by default: level AAA, best practices, experimental.
_RUN = """async (rules) => {
  const ids = rules.length ? rules : axe.getRules().map(({ ruleId }) => ruleId);
  const enabled = Object.fromEntries(ids.map((id) => [id, { enabled: true }]));
  const options = { iframes: false, runOnly: { type: "rule", values: ids }, rules: enabled };
  const { violations } = await axe.run(document, options);
  return violations.flatMap(({ id, nodes }) => nodes.map(({ html }) => `${id}: ${html}`));
}"""
_ABOUT_COLOURS = ["color-contrast", "color-contrast-enhanced", "link-in-text-block"]


async def violations(page: Page) -> list[str]:
    """Return every violation on a page and in its frames, in light and dark mode."""
    await page.bring_to_front()  # browsers run timers of background tabs once a second
    found = set()
    for frame in page.frames:
        if not await frame.evaluate("'axe' in window"):
            await frame.evaluate(_SOURCE)
        found |= set(await frame.evaluate(_RUN, []))
        await page.emulate_media(color_scheme="dark")
        found |= set(await frame.evaluate(_RUN, _ABOUT_COLOURS))
        await page.emulate_media(color_scheme="light")
    return sorted(found)
