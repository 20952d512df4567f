"""A port declaration of dangerous goods against its terms: how long ahead, within the licence, answered in time. Pure.

The defaults are the figures by which the first port worked online (24 h ahead, an answer within 2 h); a site's own
terms go before them. ``source`` and ``confirmed`` say where the figures come from.
"""

from collections.abc import Collection
from dataclasses import dataclass
from typing import Literal

from topics.events import Goods
from topics.finding import Text

HOUR_MS = 3_600_000

Rule = Literal["ahead", "licence", "goods", "mass"]


@dataclass(frozen=True, slots=True)
class DeclarationTerms:
    """Milliseconds ahead of the operation and until the authority's answer."""

    ahead_ms: int = 24 * HOUR_MS
    answer_ms: int = 2 * HOUR_MS
    source: str = "practice of the port that first declared online, one report"
    confirmed: bool = False


@dataclass(frozen=True, slots=True)
class Refusal:
    """Why a declaration is refused, by which rule; ``un`` where one line of it is meant."""

    rule: Rule
    text: Text
    un: str = ""


def refusals(
    goods: Collection[Goods],
    declared_ms: int,
    operation_ms: int,
    licence: Collection[str] | None,
    terms: DeclarationTerms,
) -> list[Refusal]:
    """All that forbids to take it. ``licence``: UN numbers the site may handle; ``None`` = its licence is not known,
    and nothing is refused by it.
    """
    found = []
    ahead = operation_ms - declared_ms
    if ahead < terms.ahead_ms:
        got, need = ahead / HOUR_MS, terms.ahead_ms / HOUR_MS
        found.append(
            Refusal(
                "ahead",
                Text(
                    f"须在作业前至少 {need:g} 小时申报，实为 {got:.2f} 小时",
                    f"must be declared at least {need:g} h before the operation, was {got:.2f} h",
                ),
            )
        )
    for un in dict.fromkeys(line.un for line in goods):
        if licence is not None and un not in licence:
            text = Text(f"UN {un} 不在该作业点许可范围内", f"UN {un} is outside the licence of this site")
            found.append(Refusal("licence", text, un))
    return found


def unanswered(declared_ms: int, answered_ms: int | None, now_ms: int, terms: DeclarationTerms) -> bool:
    """Whether the authority's time has run out, or had when it answered."""
    return (now_ms if answered_ms is None else answered_ms) >= declared_ms + terms.answer_ms
