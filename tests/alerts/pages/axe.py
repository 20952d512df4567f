"""axe-core on a page: which of the rules for accessible pages are broken, and where."""

from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Page

GRAVE = {"serious", "critical"}
#: All rules; where they hold it is enough to know that they do, every place of which would double the time.
RULES = {
    "runOnly": ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"],
    "resultTypes": ["violations"],
    "preload": False,  # of style sheets, which the pages' policy refuses
}
LOOK = "options => axe.run(options).then(({passes, violations}) => ({passes: passes.length, violations}))"


def faults(page: Page) -> list[str]:
    """Rule, impact and place of what axe-core calls serious or critical."""
    if not page.evaluate("'axe' in window"):
        page.evaluate(Axe().axe_script)
    found = page.evaluate(LOOK, RULES)
    assert found["passes"] > 10, "axe-core looked at almost nothing"
    return [
        f"{each['id']} ({each['impact']}): {node['target']}"
        for each in found["violations"]
        if each["impact"] in GRAVE
        for node in each["nodes"]
    ]
