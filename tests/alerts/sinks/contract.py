"""What every sink must keep, whatever it delivers over."""

from dataclasses import dataclass

import msgspec
import pytest

from alerts.sinks import Receipt, Sink
from alerts.warnings.statement import Statement
from topics.errors import DeliveryError


@dataclass(frozen=True)
class Setup:
    """One kind of sink before three recipients: one that takes, one that is away, one that the message cannot suit.

    ``arrived`` gives the identifiers the first one holds, each once however often it was delivered.
    """

    working: Sink
    away: Sink
    unfit: Statement
    arrived: object

    def identifiers(self) -> list[str]:
        assert callable(self.arrived)
        found = self.arrived()
        assert isinstance(found, list)
        return found


async def check_sink(setup: Setup, said: Statement) -> None:
    """Deliver, deliver again, fail, fail for good. Raises ``AssertionError`` for a sink that breaks the contract."""
    before = msgspec.json.encode(said)
    for _ in range(2):
        receipt = await setup.working.deliver(said)
        assert isinstance(receipt, Receipt), "deliver returns a receipt"
        assert setup.identifiers() == [said.identifier], "delivered means that the recipient has it, once"
    assert msgspec.json.encode(said) == before, "a sink changes nothing of what it is given"
    with pytest.raises(DeliveryError) as failure:
        await setup.away.deliver(said)
    assert failure.value.retriable, "a recipient that is away may come back"
    assert str(failure.value), "a failure says what happened"
    with pytest.raises(DeliveryError) as refusal:
        await setup.working.deliver(setup.unfit)
    assert not refusal.value.retriable, "what can never be delivered is not tried for ever"
    await setup.working.close()
    await setup.away.close()
