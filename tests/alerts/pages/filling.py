"""A page watched while it fills itself: its answers are let in one by one, and what moves meanwhile is told.

The watch goes into a browser's context before the page's own scripts. It holds every answer of the interface and every
message of the stream, draws the page, lets one of them in, draws again, and so on. Each control that can be pressed has
a place from the moment it is first seen; whatever moves it by more than a finger can forgive is a fault, because it
would move from under a hand that was about to press it. So a fault is found for certain and not where the network
happened to be slow.
"""

import json
from pathlib import Path
from typing import Literal

from playwright.sync_api import BrowserContext, Page

#: In the order they were asked for, or the other way round: either may be what a slow network makes of them.
Order = Literal["first", "last"]

#: Farther than this (px) a control may not move. Rounding to whole pixels moves by one.
FORGIVEN_PX = 3

#: So long (ms) the watch waits for one more answer before it says which ones are missing.
PATIENCE_MS = 20_000

WATCH = Path(__file__).with_suffix(".js").read_text(encoding="utf-8")


def watch(context: BrowserContext, order: Order) -> None:
    """Watch every page that this context opens from now on."""
    terms = {"lastFirst": order == "last", "forgiven": FORGIVEN_PX, "patience": PATIENCE_MS}
    context.add_init_script(f"({WATCH})({json.dumps(terms)})")


def moved(page: Page) -> list[str]:
    """Wait until the watched page has filled itself; the controls that moved meanwhile, each with its way in px, and
    the parts that are not shown although everything has come.
    """
    found: list[str] = page.evaluate("window.filling")
    return found


def moved_by(page: Page, control: str) -> list[str]:
    """Press ``control`` of a watched page; what moved while the page showed what was asked for."""
    found: list[str] = page.evaluate("at => { document.querySelector(at).click(); return window.watching(); }", control)
    return found
