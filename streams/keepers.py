"""The judges that run beside the worker. To add one: write a class like ``HazardKeeper``, and a line here."""

from typing import Any

from streams.cargo_conditions_keeper import CargoConditionsKeeper
from streams.carriage_keeper import CarriageKeeper
from streams.cold_chain_keeper import ColdChainKeeper
from streams.hazard_keeper import HazardKeeper
from streams.judgement_keeper import JudgementKeeper
from streams.keeper import Keeper
from streams.sequence_keeper import SequenceKeeper

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
    """Whether the finding of this detector is told by a judge beside the worker, not by the worker."""
    return any(detector.startswith(keeper.rules) for keeper in KEEPERS.values())


def judges_by_group() -> dict[str, type[Keeper[Any]]]:
    """The judges by the consumer group each works in where none was given."""
    return {f"citybrain-{name}": keeper for name, keeper in KEEPERS.items()}
