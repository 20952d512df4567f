"""Prometheus rules: promtool accepts and plays them, they ask for metrics we export, and speak both languages."""

import re
import subprocess
from collections.abc import Callable
from pathlib import Path

import pytest

from grafana.lint import metrics_in
from streams.metric_table import BY_NAME

RULES = Path(__file__).parents[2] / "grafana" / "rules" / "citybrain.yaml"
PLAY = Path(__file__).parent / "rules_test.yaml"


def _play(promtool: str, text: str, folder: Path) -> "subprocess.CompletedProcess[str]":
    path = folder / "rules_test.yaml"
    path.write_text(text.replace("RULES", str(RULES)), encoding="utf-8")
    return subprocess.run(
        [promtool, "test", "rules", str(path)], capture_output=True, text=True, timeout=60, check=False
    )


@pytest.mark.prometheus
def test_promtool_accepts_the_rules(program: Callable[[str], str]) -> None:
    done = subprocess.run(
        [program("promtool"), "check", "rules", str(RULES)], capture_output=True, text=True, timeout=30, check=False
    )
    assert done.returncode == 0, done.stderr


@pytest.mark.prometheus
def test_each_alert_fires_when_it_must_and_not_before(program: Callable[[str], str], tmp_path: Path) -> None:
    text = PLAY.read_text(encoding="utf-8")
    done = _play(program("promtool"), text, tmp_path)
    assert done.returncode == 0, done.stdout + done.stderr
    wrong = _play(program("promtool"), text.replace("orange, domain: cargo", "orange, domain: nobody"), tmp_path)
    assert wrong.returncode != 0


def test_every_alert_is_played() -> None:
    alerts = set(re.findall(r"- alert: (\w+)", RULES.read_text(encoding="utf-8")))
    played = PLAY.read_text(encoding="utf-8")
    assert len(alerts) >= 6
    assert {name for name in alerts if f"alertname: {name}" in played} == alerts


def test_rules_ask_for_metrics_that_the_parts_export() -> None:
    text = RULES.read_text(encoding="utf-8")
    asked = {name for line in text.splitlines() if "summary" not in line for name in metrics_in(line)}
    assert asked
    assert asked <= set(BY_NAME)


def test_every_alert_speaks_both_languages_and_says_what_to_do() -> None:
    blocks = RULES.read_text(encoding="utf-8").split("- alert: ")[1:]
    for block in blocks:
        assert all(f"{key}: " in block for key in ("summary_zh", "summary_en", "action", "severity")), block
