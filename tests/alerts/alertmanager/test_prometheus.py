"""A real Prometheus with one rule that fires, and then does not, sends to us."""

import signal
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.alerts.alertmanager.parts import listening
from tests.alerts.alertmanager.programs import free_port, live, running
from tests.alerts.city_parts import House
from tests.patience import at_last

pytestmark = pytest.mark.kafka

RULE = """
groups:
- name: test
  rules:
  - alert: GatewayDown
    expr: vector(1) > %s
    labels: {severity: critical, site: gw-1}
    annotations: {summary: the gateway does not answer, summary_zh: 网关无响应}
"""
CONFIGURATION = """
global: {evaluation_interval: 1s}
rule_files: [rule.yml]
alerting: {alertmanagers: [{static_configs: [{targets: ['%s']}]}]}
"""


def test_its_alert_is_an_alarm_until_the_rule_no_longer_fires(
    house: House, tmp_path: Path, program: Callable[[str], str]
) -> None:
    name = program("prometheus")
    address = f"127.0.0.1:{free_port()}"
    with listening(live(house)) as ours:
        (tmp_path / "rule.yml").write_text(RULE % 0, encoding="utf-8")
        (tmp_path / "prometheus.yml").write_text(CONFIGURATION % ours.removeprefix("http://"), encoding="utf-8")
        # What it sends holds for four times the delay: a machine that stands still for that long would end the alarm.
        command = [name, "--config.file=prometheus.yml", "--storage.tsdb.path=data", "--rules.alert.resend-delay=10s"]
        with running(
            [*command, f"--web.listen-address={address}"], f"http://{address}/-/ready", tmp_path
        ) as prometheus:
            alarms = "SELECT state, site, quantity, severity, text_zh, text_en FROM alarm"
            (alarm,) = at_last(lambda: house.rows(alarms), "the alarm is in the store")
            assert tuple(alarm) == (
                "unacknowledged", "gw-1", "GatewayDown", "orange", "外部告警 GatewayDown：网关无响应",
                "GatewayDown: the gateway does not answer",
            )  # fmt: skip
            (tmp_path / "rule.yml").write_text(RULE % 2, encoding="utf-8")
            prometheus.send_signal(signal.SIGHUP)
            state = "SELECT state FROM alarm WHERE state = 'returned-unacknowledged'"
            at_last(lambda: house.rows(state), "the alarm has returned")
            assert house.rows("SELECT phase, seq FROM finding ORDER BY seq") == [("open", 0), ("close", 1)]
