"""Values: codes of both generations, fields in any case, and what is no number."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from streams.sources.hj212.factors import CODES_2005, FACTORS, unit_of
from streams.sources.hj212.segment import parse_segment
from streams.sources.hj212.values import Value, number, values_of


def values(cp: str, cn: str = "2011") -> list[Value]:
    return values_of(parse_segment(f"ST=32;CN={cn};MN=M1;CP=&&DataTime=20160801085857;{cp}&&".encode()))


def brief(cp: str, cn: str = "2011") -> list[tuple[str, str, float | None, str | None, bool]]:
    return [(each.code, each.field, each.value, each.flag, each.measured) for each in values(cp, cn)]


def test_lower_case_fields_and_an_old_code() -> None:
    assert brief("011-rtd=12.5,011-flag=n") == [("w01018", "Rtd", 12.5, "N", True)]
    assert values("011-rtd=12.5")[0].sent_code == "011"


@pytest.mark.parametrize("old", CODES_2005)
def test_every_old_code_becomes_one_of_2017(old: str) -> None:
    assert brief(f"{old}-Rtd=1")[0][0] == CODES_2005[old]
    assert CODES_2005[old] in FACTORS


def test_minute_data_with_only_a_mean() -> None:
    assert brief("w01018-Avg=12.5,w01018-Flag=N", "2051") == [("w01018", "Avg", 12.5, "N", True)]


def test_all_statistics_share_the_factors_flag() -> None:
    cp = "a21026-Cou=1,a21026-Min=2,a21026-Avg=3,a21026-Max=4,a21026-ZsAvg=5,a21026-Flag=M"
    assert [(field, value, flag) for _, field, value, flag, _ in brief(cp, "2061")] == [
        ("Cou", 1.0, "M"), ("Min", 2.0, "M"), ("Avg", 3.0, "M"), ("Max", 4.0, "M"), ("ZsAvg", 5.0, "M"),
    ]  # fmt: skip


def test_negative_values_are_legal() -> None:
    assert brief("a01013-Avg=-0.35,a01013-Flag=N", "2061") == [("a01013", "Avg", -0.35, "N", True)]


def test_sample_time_before_the_value() -> None:
    only = values("w01018-SampleTime=20160801080000,w01018-Rtd=1")
    assert [(each.field, each.value, each.sample_time) for each in only] == [("Rtd", 1.0, "20160801080000")]


def test_states_of_treatment_devices_and_noise() -> None:
    assert brief("SB1-RS=1", "2021") == [("SB1", "RS", 1.0, None, True)]
    assert brief("SB1-RT=23.5", "2041") == [("SB1", "RT", 23.5, None, True)]
    assert brief("LA-DayData=55.2", "2031") == [("LA", "DayData", 55.2, None, True)]


def test_a_flag_alone_says_why_there_is_no_value() -> None:
    assert brief("w01018-Flag=D") == [("w01018", "Rtd", None, "D", True)]
    assert brief("w01018-Flag=D", "2061") == [("w01018", "Avg", None, "D", True)]
    assert brief("w01018-Rtd=,w01018-Flag=D") == [("w01018", "Rtd", None, "D", True)]


@pytest.mark.parametrize("text", ["", "--", "NaN", "nan", "inf", "-Infinity", "1e999", "1_000", "0x10", "1.2.3", "St"])
def test_what_is_no_number_is_refused_and_the_rest_goes_on(text: str) -> None:
    broken, whole = values(f"w01018-Rtd={text},w01018-Flag=N;w21003-Rtd=2,w21003-Flag=N")
    assert (broken.value, broken.measured) == (None, False)
    assert broken.problem is not None and f'expected a number, got "{text}"' in broken.problem.en
    assert (whole.value, whole.measured) == (2.0, True)


def test_a_flag_of_more_than_one_character_is_refused() -> None:
    assert not values("w01018-Rtd=1,w01018-Flag=NN")[0].measured
    assert values("w01018-Rtd=1,w01018-Flag=")[0].flag is None


def test_fields_that_are_no_statistic_are_shown_and_are_no_readings() -> None:
    assert brief("w01018-ValidNum=60,w01018-validnumber=x") == [
        ("w01018", "ValidNum", 60.0, None, False),
        ("w01018", "validnumber", None, None, False),
    ]


def test_a_code_that_cannot_be_in_a_series_id_is_refused() -> None:
    assert [each.measured for each in values("a/b-Rtd=1;~t-Rtd=1;w01018-Rtd=1")] == [False, False, True]


def test_units() -> None:
    assert (unit_of("w01018", "Rtd"), unit_of("w01018", "Cou"), unit_of("a01012", "Cou")) == ("mg/L", "kg", "")
    assert (unit_of("w00000", "Rtd"), unit_of("w00000", "Cou")) == ("L/s", "m3")
    assert (unit_of("SB1", "RT"), unit_of("SB1", "RS"), unit_of("zzz", "Rtd")) == ("h", "", "")


@given(st.floats(allow_nan=False, allow_infinity=False))
def test_numbers_as_devices_print_them(value: float) -> None:
    assert number(repr(value)) == value
