"""What it takes to bring warnings to somebody: one method that delivers or says why not.

The sink says whether trying again makes sense; the outbox tries again. A sink never retries by itself,
never waits longer than its timeout, and is asked to deliver the same warning again whenever the outbox
cannot know whether it had arrived; recipients know a repeat by its identifier.
"""

from abc import ABC, abstractmethod

import msgspec

from alerts.warnings.cap import check
from alerts.warnings.statement import Statement
from topics.errors import DeliveryError

#: No recipient keeps a delivery waiting longer than this.
TIMEOUT_S = 10.0


class Receipt(msgspec.Struct, frozen=True):
    """The recipient has it. ``signed_by`` is empty where nobody signed for it; ``signed_at`` is the recipient's
    own time (ms UTC), ``reference`` its name for the receipt.
    """

    status: int | None = None
    signed_by: str = ""
    signed_at: int | None = None
    reference: str = ""


class Sink(ABC):
    """One channel by which warnings leave the house."""

    @abstractmethod
    async def deliver(self, said: Statement) -> Receipt:
        """Called by the outbox, several at once, and again after a failure that was retriable.

        Returns once the recipient has taken the warning. Raises ``topics.errors.DeliveryError``, whose
        ``retriable`` decides: true = the outbox tries again for ever, false = the delivery is dead and
        listed for a person.
        """

    async def close(self) -> None:  # noqa: B027  # most sinks hold nothing open
        """Called once when the server ends, after the last ``deliver`` has returned or was given up."""


def require_fit(said: Statement) -> None:
    """Raises ``DeliveryError`` for a warning that no recipient could tell apart from another: its names are broken."""
    try:
        check(said)
    except ValueError as error:
        raise DeliveryError(str(error), retriable=False) from error


def require_address(found: str | None, channel: str, authority: str, setting: str) -> str:
    """The address, or ``DeliveryError``: a channel nobody has given an address for is dead until somebody does."""
    if not found:
        message = f"{channel}: expected an address for {authority} in {setting}, got none"
        raise DeliveryError(message, retriable=False)
    return found
