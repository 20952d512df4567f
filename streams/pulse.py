"""The writer of the pulse: once a second, for each domain, how far this worker has come."""

from collections.abc import Callable, Mapping, Sequence

import structlog

from streams.outlet import Outlet
from streams.tally import Tally
from topics.codec import encode
from topics.errors import NotKept
from topics.pulse import Pulse

PULSE = "pulse"

log = structlog.get_logger(__name__)


class PulseWriter:
    """Writes ``worker/<domain>`` records on ``pulse``.

    ``tallies`` gives each domain's numbers, ``now_ms`` the wall time.

    A pulse that is not kept is not repeated: the next says more.
    """

    def __init__(
        self, outlet: Outlet, worker: str, tallies: Callable[[], Mapping[str, Tally]], now_ms: Callable[[], int]
    ) -> None:
        self.outlet = outlet
        self.worker = worker
        self.tallies = tallies
        self.now_ms = now_ms

    async def beat(self) -> None:
        """Write one pulse for each domain; to be called once a second."""
        for pulse in pulses(self.worker, self.tallies(), self.now_ms()):
            try:
                await self.outlet.send(PULSE, f"{pulse.worker}/{pulse.domain}".encode(), encode(pulse))
            except NotKept as error:
                log.warning("pulse_missed", domain=pulse.domain, error=str(error))
                await self.outlet.restart()


def pulses(worker: str, tallies: Mapping[str, Tally], now_ms: int) -> Sequence[Pulse]:
    """One pulse for each domain."""
    return [
        Pulse(
            worker=worker,
            domain=domain,
            wall_time=now_ms,
            city_time=tally.city_time,
            last_reading=tally.last_reading,
            readings=tally.readings,
            events=tally.events,
            findings=tally.findings,
            late=tally.late,
            duplicate=tally.duplicate,
            unregistered=tally.unregistered,
            dead_lettered=dict(tally.dead_lettered),
            unknown_fields=tally.unknown_fields,
            lag=tally.lag,
        )
        for domain, tally in sorted(tallies.items())
    ]
