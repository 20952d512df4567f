"""The watch over units of major hazard sources: readings and city time in, findings of the units' judge out."""

from collections.abc import Sequence

from streams.judges.unit_facts import hazard_facts
from streams.judges.units import UnitsJudge
from streams.readings_keeper import ReadingsKeeper
from topics.domain import Domain
from topics.finding import Finding


class HazardKeeper(ReadingsKeeper[list[Finding]]):
    """Watches every domain whose facts have units."""

    name = "hazard"
    rules = ("unit-",)

    def judge(self, pack: Domain, partition: int) -> UnitsJudge | None:
        facts = hazard_facts(pack)
        return UnitsJudge(pack, facts, partition) if facts is not None and facts.units else None

    async def publish(self, said: Sequence[tuple[Domain, list[list[Finding]]]]) -> None:
        await self.tell(finding for _, words in said for findings in words for finding in findings)
