"""Two out of three: a trip level believed when two of three instruments say so, and their disagreement told.

GB 17681-2024 asks for two or three independent level instruments on tanks; how they vote is IEC 61511 practice.
"""

from collections.abc import Sequence
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Vote:
    """``votes`` of ``voters`` say that the bound is passed; ``needed`` make it believed. ``values`` are those that
    voted. Fewer than three voters vote on the safe side: one of two, one of one; without any nothing is known."""

    votes: int
    voters: int
    needed: int
    values: tuple[float, ...]

    @property
    def tripped(self) -> bool:
        """Whether as many of those who can vote say so as are needed."""
        return self.voters > 0 and self.votes >= self.needed

    @property
    def spread(self) -> float:
        """How far the voters lie apart, in their unit."""
        return max(self.values) - min(self.values) if self.values else 0.0


def vote(values: Sequence[float | None], bound: float, *, high: bool = True) -> Vote:
    """The vote of up to three instruments; ``None`` is one that is silent, faulty or bypassed.

    >>> vote([91.0, 90.5, 72.0], 90.0).tripped, vote([91.0, 72.0, 71.0], 90.0).tripped
    (True, False)
    >>> vote([91.0, None, 72.0], 90.0).tripped
    True
    """
    there = tuple(value for value in values if value is not None)
    votes = sum(value >= bound if high else value <= bound for value in there)
    return Vote(votes, len(there), 2 if len(there) >= 3 else 1, there)
