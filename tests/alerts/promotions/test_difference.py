"""Two sides' episodes held side by side, and the gate: lists in, figures out."""

from pathlib import Path
from typing import Any

import pytest

from alerts.promotions.difference import Cost, Episode, Span, alarms, difference, episodes, matches
from alerts.promotions.gate import Gate, judge, read_gate
from tests.alerts.city_parts import MINUTE, T0, finding
from topics.errors import ConfigurationError

DAY = 86_400_000


def episode(name: str, opened: int, closed: int, subject: str = "s", detector: str = "limit", key: str = "") -> Episode:
    """Minutes from ``T0``."""
    return Episode(name, subject, detector, key or subject, "yellow", T0 + opened * MINUTE, T0 + closed * MINUTE)


def told(
    a: list[Episode], b: list[Episode], verdicts: dict[str, tuple[str, str]] | None = None, cost: Cost | None = None
) -> dict[str, Any]:
    span = Span(T0, T0 + 2 * DAY, 2)
    return difference(a, b, span, cost or Cost(1_000, 1.0, 1.5), verdicts or {}, lambda subject: f"class of {subject}")


def test_messages_become_episodes_and_repeats_change_nothing() -> None:
    first = [finding(), finding("update", 1, severity="red"), finding("close", 2, closed=T0 + 5 * MINUTE)]
    still = finding(subject="other", opened=T0 + MINUTE)
    late = finding(subject="late", late=True)
    made = episodes([*first, still, late, *first[:1], first[2]], until=T0 + 60 * MINUTE)
    spans = {each.subject: (each.opened - T0, each.closed - T0) for each in made}
    assert spans == {"tank-farm-1/GT-1/lel/Rtd": (0, 5 * MINUTE), "other": (MINUTE, 60 * MINUTE)}


@pytest.mark.parametrize(
    ("a", "b", "met"),
    [
        ((0, 10), (5, 20), True),
        ((0, 10), (10, 20), True),  # they touch
        ((0, 10), (11, 20), False),
        ((5, 6), (0, 60), True),
        ((0, 60), (5, 6), True),
    ],
)
def test_overlap_of_one_series_is_a_match(a: tuple[int, int], b: tuple[int, int], met: bool) -> None:
    by_a, by_b = matches([episode("a", *a)], [episode("b", *b)])
    assert bool(by_a) is bool(by_b) is met
    assert matches([episode("a", *a)], [episode("b", *b, subject="another")]) == ({}, {})


def test_what_only_one_side_found_and_both_by_detector_and_class() -> None:
    a = [episode("a1", 0, 9), episode("a2", 30, 40), episode("a3", 0, 9, "t", "anomaly")]
    b = [episode("b1", 2, 4, detector="anomaly"), episode("b2", 6, 8), episode("b3", 50, 60, "t")]
    report = told(a, b)
    assert (report["only_a"], report["only_b"], report["both"]) == (2, 1, 1)  # b1 and b2 both match a1
    assert report["detectors"] == {
        "anomaly": {"only_a": 1, "only_b": 0, "both": 0},
        "limit": {"only_a": 1, "only_b": 1, "both": 1},
    }
    assert report["classes"]["class of t"] == {"only_a": 1, "only_b": 1, "both": 0}
    assert report["cost"]["cpu_share"] == 1.5
    assert report["hours"] == 48.0


def test_episodes_of_one_alarm_that_overlap_are_one_alarm() -> None:
    a = [episode("1", 0, 9, "s", key="k"), episode("2", 5, 20, "t", key="k"), episode("3", 30, 40, "s", key="k")]
    assert alarms(a) == 2
    report = told([], a)["alarms"]
    assert (report["a"], report["b"], report["additional_per_day"], report["b_per_operator_day"]) == (0, 2, 1.0, 0.5)


def test_a_true_alarm_is_lost_only_where_none_of_its_episodes_is_found() -> None:
    a = [episode("1", 0, 9), episode("2", 0, 9, "t"), episode("3", 0, 9, "u"), episode("4", 0, 9, "v")]
    verdicts = {"1": ("A", "true"), "2": ("A", "true"), "3": ("B", "true"), "4": ("C", "false")}
    report = told(a, [episode("b", 1, 2, "t")], verdicts)
    assert (report["lost_true"], report["avoided_false"], report["judged"]) == (["B"], ["C"], 3)
    assert report["precision"]["a"]["ratio"] == pytest.approx(2 / 3)
    assert (report["precision"]["b"]["true"], report["precision"]["b"]["ratio"]) == (1, 1.0)


def test_maintenance_and_drill_are_no_false_alarms() -> None:
    a = [episode(str(number), 0, 9, str(number)) for number in range(4)]
    labels = ["true", "maintenance", "drill", "sensor-fault"]
    report = told(a, a, {str(number): (f"A{number}", label) for number, label in enumerate(labels)})
    assert report["precision"]["a"] == report["precision"]["b"]
    assert (report["precision"]["a"]["false"], report["precision"]["a"]["ratio"]) == (0, 1.0)


GATE = Gate(
    least_hours=24, least_episodes=2, most_additional_alarms_per_day=1, most_lost_true=0,
    least_precision_gain=0.0, most_cpu_share=2.0, most_refused=0,
)  # fmt: skip


def shut(report: dict[str, Any], gate: Gate = GATE) -> list[str]:
    return [each.rule for each in judge(gate, report) if not each.ok]


def test_the_gate_opens_for_what_it_asks_and_says_which_rule_shuts_it() -> None:
    a = [episode("1", 0, 9), episode("2", 0, 9, "t")]
    assert shut(told(a, a)) == []
    assert shut(told(a, [])) == []  # fewer alarms, nobody has judged
    assert shut(told(a, a[:1], {"2": ("A", "true")})) == ["most_lost_true"]
    more = [episode(str(number), 0, 9, str(number)) for number in range(9)]
    assert shut(told(a, more)) == ["most_additional_alarms_per_day"]
    assert shut(told(a, a, cost=Cost(9, 1.0, 2.5, 3))) == ["most_cpu_share", "most_refused"]
    assert shut(told(a, a, cost=Cost())) == ["most_cpu_share"]  # nothing measured is no proof
    assert shut(told([], [])) == ["least_episodes"]
    worse = told(a, a[1:], {"1": ("A", "true"), "2": ("B", "false")})
    assert shut(worse, Gate(least_precision_gain=0.0)) == ["least_precision_gain"]
    short = difference(a, a, Span(T0, T0 + DAY // 2), Cost(1, 1.0, 1.0), {}, str)
    assert shut(short) == ["least_hours"]


def test_a_gate_file_is_read_whole_or_refused(tmp_path: Path) -> None:
    gate, digest = read_gate()
    assert gate.least_hours == 24.0 and gate.most_lost_true == 0 and len(digest) == 64
    path = tmp_path / "gate.toml"
    for text, said in [
        ("least_days = 3", "unknown field `least_days`"),
        ("most_lost_true = -1", "most_lost_true"),
        ("least_hours =", "Invalid value"),
    ]:
        path.write_text(text)
        with pytest.raises(ConfigurationError, match=said):
            read_gate(path)
    with pytest.raises(ConfigurationError, match="expected a file that can be read"):
        read_gate(tmp_path / "none.toml")
