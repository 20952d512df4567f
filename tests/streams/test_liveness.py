"""A worker that stands still is seen, whatever it answers; one that waits for others is left alone."""

import urllib.error
import urllib.request

import pytest

from streams.liveness import Liveness
from streams.metrics import Metrics, serve_metrics

PLACE = ("readings.cargo", 0)


def test_a_partition_that_stands_still_with_records_is_named() -> None:
    liveness = Liveness(60, began_s=0)
    for now_s in range(0, 130, 5):
        liveness.look(now_s, {PLACE: 100}, {PLACE: 200 + now_s})
        assert bool(liveness.problem(now_s)) == (now_s > 60)
    assert liveness.problem(125) == "readings.cargo:0 stands at 100 of 325 for 125 s"


def test_one_that_moves_or_is_at_its_end_is_left_alone() -> None:
    liveness = Liveness(60, began_s=0)
    for now_s in range(0, 600, 5):
        liveness.look(now_s, {PLACE: now_s, ("quiet", 1): 7}, {PLACE: 10_000, ("quiet", 1): 8})
        assert liveness.problem(now_s) == ""


def test_one_that_moves_on_is_forgiven() -> None:
    liveness = Liveness(60, began_s=0)
    liveness.look(0, {PLACE: 1}, {PLACE: 9})
    liveness.look(70, {PLACE: 1}, {PLACE: 9})
    assert liveness.problem(70)
    liveness.look(75, {PLACE: 2}, {PLACE: 9})
    assert not liveness.problem(75)


def test_a_partition_that_another_worker_took_is_forgotten() -> None:
    liveness = Liveness(60, began_s=0)
    liveness.look(0, {PLACE: 1}, {PLACE: 9})
    liveness.look(70, {}, {})
    assert not liveness.problem(70)


def test_a_broker_that_is_away_is_no_fault_of_the_worker() -> None:
    liveness = Liveness(60, began_s=0)
    liveness.look(0, {PLACE: 1}, {PLACE: 9})
    for now_s in range(5, 600, 5):
        liveness.unanswered(now_s)
        assert not liveness.problem(now_s)
    liveness.look(600, {PLACE: 1}, {PLACE: 9})
    assert not liveness.problem(655)
    liveness.look(661, {PLACE: 1}, {PLACE: 9})
    assert liveness.problem(661)


def test_a_loop_that_looks_no_more_is_seen_from_the_thread_that_answers() -> None:
    liveness = Liveness(60, began_s=0)
    assert not liveness.problem(60)
    assert liveness.problem(61) == "nobody has looked at the partitions for 61 s"


def test_alive_answers_beside_the_metrics() -> None:
    said = [""]
    server = serve_metrics(0, Metrics(), alive=lambda: said[0])
    try:
        address = f"http://127.0.0.1:{server.port}"
        with urllib.request.urlopen(f"{address}/alive", timeout=5) as answer:
            assert (answer.status, answer.read()) == (200, b"alive\n")
        said[0] = "readings.cargo:0 stands at 1 of 9 for 70 s"
        with pytest.raises(urllib.error.HTTPError) as refused:
            urllib.request.urlopen(f"{address}/alive", timeout=5)
        with refused.value as answer:
            assert (answer.status, answer.read().decode().strip()) == (503, said[0])
        with urllib.request.urlopen(f"{address}/metrics", timeout=5) as answer:
            assert b"citybrain_readings_total" in answer.read()
    finally:
        server.close()
