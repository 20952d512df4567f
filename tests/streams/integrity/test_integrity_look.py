"""A day looked at, from what the history has kept to the findings that go on their topic."""

from pathlib import Path

import msgspec
import pytest

from detectors.integrity.outlet import DAY_MS, HOUR_MS
from detectors.integrity.pack_facts import IntegrityFacts, integrity_facts
from streams.integrity.day_rows import DayRows
from streams.integrity.findings import Told
from streams.integrity.look import look
from streams.integrity.outlets import outlets_of
from tests.streams.integrity.kept_outlets import JUDGED_MS, keep, outlet, pack, registry, tampered
from topics.codec import encode
from topics.errors import PartMissing
from topics.finding import Finding


def facts() -> IntegrityFacts:
    found = integrity_facts(pack())
    assert found is not None
    return found


def judged(root: Path, site: str) -> list[Told]:
    return list(look(root, pack(), facts(), registry(site), JUDGED_MS))


@pytest.mark.parametrize(
    ("kind", "rule"),
    [
        ("constant value", "constant_value"),
        ("min <= avg <= max violated", "min_avg_max"),
        ("mass balance", "mass_balance"),
        ("production on with treatment off", "treatment_off"),
    ],
)
def test_a_fraud_in_the_history_becomes_a_finding(tmp_path: Path, kind: str, rule: str) -> None:
    month = outlet()
    keep(tmp_path, tampered(month, kind))
    told = judged(tmp_path, month.name)
    (found,) = [each for each in told if each.evidence.rule == rule]
    opened, closed = found.findings
    assert (opened.phase, closed.phase) == ("open", "close")
    assert opened.family == "integrity"
    assert JUDGED_MS <= opened.opened < closed.time <= JUDGED_MS + DAY_MS
    assert opened.origin.topic == "readings.pollution"
    assert opened.origin.partition == 2
    assert 0 <= opened.origin.first_offset < opened.origin.last_offset
    assert "一号排口" in opened.text.zh and "outlet 1" in opened.text.en
    assert opened.p is not None and 0 < opened.p < 0.01
    assert msgspec.json.decode(encode(opened), type=Finding) == opened


def test_a_second_look_says_the_same_byte_for_byte(tmp_path: Path) -> None:
    month = outlet()
    keep(tmp_path, tampered(month, "constant value"))
    first, second = (
        [encode(each) for told in judged(tmp_path, month.name) for each in told.findings] for _ in range(2)
    )
    assert first == second != []


def test_hour_records_belong_to_the_hour_before_their_time(tmp_path: Path) -> None:
    month = outlet()
    sent = tampered(month, "mass balance")
    keep(tmp_path, sent)
    with DayRows(tmp_path, "pollution") as history:
        rows = list(history.of_site(month.name, JUDGED_MS - 8 * DAY_MS, JUDGED_MS + DAY_MS))
    span = (JUDGED_MS - 8 * DAY_MS, JUDGED_MS, JUDGED_MS + DAY_MS)
    (made,) = outlets_of(month.name, rows, pack(), facts(), registry(month.name), span)
    assert {each.period_ms for each in rows} == {0, HOUR_MS}
    kept, said = made.hours["w01018"].values["Avg"], sent.hours["w01018"]["Avg"]
    assert len(kept) == len(said) == 9 * 24
    assert [round(each, 3) for each in kept[-3:]] == [round(each, 3) for each in said[-3:]]
    assert made.known["w01018"].limit == 30.0, "the lowest limit in force, from the pack"


def test_without_a_history_it_says_what_is_missing(tmp_path: Path) -> None:
    with pytest.raises(PartMissing, match="citybrain history"):
        judged(tmp_path, "nowhere")
