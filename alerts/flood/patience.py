"""How long the lesser warnings of a flooded desk wait, so that they go out joined. Pure; times are wall time.

A warning that waits is owed from the start, only later: should nobody join it, it goes out by itself when its
time has come. All that waits comes due at the same moments, one interval apart.
"""

from collections.abc import Callable, Collection

#: The channels whose recipients read, one after the other, what they are sent. To a machine that takes messages
#: off a topic or keeps alerts by their labels a digest is no relief.
JOINED_CHANNELS = ("cap", "email", "folder", "webhook")

#: From domain, site, rank, channel and the wall time of the release to the wall time of the first try.
FirstTry = Callable[[str, str, int, str, int], int]


def at_once(domain: str, site: str, rank: int, channel: str, wall_ms: int) -> int:
    """No warning waits."""
    return wall_ms


class Patience:
    """Says which warnings wait and until when. ``interval_s`` 0 = none waits; ``flooded`` names the desks in a flood
    now, ``desk_of`` the desk of a domain and site, ``least_rank`` the rank from which a domain's alarms are urgent.
    ``speed`` is city seconds per wall second: in a replay the recipients' minutes pass as fast as the city's.
    """

    def __init__(
        self,
        interval_s: float,
        flooded: Callable[[], Collection[str]],
        desk_of: Callable[[str, str], str],
        least_rank: Callable[[str], int],
        speed: Callable[[], float] = lambda: 1.0,
    ) -> None:
        self._interval_s = interval_s
        self._flooded = flooded
        self._desk_of = desk_of
        self._least_rank = least_rank
        self._speed = speed

    def until(self, domain: str, site: str, rank: int, channel: str, wall_ms: int) -> int:
        """When (ms) a warning released now is to go out: at once, or at the next moment of joining."""
        interval = round(self._interval_s * 1000 / max(1.0, self._speed()))
        if not interval or channel not in JOINED_CHANNELS or rank >= self._least_rank(domain):
            return wall_ms
        if self._desk_of(domain, site) not in self._flooded():
            return wall_ms
        return (wall_ms // interval + 1) * interval
