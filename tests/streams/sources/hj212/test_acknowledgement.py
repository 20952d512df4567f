"""What is answered, and to what."""

import pytest

from streams.sources.hj212.acknowledgement import answer_to
from streams.sources.hj212.segment import parse_segment
from tests.streams.sources.hj212.plant import frame
from tests.streams.sources.hj212.vectors import ACK_9013, ACK_9014, GOOD, HISTORY_REQUEST, REQUEST_ACK


def answer(raw: bytes) -> bytes | None:
    return answer_to(parse_segment(raw.rstrip()[6:-4]))


MN = "010000A8900016F000169DC0"


def test_data_get_the_9014_that_annex_c_prints() -> None:
    assert answer(frame(mn=MN)) == ACK_9014 + b"\r\n"


def test_notifications_get_the_9013_that_annex_c_prints() -> None:
    assert answer(frame("PolId=w01018", mn=MN, cn="1013")) == ACK_9013 + b"\r\n"


@pytest.mark.parametrize("cn", ["2011", "2021", "2031", "2041", "2051", "2061", "2081", "3020"])
def test_every_upload_is_answered_with_9014(cn: str) -> None:
    said = answer(frame(cn=cn))
    assert said is not None and b"ST=91;CN=9014;" in said and b"QN=20160801085857223;" in said


@pytest.mark.parametrize(("flag", "answered"), [(5, b"Flag=4;"), (7, b"Flag=4;"), (9, b"Flag=8;"), (1, b"Flag=4;")])
def test_the_answers_flag_asks_for_nothing_and_keeps_the_version(flag: int, answered: bytes) -> None:
    said = answer(frame(flag=flag))
    assert said is not None and answered in said


@pytest.mark.parametrize("flag", [4, 6, 8, None])
def test_who_asks_for_no_answer_gets_none(flag: int | None) -> None:
    assert answer(frame(flag=flag)) is None


def test_without_a_qn_there_is_nothing_to_answer_with() -> None:
    assert answer(frame(qn="")) is None


@pytest.mark.parametrize("raw", [REQUEST_ACK, HISTORY_REQUEST, *(frame(cn=cn) for cn in ("9011", "9012", "9015"))])
def test_answers_requests_and_heartbeats_get_none(raw: bytes) -> None:
    assert answer(raw) is None


def test_no_printed_frame_is_answered_with_9011_or_9012() -> None:
    answers = [answer(raw) or b"" for raw, _, _ in GOOD.values()]
    assert not any(b"CN=9011" in each or b"CN=9012" in each for each in answers)
