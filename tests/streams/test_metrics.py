"""Metrics: one table, bounded labels, a page that promtool accepts, a server on the loopback."""

import socket
import subprocess
import urllib.request
from collections.abc import Callable

import pytest

from streams.metric_table import OPEN_LABEL_LIMIT, OTHER
from streams.metrics import Metrics, serve_metrics


def test_counts_gauges_and_histograms_are_kept() -> None:
    metrics = Metrics()
    metrics.count("citybrain_dead_letters_total", reason="bad_frame")
    metrics.set("citybrain_alarms_open", 2, domain="cargo", severity="red", state="unacknowledged")
    metrics.observe("citybrain_event_to_store_seconds", 0.2)
    assert metrics.value("citybrain_dead_letters_total", reason="bad_frame") == 1
    assert metrics.value("citybrain_alarms_open", domain="cargo", severity="red", state="unacknowledged") == 2
    assert metrics.value("citybrain_event_to_store_seconds_count") == 1
    metrics.clear("citybrain_alarms_open")
    assert metrics.value("citybrain_alarms_open", domain="cargo", severity="red", state="unacknowledged") == 0


def test_a_counter_follows_a_tally_and_never_falls() -> None:
    metrics = Metrics()
    for total in (5, 5, 9, 3):
        metrics.count_to("citybrain_readings_total", total, domain="food")
    assert metrics.value("citybrain_readings_total", domain="food") == 9


def test_known_values_begin_at_nought_so_that_their_first_rise_is_one() -> None:
    assert b'citybrain_dead_letters_total{reason="bad_frame"} 0.0' in Metrics().page()


def test_labels_are_bounded() -> None:
    metrics = Metrics()
    metrics.count("citybrain_dead_letters_total", reason="a reason nobody knows")
    assert metrics.value("citybrain_dead_letters_total", reason=OTHER) == 1
    for number in range(OPEN_LABEL_LIMIT + 5):
        metrics.count("citybrain_readings_total", domain=f"d{number}")
    assert metrics.value("citybrain_readings_total", domain=OTHER) == 5


def test_a_wrong_label_is_told() -> None:
    with pytest.raises(ValueError, match=r"citybrain_readings_total: expected a counter with labels \['domain'\]"):
        Metrics().count("citybrain_readings_total", site="x")
    with pytest.raises(ValueError, match="expected a gauge"):
        Metrics().count("citybrain_spool_bytes")


def test_the_server_listens_on_the_loopback_alone() -> None:
    metrics = Metrics()
    metrics.set("citybrain_spool_bytes", 7)
    server = serve_metrics(0, metrics)
    try:
        with urllib.request.urlopen(f"http://127.0.0.1:{server.port}/metrics", timeout=5) as answer:
            assert b"citybrain_spool_bytes 7.0" in answer.read()
    finally:
        server.close()
    with socket.socket() as probe:
        assert probe.connect_ex(("127.0.0.1", server.port)) != 0


@pytest.mark.prometheus
def test_promtool_accepts_the_page(program: Callable[[str], str]) -> None:
    metrics = Metrics()
    metrics.count("citybrain_readings_total", domain="cargo")
    metrics.observe("citybrain_delivery_latency_seconds", 1.0, channel="cap")
    done = subprocess.run(
        [program("promtool"), "check", "metrics"], input=metrics.page(), capture_output=True, timeout=30, check=False
    )
    assert done.returncode == 0, done.stdout.decode() + done.stderr.decode()
