"""The sums of the standards: reference oxygen, flow-weighted means, and rounding half to even."""

import math
from collections.abc import Sequence
from decimal import ROUND_HALF_EVEN, Decimal

#: Oxygen in dry air as GB 13223 reckons with it, %.
AIR_OXYGEN = 21.0


def at_reference(value: float, oxygen: float, reference: float, highest: float) -> float | None:
    """A concentration converted to the reference oxygen (all in %): C x (21 - ref) / (21 - measured).

    ``None`` above ``highest``: near 21 % the plant stands still and the quotient means nothing.

    >>> at_reference(50.0, 11.0, 6.0, 19.0)
    75.0
    """
    if oxygen > highest:
        return None
    return value * (AIR_OXYGEN - reference) / (AIR_OXYGEN - oxygen)


def mean(values: Sequence[float]) -> float:
    """The arithmetic mean, independent of the order."""
    return math.fsum(values) / len(values)


def flow_weighted(values: Sequence[float], flows: Sequence[float]) -> float | None:
    """Total mass by total flow (HJ 212-2017 Annex D); ``None`` where nothing flowed.

    >>> flow_weighted([10.0, 40.0], [2.0, 1.0])
    20.0
    """
    total = math.fsum(flows)
    if total <= 0.0:
        return None
    return math.fsum(value * flow for value, flow in zip(values, flows, strict=True)) / total


def rounded(value: float, decimals: int) -> float:
    """Half to even at the quantity's decimals (GB/T 8170, HJ 212-2025), after the noise of binary sums is cut off.

    >>> rounded(0.25, 1), rounded(0.35, 1), rounded(30.049999999999997, 1)
    (0.2, 0.4, 30.0)
    """
    exact = Decimal(repr(round(value, 9)))
    return float(exact.quantize(Decimal(1).scaleb(-decimals), ROUND_HALF_EVEN))
