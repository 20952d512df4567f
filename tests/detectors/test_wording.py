"""Every finding says in one sentence of each language what came, what was expected, since when and how rare it is."""

import re

import pytest

from detectors.wording import SEEN_BY, anomaly_text, how_rare, missing_text, model_text, range_text, stuck_text
from tests.detectors.small_pack import MINUTE, START, spec
from topics.finding import Text

PROBE = spec("works/p1/temp/Rtd")
SENTENCES = {
    "anomaly": anomaly_text(PROBE, "50.0 °C", "20.0 °C", START, 6.0, True, MINUTE, "ewma_level"),
    "forest": model_text(PROBE, "50.0 °C", START, 6.0),
    "range": range_text(PROBE, "2000.0 °C", ("-100.0 °C", "1000.0 °C"), START),
    "stuck": stuck_text(PROBE, "20.0 °C", 1.4, START),
    "missing": missing_text(PROBE, START, MINUTE),
}


@pytest.mark.parametrize("text", SENTENCES.values(), ids=SENTENCES)
def test_both_languages_say_the_same_numbers_and_since_when(text: Text) -> None:
    zh, en = text.zh.removeprefix(PROBE.title_zh), text.en.removeprefix(PROBE.title_en)
    assert sorted(re.findall(r"\d+", zh)) == sorted(re.findall(r"\d+", en))
    assert "2015-08-12 00:00:00" in text.en and PROBE.title_en in text.en and PROBE.title_zh in text.zh


@pytest.mark.parametrize(
    ("rarity", "interval_ms", "said"),
    [
        (6.0, 60_000, "about once in 690 sensor-days"),  # 1,000,000 minutes
        (6.0, 3_600_000, "about once in 42,000 sensor-days"),
        (12.0, 60_000, "less than once in 100,000 sensor-days"),  # a fitted tail would say 694,444,444
        (2.0, 60_000, "one healthy sensor shows this about 14 times a day"),
    ],
)
def test_how_rare_is_said_in_days_of_one_sensor(rarity: float, interval_ms: float, said: str) -> None:
    assert how_rare(rarity, True, interval_ms)[1] == said
    assert how_rare(rarity, False, interval_ms)[1] == "not yet calibrated"


def test_what_was_expected_and_which_detector_saw_it_are_said() -> None:
    assert "(its level has moved), expected about 20.0 °C" in SENTENCES["anomaly"].en
    assert all(zh and en for zh, en in SEEN_BY.values())
    assert "(-100.0 °C to 1000.0 °C)" in SENTENCES["range"].en and "expected every 60 s" in SENTENCES["missing"].en
