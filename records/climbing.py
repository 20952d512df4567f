"""What is owed and not done climbs, step by step, at one pace: who is told next and when. Pure."""

from collections.abc import Iterator, Sequence


def step_at(first: int, every_ms: int, number: int) -> int:
    """The moment of a step, counted from 1, ms UTC: ``first`` that of the first one."""
    return first + (number - 1) * every_ms


def steps_due(first: int, every_ms: int, steps: Sequence[str], taken: int, now: int) -> Iterator[tuple[int, str, int]]:
    """The steps that are due by ``now`` and not among the ``taken`` ones: when each fell due, who is told, its number.

    Each once, however late and however often this is asked.
    """
    for number in range(taken + 1, len(steps) + 1):
        at = step_at(first, every_ms, number)
        if now < at:
            return
        yield at, steps[number - 1], number
