"""The mix of priorities: what the levels of a scheme are in the words of EEMUA 191, and the mix it recommends."""

from collections.abc import Mapping, Sequence

#: From the mildest level up. A scheme with more levels has several worst ones, one with fewer lacks the first of these.
PRIORITIES = ("low", "medium", "high", "critical")

#: Shares of all alarms. The critical ones are to be under one in a hundred, and count within the five of the high.
RECOMMENDED: Mapping[str, float] = {"low": 0.80, "medium": 0.15, "high": 0.05, "critical": 0.01}


def priorities(levels: Sequence[str]) -> dict[str, str]:
    """The priority of each code of ``levels``, which come from the mildest to the worst.

    >>> priorities(["blue", "yellow", "orange", "red"])
    {'blue': 'low', 'yellow': 'medium', 'orange': 'high', 'red': 'critical'}
    >>> priorities(["advisory", "alarm"])
    {'advisory': 'low', 'alarm': 'high'}
    """
    named = {1: ("high",), 2: ("low", "high"), 3: PRIORITIES[:3]}.get(len(levels), PRIORITIES)
    return {code: named[min(place, len(named) - 1)] for place, code in enumerate(levels)}
