"""The judges that run beside the worker. To add one: write a class like ``HazardKeeper``, and a line here.

The integrity watch looks at the history once an hour and is no judge of a log, but what it says is told beside, too.
"""

from typing import Any

from streams.cargo_conditions_keeper import CargoConditionsKeeper
from streams.carriage_keeper import CarriageKeeper
from streams.cold_chain_keeper import ColdChainKeeper
from streams.hazard_keeper import HazardKeeper
from streams.judgement_keeper import JudgementKeeper
from streams.keeper import Keeper
from streams.sequence_keeper import SequenceKeeper
from topics.families import INTEGRITY

#: Name of the command → the judge it runs.
KEEPERS: dict[str, type[Keeper[Any]]] = {
    each.name: each
    for each in (
        JudgementKeeper,
        HazardKeeper,
        ColdChainKeeper,
        SequenceKeeper,
        CarriageKeeper,
        CargoConditionsKeeper,
    )
}


def told_beside(detector: str) -> bool:
    """Whether the finding of this detector is told beside the worker, not by it."""
    beside = any(detector.startswith(keeper.rules) for keeper in KEEPERS.values())
    return beside or detector.startswith(f"{INTEGRITY}/")


def judges_by_group() -> dict[str, type[Keeper[Any]]]:
    """The judges by the consumer group each works in where none was given."""
    return {f"citybrain-{name}": keeper for name, keeper in KEEPERS.items()}
