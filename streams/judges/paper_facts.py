"""What the cargo pack's facts say to the judge of papers."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import msgspec

from detectors.rules.reconciliation import Tolerance
from topics.domain import Domain
from topics.errors import ConfigurationError
from topics.goods import GoodsEntry
from topics.goods_names import Reading, load_goods_names, names_of
from topics.pack_goods import goods_of


class Reconciliation(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """``[facts.reconciliation]``: beyond which share and tonnes a mass is wrong, and how long after its operation a
    declared box that has not come is overdue.
    """

    source: str
    confirmed: bool
    share: float = 0.05
    tonnes: float = 0.5
    overdue_s: int = 86_400


@dataclass(frozen=True)
class PaperFacts:
    """The tables of one pack."""

    goods: Mapping[str, GoodsEntry]
    names: Mapping[str, Sequence[str]]
    reading: Reading
    tolerance: Tolerance
    overdue_ms: int


def paper_facts(domain: Domain) -> PaperFacts:
    """Read the pack's facts. Raises ``ConfigurationError`` naming the row that cannot be used."""
    goods, known = goods_of(domain.facts), load_goods_names()
    try:
        row = msgspec.convert(
            domain.facts.get("reconciliation", {"source": "defaults", "confirmed": False}), Reconciliation
        )
    except msgspec.ValidationError as error:
        raise ConfigurationError(f"{domain.name}: facts.reconciliation: {error}") from error
    return PaperFacts(
        goods,
        names_of(goods, known, domain.facts),
        known.reading,
        Tolerance(row.share, row.tonnes),
        row.overdue_s * 1000,
    )
