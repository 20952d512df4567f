"""Part of a recall's holders, for whoever cannot take thousands at once: by how they stand, and so many from one on."""

from collections.abc import Mapping
from typing import Literal

import msgspec

from records.recall import Holder

#: ``unsigned``: holds what it was told of and has not signed for it. ``unreached``: no channel says that it was told
#: either.
Stand = Literal["all", "unsigned", "unreached"]


class HolderPage(msgspec.Struct, frozen=True):
    """``rows`` holders in the order of their names, those after the name ``cursor``, which the part before gave as
    ``next``.
    """

    rows: int
    stand: Stand = "all"
    cursor: str = ""


class PageFound(msgspec.Struct, frozen=True):
    """The holders of a page, how many stand so in all, and the name to go on from (``None`` = these are the last)."""

    holders: list[tuple[str, Holder]]
    count: int
    next: str | None


def page_of(holders: Mapping[str, Holder], page: HolderPage | None) -> PageFound:
    """The holders of this page; without one all of them."""
    if page is None:
        return PageFound(sorted(holders.items()), len(holders), None)
    standing = sorted(name for name, each in holders.items() if _stands(each, page.stand))
    rest = [name for name in standing if name > page.cursor]
    shown = rest[: page.rows]
    return PageFound(
        [(name, holders[name]) for name in shown], len(standing), shown[-1] if len(rest) > page.rows else None
    )


def _stands(holder: Holder, stand: Stand) -> bool:
    if stand == "all":
        return True
    waits = bool(holder.elements) and holder.signed is None
    return waits and (stand == "unsigned" or holder.delivered is None)
