"""An oracle of formal judgement written from the standards' text: plain Python, no code of the kernel.

HJ 212-2017 Annex D (hour = mean of valid minutes, day of water = total mass by total flow), GB 13223-2011 (reference
oxygen), HJ 75-2017 (45 minutes of an hour, 75 % of operating hours), MEE Order 10 (furnace below 850 °C more than 5
times). What it is given: for each minute of the month a value, flow or oxygen, a flag and what the firm marked.
"""

from dataclasses import dataclass, field


@dataclass
class Minute:
    """What was measured in one minute: value, data flag, flow, oxygen (%), and what the firm's marks make of it."""

    value: float | None = None
    flag: str = "N"
    flow: float | None = None
    oxygen: float | None = None
    marked: set[str] = field(default_factory=set)  # "exempt", "invalid"


def half_even(value: float, decimals: int) -> float:
    """Rounded to so many decimals, halves to the even digit."""
    shifted = round(round(value, 9) * 10**decimals, 6)
    whole = int(shifted // 1)
    rest = round(shifted - whole, 6)
    if rest > 0.5 or (rest == 0.5 and whole % 2 == 1):
        whole += 1
    return float(whole / 10**decimals)


def hour_of(
    minutes: list[Minute], decimals: int, reference: float | None = None
) -> tuple[str, float | None, float | None]:
    """Outcome (valid, invalid, exempt, missing), the mean, and the mean flow of 60 minutes."""
    total, count, flow, flows, owed = 0.0, 0, 0.0, 0, 0
    came = False
    for minute in minutes:
        if minute.flow is not None:
            flow, flows = flow + minute.flow, flows + 1
        came = came or minute.value is not None
        if "exempt" in minute.marked:
            continue
        owed += 1
        if minute.value is None or minute.flag != "N" or "invalid" in minute.marked:
            continue
        value = minute.value
        if reference is not None:
            if minute.oxygen is None or minute.oxygen > 19.0:
                continue
            value = value * (21.0 - reference) / (21.0 - minute.oxygen)
        total, count = total + value, count + 1
    mean_flow = flow / flows if flows else None
    if count >= 45:
        return "valid", half_even(total / count, decimals), mean_flow
    if owed < 45:
        return "exempt", None, mean_flow
    return ("invalid" if came else "missing"), None, mean_flow


def day_of(
    hours: list[tuple[str, float | None, float | None]], limit: float, decimals: int
) -> tuple[str, float | None]:
    """Outcome (within, exceeds, invalid, exempt, missing) and the mean, weighted by flow where all hours have it."""
    valid = [(value, flow) for outcome, value, flow in hours if outcome == "valid" and value is not None]
    exempt = sum(outcome == "exempt" for outcome, _, _ in hours)
    if exempt == 24:
        return "exempt", None
    if len(valid) < 0.75 * (24 - exempt) or not valid:
        missing = all(outcome == "missing" for outcome, _, _ in hours)
        return ("missing" if missing else "invalid"), None
    mass, water = 0.0, 0.0
    weighted = all(flow is not None for _, flow in valid)
    for value, flow in valid:
        weight = flow if weighted and flow is not None else 1.0
        mass, water = mass + value * weight, water + weight
    if water == 0.0:
        mass, water = sum(value for value, _ in valid), float(len(valid))
    mean = half_even(mass / water, decimals)
    return ("exceeds" if mean > limit else "within"), mean


def furnace_day(means: list[float | None]) -> bool:
    """Whether a day of 5-minute means breaks the rule."""
    return sum(mean is not None and mean < 850.0 for mean in means) > 5
