"""A group of channels of one place, as a pack declares it: judged together, because they move together."""

from typing import Annotated, Any

import msgspec

from topics.finding import Text

#: What one group is made of. Readings are keyed by site, so that all that a site measures lies in one partition and
#: is seen by one worker; what several sites measure is not.
PER = ("site", "device")

#: A vector of more channels is another kind of model than these.
MOST_CHANNELS = 64


class ChannelGroup(msgspec.Struct, frozen=True, omit_defaults=True, forbid_unknown_fields=True):
    """Each site (or device) that measures at least two of ``quantities`` is one group, judged once in ``every_s``.

    ``points`` narrows it to these ``site/device`` patterns (``*`` and ``?`` stand for any text); ``statistic`` is that
    of its series; ``detector`` names a group detector and ``settings`` its settings (docs/detector-table.md).
    ``every_s``: seconds from one vector to the next; a member's reading of that time is its last one in it.
    """

    title: Text
    quantities: tuple[str, ...]
    per: Annotated[str, msgspec.Meta(description="site or device: the place that one group is of")] = "site"
    points: tuple[str, ...] = ("*/*",)
    statistic: str = "Rtd"
    detector: str = "var_residual"
    settings: dict[str, Any] = {}
    every_s: Annotated[float, msgspec.Meta(ge=10, le=3600)] = 60.0
