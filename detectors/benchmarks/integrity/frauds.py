"""Frauds of each kind, put into an honest month: one function for each, in a table. They differ in size and length."""

from collections.abc import Callable
from dataclasses import dataclass, replace

import numpy as np

from detectors.base import BoolArray, FloatArray
from detectors.benchmarks.integrity.months import Month
from detectors.benchmarks.integrity.processes import DAY, Random
from detectors.benchmarks.integrity.sending import HourChange


@dataclass(frozen=True)
class Tampered:
    """A month with a fraud in the rows [``first``, ``last``) and what it does to hour records."""

    month: Month
    first: int
    last: int
    hours: HourChange | None = None


@dataclass(frozen=True)
class Fraud:
    """``rule`` is the one that names it; ``hours`` how long it lasts; ``put`` changes the rows; ``fits`` says whom."""

    rule: str
    hours: tuple[float, float]
    put: Callable[[Random, Month, int, int], Tampered]
    fits: Callable[[Month], bool] = lambda month: not month.clean


def runs(month: Month) -> BoolArray:
    """Where the plant is really at work."""
    power = month.values["d20001"]
    busy: BoolArray = power > 0.45 * np.quantile(power, 0.9)
    return busy


def _pick(random: Random, month: Month) -> str:
    return str(random.choice(month.pollutants))


def _constant(random: Random, month: Month, first: int, last: int) -> Tampered:
    quantity = _pick(random, month)
    month.values[quantity][first:last] = month.values[quantity][first]
    return Tampered(month, first, last)


def _narrow(random: Random, month: Month, first: int, last: int) -> Tampered:
    """A made-up level with a little noise, so that no two values need be the same."""
    quantity = _pick(random, month)
    level = float(np.median(month.values[quantity][max(0, first - DAY) : first]))
    wobble = level * random.uniform(0.001, 0.004)
    _write(month, quantity, first, last, level + wobble * random.normal(size=last - first))
    return Tampered(month, first, last)


def _hover(random: Random, month: Month, first: int, last: int) -> Tampered:
    quantity = _pick(random, month)
    bound = month.known[quantity].detection_limit or 0.0
    _write(month, quantity, first, last, bound * random.uniform(0.8, 1.35, size=last - first))
    return Tampered(month, first, last)


def _clipped(random: Random, month: Month, first: int, last: int) -> Tampered:
    """The plant discharges more than it may for a quarter to a half of the time, and what is over is cut."""
    quantity = _pick(random, month)
    limit = month.known[quantity].limit or 0.0
    share = _at_reference(month, first, last) if month.known[quantity].judged == "ZsRtd" else 1.0
    value = month.values[quantity][first:last] / share
    value = value * limit / np.quantile(value, random.uniform(0.5, 0.75))
    result = np.cumsum(np.diff(value, prepend=value[0]) != 0)  # a batch analyser shows one result for two hours
    jitter = np.abs(random.normal(size=last - first))[result]
    ceiling = limit * random.uniform(0.93, 0.99) * (1 - 0.002 * jitter)
    _write(month, quantity, first, last, np.minimum(value, ceiling) * share)
    return Tampered(month, first, last)


