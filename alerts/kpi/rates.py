"""The rates by which a desk is judged. Pure data; the defaults and where they come from stand in docs/duty-desk.md."""

from typing import Annotated

import msgspec

Positive = Annotated[int, msgspec.Meta(ge=1)]
Seconds = Annotated[float, msgspec.Meta(gt=0)]


class Rates(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """What counts as a flood, as chattering, as fleeting and as stale.

    A flood starts when more than ``flood_starts_above`` alarms were annunciated within ``window_s`` and ends
    when fewer than ``flood_ends_below`` were. A key chatters that is annunciated at least ``chatter_times``
    within ``chatter_within_s``. An alarm is fleeting that is over by itself within ``fleeting_within_s``, and
    stale when it stands longer than ``stale_after_s``. All in event time. ``top`` is how many keys are named.

    Raises ``ValueError`` where a flood would end before it has started.
    """

    window_s: Seconds = 600.0
    flood_starts_above: Positive = 10
    flood_ends_below: Positive = 5
    chatter_times: Annotated[int, msgspec.Meta(ge=2)] = 3
    chatter_within_s: Seconds = 60.0
    fleeting_within_s: Seconds = 60.0
    stale_after_s: Seconds = 86_400.0
    top: Positive = 10

    def __post_init__(self) -> None:
        if self.flood_ends_below > self.flood_starts_above:
            raise ValueError(
                f"rates: expected flood_ends_below <= flood_starts_above ({self.flood_starts_above}), "
                f"got {self.flood_ends_below}"
            )

    @property
    def window_ms(self) -> int:
        """``window_s`` in ms."""
        return round(self.window_s * 1000)

    @property
    def chatter_within_ms(self) -> int:
        """``chatter_within_s`` in ms."""
        return round(self.chatter_within_s * 1000)

    @property
    def fleeting_within_ms(self) -> int:
        """``fleeting_within_s`` in ms."""
        return round(self.fleeting_within_s * 1000)

    @property
    def stale_after_ms(self) -> int:
        """``stale_after_s`` in ms."""
        return round(self.stale_after_s * 1000)
