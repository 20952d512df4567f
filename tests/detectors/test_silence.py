"""Silence: instruments that say nothing, and a site that loses many at once (as in the blast of 2015)."""

from collections.abc import Callable

import pytest

from detectors.base import Outcome
from detectors.kernel import Kernel
from tests.detectors.small_pack import MINUTE, START, domain, quantity
from tests.detectors.written_log import Log
from topics.finding import Finding


def played(silent: dict[str, tuple[int, int]], instruments: int = 8, minutes: int = 40, **settings: float) -> Outcome:
    """Eight instruments of two sites, some silent from one minute to another."""
    kernel = Kernel(domain(detectors={"missing": dict(settings)} if settings else {}), "readings.trial", 0)
    log = Log()
    for minute in range(minutes):
        log.tick(START + minute * MINUTE)
        for place in range(instruments):
            for site in ("port", "city"):
                series = f"{site}/p{place}/temp/Rtd"
                begin, end = silent.get(f"{site}/p{place}", silent.get(site, (minutes, minutes)))
                if not begin <= minute < end:
                    log.read(series, START + minute * MINUTE + 1000, 20.0 + place)
    return log.play(kernel)


def told(outcome: Outcome, detector: str) -> list[tuple[str, str, int]]:
    return [
        (each.phase, each.subject, (each.time - START) // MINUTE)
        for each in outcome.findings
        if each.detector == detector
    ]


def test_one_silent_instrument_is_told_once_and_its_return() -> None:
    outcome = played({"port/p3": (10, 20)})
    assert told(outcome, "missing") == [("open", "port/p3/temp/Rtd", 15), ("close", "port/p3/temp/Rtd", 20)]
    assert outcome.findings[0].opened == START + 14 * MINUTE + 1000  # five intervals after it was last heard
    assert "last heard 2015-08-12 00:09:01" in outcome.findings[0].text.en
    assert told(outcome, "mass_loss") == []


def test_a_site_that_loses_half_at_once_is_one_more_finding_and_red() -> None:
    outcome = played({f"port/p{place}": (10, 25) for place in range(5)})
    assert told(outcome, "mass_loss") == [("open", "port", 15), ("close", "port", 26)]
    loss = next(each for each in outcome.findings if each.detector == "mass_loss")
    assert (loss.severity, loss.family) == ("red", "quality")
    assert loss.facts == {"lost": 5, "of": 8, "devices": 5}
    assert loss.text.en == "Works 1: 5 of 8 instruments lost at once, since 2015-08-12 00:14:01"
    assert loss.text.zh == "一号厂 8 个测点中有 5 个同时失联，始于 2015-08-12 00:14:01"
    assert len([each for each in told(outcome, "missing") if each[0] == "open"]) == 5


@pytest.mark.parametrize(
    "silent", [{f"port/p{k}": (10, 39) for k in range(3)}, {f"port/p{k}": (5 * k, 39) for k in range(8)}]
)
def test_few_or_one_after_the_other_are_no_mass_loss(silent: dict[str, tuple[int, int]]) -> None:
    assert told(played(silent), "mass_loss") == []


@pytest.mark.parametrize(("loggers", "severity"), [(1, "orange"), (2, "red"), (3, "red")])
def test_one_silent_logger_is_not_the_loss_of_a_site(loggers: int, severity: str) -> None:
    """Six of eight instruments fall silent in one minute, on one logger or on several."""
    outcome = _logged(lambda place: place % loggers, {place: 10 for place in range(6)})
    assert [(each.phase, each.severity) for each in _losses(outcome)] == [("open", severity)]
    assert _losses(outcome)[0].facts == {"lost": 6, "of": 8, "devices": loggers}
    assert ("all on one device" in _losses(outcome)[0].text.en) == (loggers == 1)


@pytest.mark.parametrize(("later", "told"), [(11, ["orange", "red"]), (30, ["orange"])])
def test_a_second_logger_makes_it_worse_if_it_goes_with_the_first(later: int, told: list[str]) -> None:
    outcome = _logged(lambda place: place // 4, dict.fromkeys(range(4), 10) | dict.fromkeys(range(4, 8), later))
    assert [each.severity for each in _losses(outcome)] == told
    assert len({each.id for each in _losses(outcome)}) == 1


def test_how_many_devices_are_many_is_the_packs_word() -> None:
    outcome = _logged(lambda place: place % 2, {place: 10 for place in range(6)}, least_devices=3)
    assert [each.severity for each in _losses(outcome)] == ["orange"]


def _logged(logger: Callable[[int], int], silent_from: dict[int, int], **settings: float) -> Outcome:
    """Eight instruments of one site on loggers; each may fall silent at a minute."""
    names = [f"t{place}" for place in range(8)]
    kernel = Kernel(domain(dict.fromkeys(names, quantity()), {"missing": dict(settings)}), "readings.trial", 0)
    log = Log()
    for minute in range(40):
        log.tick(START + minute * MINUTE)
        for place, name in enumerate(names):
            if minute < silent_from.get(place, 40):
                log.read(f"port/logger{logger(place)}/{name}/Rtd", START + minute * MINUTE + 1000, 20.0 + place)
    return log.play(kernel)


def _losses(outcome: Outcome) -> list[Finding]:
    return [each for each in outcome.findings if each.detector == "mass_loss"]


def test_how_long_is_long_is_the_packs_word() -> None:
    assert told(played({"port/p3": (10, 20)}, intervals=2), "missing")[0][2] == 12


def test_what_was_never_heard_is_not_missing_and_period_values_have_no_pace() -> None:
    kernel = Kernel(domain({"temp": quantity()}), "readings.trial", 0)
    log = Log()
    log.read("port/p1/temp/Avg", START, 20.0)
    log.read("port/p2/temp/Rtd", START, 20.0)
    log.tick(START + 3_600_000)
    assert [each.subject for each in log.play(kernel).findings] == ["port/p2/temp/Rtd"]


def test_city_time_does_not_run_backwards() -> None:
    kernel, log = Kernel(domain(), "readings.trial", 0), Log()
    log.read("port/p1/temp/Rtd", START, 20.0)
    log.tick(START + 4 * MINUTE)
    log.tick(START)
    log.tick(START + 4 * MINUTE)
    assert log.play(kernel).findings == [] and kernel.last_tick == START + 4 * MINUTE
