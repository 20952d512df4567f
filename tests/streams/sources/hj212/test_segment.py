"""The data segment: every peculiarity of real devices, and no bytes that make it fail otherwise than by saying so."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from streams.sources.hj212.client import build_segment
from streams.sources.hj212.diagnosis import BadSegment
from streams.sources.hj212.segment import Segment, parse_segment
from tests.streams.sources.hj212.vectors import GOOD, HISTORY_REQUEST, SURFACE_WATER


def segment(cp: str, **changes: str | int | None) -> Segment:
    fields = {"qn": "20160801085857223", "st": "32", "cn": "2011", "mn": "M1", "flag": 5} | changes
    return parse_segment(build_segment(cp=cp, **fields).encode())  # type: ignore[arg-type]  # a table of fields


@pytest.mark.parametrize("name", GOOD)
def test_printed_frames_are_read(name: str) -> None:
    frame, cn, _ = GOOD[name]
    read = parse_segment(frame[6:-4])
    assert read.cn == cn and read.odd == []


def test_a_whole_message() -> None:
    read = parse_segment(SURFACE_WATER[6:-4])
    assert (read.qn, read.st, read.pw, read.mn) == ("20210301111100112", "21", "123456", "ZLDSZ20210127")
    assert (read.flag, read.version, read.ack_wanted) == (8, 2, False)
    assert read.cp == {"datatime": "20210301111100"}
    assert [group.code for group in read.groups][:3] == ["w01001", "w01009", "w01010"]
    assert read.groups[0].fields == {"Rtd": "8.33", "Flag": "N"}


def test_a_device_of_2005_without_qn_and_flag() -> None:
    read = parse_segment(b"ST=32;CN=2011;PW=123456;MN=88;CP=&&DataTime=20160801085857;011-Rtd=1.5,011-flag=N&&")
    assert (read.qn, read.flag, read.ack_wanted) == ("", None, False)
    assert read.groups[0].fields == {"Rtd": "1.5", "flag": "N"}


def test_bit_0_without_a_qn_asks_for_nothing_that_could_be_echoed() -> None:
    assert not parse_segment(b"ST=32;CN=2011;PW=1;MN=88;Flag=5;CP=&&DataTime=20160801085857&&").ack_wanted


def test_long_password_and_an_mn_of_any_letters() -> None:
    read = segment("DataTime=20160801085857", mn="abc_DEF_0123456789_xyz_9", pw="x" * 24)
    assert read.mn == "abc_DEF_0123456789_xyz_9" and len(read.pw) == 24


@pytest.mark.parametrize("joint", [",", ";"])
def test_sub_fields_joined_by_either_sign(joint: str) -> None:
    read = segment(f"DataTime=20160801085857;w01018-Rtd=1{joint}w01018-Flag=N;w21003-Rtd=2")
    assert [(group.code, group.fields) for group in read.groups] == [
        ("w01018", {"Rtd": "1", "Flag": "N"}),
        ("w21003", {"Rtd": "2"}),
    ]


def test_a_factor_that_comes_twice_overwrites_nothing() -> None:
    read = segment("DataTime=20160801085857;w01018-Rtd=1,w01018-Flag=N;w01018-Rtd=2,w01018-Flag=D")
    assert [group.fields for group in read.groups] == [{"Rtd": "1", "Flag": "N"}, {"Rtd": "2", "Flag": "D"}]


def test_parts_of_a_message() -> None:
    text = "QN=20160801085857534;ST=32;CN=2011;PW=1;MN=M1;Flag=7;PNUM=2;PNO=1;CP=&&DataTime=20160801085857&&"
    read = parse_segment(text.encode())
    assert (read.pnum, read.pno, read.ack_wanted) == (2, 1, True)
    assert (segment("DataTime=20160801085857", flag=3).pnum, segment("", flag=5).pno) == (0, 0)


def test_resent_data_of_2025() -> None:
    text = "QN=20260801085857534;ST=32;CN=2011;PW=1;MN=M1;Flag=9;RF=1;CP=&&DataTime=20260801085857&&"
    assert parse_segment(text.encode()).backfill
    assert not segment("DataTime=20160801085857").backfill


def test_a_request_of_a_platform_is_known_as_one() -> None:
    assert parse_segment(HISTORY_REQUEST[6:-4]).asks
    assert segment("").asks
    assert not segment("DataTime=20160801085857").asks


@pytest.mark.parametrize("encoding", ["utf-8", "gb18030"])
def test_chinese_text_in_either_encoding(encoding: str) -> None:
    text = build_segment(qn="", st="32", cn="3020", mn="M1", cp="i11001-Info=仪器故障")
    assert parse_segment(text.encode(encoding)).groups[0].fields == {"Info": "仪器故障"}


@pytest.mark.parametrize(
    ("text", "code", "words"),
    [
        ("ST=32;CN=2011;MN=M1;Flag=5", "no_cp", "CP is missing"),
        ("ST=32;CN=2011;MN=M1;CP=&&DataTime=20160801085857", "cp_open", "CP is not closed"),
        ("ST=32;CN=2011;CP=&&&&", "no_mn", "MN is missing"),
        ("ST=32;MN=M1;CP=&&&&", "no_cn", "CN is missing"),
        ("ST=32;CN=20a1;MN=M1;CP=&&&&", "bad_cn", 'CN: expected four digits, got "20a1"'),
        ("ST=32;CN=2011;MN=a/b;CP=&&&&", "bad_mn", "MN: expected"),
        ("ST=32;CN=2011;MN=~tick;CP=&&&&", "bad_mn", "MN: expected"),
        ("ST=32;CN=2011;MN=M1;Flag=256;CP=&&&&", "bad_flag", 'Flag: expected 0 to 255, got "256"'),
        ("ST=32;CN=2011;MN=M1;CP=&&{0xE4,0x3E}tail&&", "encrypted", "SM4"),
        ("CN=2011;MN=M1;CP=&&DataTime=20160801085857;DataTime=20160801085858&&", "data_time_twice", "given twice"),
    ],
)
def test_what_is_missing_is_said(text: str, code: str, words: str) -> None:
    with pytest.raises(BadSegment) as caught:
        parse_segment(text.encode())
    assert caught.value.diagnosis.code == code
    assert words in caught.value.diagnosis.text.en
    assert caught.value.diagnosis.text.zh


SEEDS = st.sampled_from(
    ["CN=2011;", "MN=M1;", "CP=&&", "&&", ";", ",", "=", "-", "w01018-Rtd=1", "DataTime=", "Flag=7;"]
)


@given(st.lists(SEEDS | st.text(max_size=6), max_size=20).map("".join).map(str.encode) | st.binary(max_size=80))
def test_any_bytes_are_read_or_refused_in_words(data: bytes) -> None:
    try:
        read = parse_segment(data)
    except BadSegment as bad:
        assert bad.diagnosis.text.en
    else:
        assert read.cn and read.mn


FACTOR_CODES = st.sampled_from(["w01018", "a21026", "011", "SB1", "LA"])
FACTOR_FIELDS = st.dictionaries(
    st.sampled_from(["Rtd", "Avg", "Flag", "ZsAvg"]), st.text("0123456789.-NDF", min_size=1, max_size=6), min_size=1
)


@given(st.lists(st.tuples(FACTOR_CODES, FACTOR_FIELDS), unique_by=lambda group: group[0]))
def test_what_was_written_is_read_back(groups: list[tuple[str, dict[str, str]]]) -> None:
    cp = ";".join(",".join(f"{code}-{name}={value}" for name, value in fields.items()) for code, fields in groups)
    assert [(group.code, group.fields) for group in segment(cp).groups] == groups
