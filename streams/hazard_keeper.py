"""The watch over units of major hazard sources: readings and city time in, findings and states of units out."""

from collections.abc import Sequence

from streams.judges.unit_facts import hazard_facts
from streams.judges.units import UnitsJudge, Word
from streams.readings_keeper import ReadingsKeeper
from topics.codec import encode
from topics.domain import Domain
from topics.finding import Finding
from topics.unit_state import TOPIC, UnitState


class HazardKeeper(ReadingsKeeper[list[Word]]):
    """Watches every domain whose facts have units."""

    name = "hazard"
    rules = ("unit-",)

    def judge(self, pack: Domain, partition: int) -> UnitsJudge | None:
        facts = hazard_facts(pack)
        return UnitsJudge(pack, facts, partition) if facts is not None and facts.units else None

    async def publish(self, said: Sequence[tuple[Domain, list[list[Word]]]]) -> None:
        words = [word for _, spoken in said for each in spoken for word in each]
        # The state first: the alert server should know it before it hears of what the state makes meaningless.
        states = (word for word in words if isinstance(word, UnitState))
        await self.keep(f"{self.prefix}{TOPIC}", ((state.key, encode(state)) for state in states))
        await self.tell(word for word in words if isinstance(word, Finding))
