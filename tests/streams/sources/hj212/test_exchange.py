"""A command's life: answered, refused, sent again three times, forgotten by the device."""

import pytest

from streams.sources.hj212.exchange import RESULT_S, TIMEOUT_S, TRIES, Exchange, Outcome
from streams.sources.hj212.segment import Segment, parse_segment
from tests.streams.sources.hj212.plant import frame

QN = "20160801085857223"


def said(cn: str, cp: str = "") -> Segment:
    return parse_segment(frame(cp, cn=cn, qn=QN, flag=4)[6:-6])


def asked() -> Exchange:
    exchange = Exchange("OUTLET1", "2061", QN, b"request")
    assert exchange.send(0.0) == b"request"
    return exchange


def test_promise_data_and_result() -> None:
    exchange = asked()
    assert exchange.took(said("9011", "QnRtn=1"), 1.0) is None
    assert exchange.took(said("2061", "DataTime=20160801080000;w01018-Avg=1"), 2.0) is None
    outcome = exchange.took(said("9012", "ExeRtn=1"), 3.0)
    assert outcome is not None and outcome.code == "done"


@pytest.mark.parametrize(
    ("cn", "cp", "code", "words"),
    [
        ("9011", "QnRtn=2", "refused", "refused"),
        ("9011", "QnRtn=3", "refused", "wrong PW"),
        ("9011", "", "refused", "QnRtn=0"),
        ("9012", "ExeRtn=100", "no_data", "no data"),
        ("9012", "ExeRtn=5", "failed", "busy"),
    ],
)
def test_what_ends_it(cn: str, cp: str, code: str, words: str) -> None:
    outcome = asked().took(said(cn, cp), 1.0)
    assert outcome is not None and (outcome.code, outcome.text.en) == (code, words)


def test_it_is_sent_three_times_and_then_given_up() -> None:
    exchange, now, sent = asked(), 0.0, 1
    while not isinstance(due := exchange.due(now), Outcome):
        sent += due is not None
        now += 1.0
    assert (sent, exchange.tries, now) == (TRIES, TRIES, TRIES * TIMEOUT_S)
    assert due.code == "timeout" and "3 tries" in due.text.en


def test_a_promise_without_a_result_is_given_up_later_and_not_repeated() -> None:
    exchange = asked()
    exchange.took(said("9011", "QnRtn=1"), 5.0)
    assert exchange.due(5.0 + RESULT_S - 1) is None
    outcome = exchange.due(5.0 + RESULT_S)
    assert isinstance(outcome, Outcome) and "no result" in outcome.text.en and exchange.tries == 1


def test_each_message_of_data_gives_it_more_time() -> None:
    exchange = asked()
    for now in (5.0, 60.0, 115.0):
        exchange.took(said("2061", "DataTime=20160801080000;w01018-Avg=1"), now)
    assert exchange.due(170.0) is None