def _replayed(random: Random, month: Month, first: int, last: int) -> Tampered:
    """All pollutants of earlier days again, a little scaled, a little noise over them."""
    back = int(random.integers(1, 6)) * DAY
    while back < last - first:
        back += DAY
    back = min(back, first // DAY * DAY) + int(random.choice([0, 0, 30]))
    begin = max(0, first - back)
    for quantity in month.pollutants:
        old = month.values[quantity][begin : begin + last - first]
        noise = 1 + random.uniform(0, 0.003) * random.normal(size=last - first)
        _write(month, quantity, first, last, old * random.uniform(0.9, 1.0) * noise)
        month.flags[quantity][first:last] = month.flags[quantity][begin : begin + last - first]
    return Tampered(month, first, last)


def _rises(random: Random, month: Month, quantity: str, first: int, last: int) -> list[tuple[int, int]]:
    """Climbs over the limit, two or three a day; where each is about to pass it, and where it is over again.

    Who hides them acts when the course of the value, not its noise, is higher than on other days, or at the limit.
    """
    limit = month.known[quantity].limit or 0.0
    before = slice(max(0, first - 7 * DAY), first)
    converted = month.known[quantity].judged == "ZsRtd"
    usual = month.values[quantity][before] / (_at_reference(month, before.start, first) if converted else 1.0)
    usual_high = float(np.quantile(_course(usual)[month.flags[quantity][before] == "N"], 0.98))
    found = []
    for begin in range(first, last - 360, int(random.uniform(420, 720))):
        top = begin + int(random.uniform(60, 240))
        rows = np.arange(begin, min(top + 180, last))
        share = (
            _at_reference(month, int(rows[0]), int(rows[-1]) + 1) if month.known[quantity].judged == "ZsRtd" else 1.0
        )
        width = random.uniform(40, 80)
        climb = limit * random.uniform(0.8, 1.3) * np.exp(-0.5 * ((rows - top) / width) ** 2) * share
        _write(month, quantity, int(rows[0]), int(rows[-1]) + 1, month.values[quantity][rows] + climb)
        shown = month.values[quantity][rows] / share
        over = np.flatnonzero(_course(shown) >= min(limit, max(limit * random.uniform(0.9, 0.98), usual_high)))
        if len(over) and runs(month)[rows[over[0]]]:
            found.append((int(rows[over[0]]), int(rows[over[-1]]) + 10))
    return found


def _course(value: FloatArray) -> FloatArray:
    """The mean of the last quarter of an hour."""
    padded = np.concatenate((np.full(14, value[0]), value))
    mean: FloatArray = np.convolve(padded, np.full(15, 1 / 15), "valid")
    return mean


def _cut_off(random: Random, month: Month, first: int, last: int) -> Tampered:
    quantity = _pick(random, month)
    gone = np.zeros(month.minutes, np.bool_)
    for begin, end in _rises(random, month, quantity, first, last):
        gone[begin : max(end, begin + 20)] = True
    return Tampered(replace(month, cut=dict.fromkeys(month.pollutants, gone)), first, last)


def _flag_abuse(random: Random, month: Month, first: int, last: int) -> Tampered:
    quantity = _pick(random, month)
    flags = month.flags[quantity].copy()
    for begin, end in _rises(random, month, quantity, first, last):
        flags[begin : max(end, begin + 20)] = random.choice(["M", "C", "D"])
    month.flags[quantity] = flags
    return Tampered(month, first, last)


def _treatment_off(random: Random, month: Month, first: int, last: int) -> Tampered:
    month.values["d30001"][first:last] *= 0.02
    return Tampered(month, first, last)


def _diluted(random: Random, month: Month, first: int, last: int) -> Tampered:
    """Air at the probe: oxygen up, everything else down in proportion."""
    oxygen = random.uniform(18.9, 20.3) + 0.1 * random.normal(size=last - first)
    thinner = (21 - oxygen) / (21 - month.values["a19001"][first:last])
    for quantity in month.pollutants:
        _write(month, quantity, first, last, month.values[quantity][first:last] * np.minimum(thinner, 1.0))
    _write(month, "a19001", first, last, oxygen)
    return Tampered(month, first, last)


def _means(random: Random, month: Month, first: int, last: int) -> Tampered:
    """Hour records that are better than the minutes they are of, bounds and masses alike."""
    return _hour_fraud(random, month, first, last, ("Min", "Avg", "Max", "Cou"), random.uniform(0.6, 0.9))


def _order(random: Random, month: Month, first: int, last: int) -> Tampered:
    """Only the mean is made smaller, and its own minimum forgotten."""
    quantity, chosen = _pick(random, month), slice(first // 60, last // 60)

    def change(hours: dict[str, dict[str, FloatArray]]) -> None:
        hours[quantity]["Avg"][chosen] = hours[quantity]["Min"][chosen] * 0.9

    return Tampered(month, first, last, change)


def _mass(random: Random, month: Month, first: int, last: int) -> Tampered:
    return _hour_fraud(random, month, first, last, ("Cou",), random.uniform(0.4, 0.8))


def _hour_fraud(
    random: Random, month: Month, first: int, last: int, statistics: tuple[str, ...], factor: float
) -> Tampered:
    quantity, chosen = _pick(random, month), slice(first // 60, last // 60)

    def change(hours: dict[str, dict[str, FloatArray]]) -> None:
        for statistic in statistics:
            hours[quantity][statistic][chosen] *= factor

    return Tampered(month, first, last, change)


def _hidden_load(random: Random, month: Month, first: int, last: int) -> Tampered:
    """Everything at the outlet is said smaller than it is, minutes and hours alike; the sewer downstream knows."""
    factor = random.uniform(0.35, 0.6)
    for quantity in month.pollutants:
        _write(month, quantity, first, last, month.values[quantity][first:last] * factor)
    return Tampered(month, first, last)


def _at_reference(month: Month, first: int, last: int) -> FloatArray:
    """What a value at reference oxygen is to be multiplied by to become the measured one."""
    share: FloatArray = (21 - np.minimum(month.values["a19001"][first:last], 20.0)) / 15.0
    return share


def _write(month: Month, quantity: str, first: int, last: int, value: FloatArray) -> None:
    step = month.known[quantity].resolution
    month.values[quantity][first:last] = np.round(np.maximum(value, 0.0) / step) * step


def _is_stack(month: Month) -> bool:
    return "a19001" in month.values


FRAUDS: dict[str, Fraud] = {
    "constant value": Fraud("constant_value", (14, 60), _constant),
    "below 2 % of span": Fraud("below_span", (24, 72), _narrow),
    "hovering at the detection limit": Fraud("detection_limit_hover", (12, 48), _hover),
    "clipped just under the limit": Fraud("clipped_under_limit", (24, 72), _clipped),
    "yesterday's curve replayed": Fraud("replayed_curve", (24, 72), _replayed),
    "cut-off before exceedance": Fraud("cut_off_before_exceedance", (48, 96), _cut_off),
    "flag abuse": Fraud("flag_abuse", (48, 96), _flag_abuse),
    "production on with treatment off": Fraud("treatment_off", (3, 12), _treatment_off, lambda month: True),
    "O2 dilution": Fraud("oxygen_dilution", (3, 12), _diluted, _is_stack),
    "means that do not match their parts": Fraud("mean_not_of_parts", (12, 48), _means),
    "min <= avg <= max violated": Fraud("min_avg_max", (3, 24), _order),
    "mass balance": Fraud("mass_balance", (12, 48), _mass),
    "neighbours upstream and downstream": Fraud(
        "neighbours_disagree", (24, 72), _hidden_load, lambda month: month.below is not None and not month.clean
    ),
}
