"""The quick way gives what the long way gives, byte for byte, or leaves the frame to it."""

from typing import Any

import msgspec
from hypothesis import given, settings
from hypothesis import strategies as st

from records.registry import Device, SeriesMeta, registry_of
from streams.sources.hj212.acknowledgement import answer_to
from streams.sources.hj212.client import build_segment
from streams.sources.hj212.diagnosis import BadSegment
from streams.sources.hj212.quick import QuickWay
from streams.sources.hj212.segment import parse_segment
from streams.sources.hj212.to_readings import Origin, records_of
from tests.streams.sources.hj212.plant import MAPPED, NOW, OUTLET, PLANT, REGISTRY, frame
from topics.domain import Domain
from topics.reading import Reading

DOMAINS: dict[str, Domain] = {}


def both(data: bytes, way: QuickWay) -> tuple[Any, Any]:
    """What the quick way and the long way make of a segment: records and answer."""
    quick = way.take(data, NOW)
    try:
        segment = parse_segment(data)
        out = records_of(segment, data, REGISTRY, Origin("peer", NOW))
    except BadSegment:
        return quick, None
    return quick and (quick.records, quick.answer, quick.times), (out.records, answer_to(segment), out.times)


def test_an_ordinary_frame_goes_the_quick_way() -> None:
    way = QuickWay(REGISTRY, DOMAINS, 600)
    for qn in ("20160801085857223", "20160801085858001"):
        quick, long = both(frame(qn=qn)[6:-6], way)
        assert quick == long and quick[0]
        assert qn.encode() in quick[1]


def test_a_device_that_is_registered_anew_is_known_at_once() -> None:
    registry = registry_of([PLANT, OUTLET])
    way = QuickWay(registry, DOMAINS, 600)
    data = frame()[6:-6]
    first = way.take(data, NOW)
    registry.put(Device("OUTLET1", "plant-01", "hj212", {"w01018": SeriesMeta(unit="g/L")}))
    second = way.take(data, NOW)
    registry.apply("device/OUTLET1", None)
    assert first is not None and second is not None
    units = [msgspec.json.decode(each.records[0].value, type=Reading).unit for each in (first, second)]
    assert units == ["ug/L", "g/L"]
    assert way.take(data, NOW) is None


CODES = st.sampled_from(["w01018", "W01018", "011", "w21003", "a21026", "B01", "cod", "x-y", "", "w01018-Rtd"])
FIELDS = st.sampled_from(["Rtd", "Avg", "avg", "Min", "Flag", "flag", "Cou", "SampleTime", "EFlag", "RS", "Info", ""])
VALUES = st.one_of(
    st.decimals(-1000, 100_000, places=3).map(str),
    st.sampled_from(["N", "n", "M", "", "--", "1e5", ".5", "5.", "nan", "+1", "1_0", " 1", "NN", "0", "-0", "é"]),
)
ITEMS = st.tuples(CODES, FIELDS, VALUES).map(lambda parts: f"{parts[0]}-{parts[1]}={parts[2]}")
PLAIN = st.tuples(st.sampled_from(["w01018", "w21003", "011", "a21026"]), VALUES, st.sampled_from("NMFD")).map(
    lambda parts: f"{parts[0]}-Rtd={parts[1]},{parts[0]}-Flag={parts[2]}"
)
GROUPS = st.lists(ITEMS, min_size=1, max_size=4).map(",".join) | PLAIN
TIMES = st.sampled_from(
    ["DataTime=20160801085857", "DataTime=20160801085857123", "DataTime=20169901085857", "datatime=20160801085857", ""]
)


@settings(max_examples=60, deadline=None)
@given(
    st.lists(
        st.tuples(
            st.sampled_from(["2011", "2051", "2061", "2031", "9014", "3020"]),
            st.sampled_from([OUTLET.id, MAPPED.id, "GONE1", "STRAY1", "NOBODY"]),
            st.sampled_from([None, 4, 5, 7, 9]),
            st.sampled_from(["20160801085857223", "", "2016"]),
            st.booleans(),
            TIMES,
            st.lists(GROUPS, max_size=4),
        ),
        min_size=1,
        max_size=4,
    )
)
def test_what_goes_the_quick_way_comes_out_as_by_the_long_way(frames: list[Any]) -> None:
    way = QuickWay(REGISTRY, DOMAINS, 600)
    for cn, mn, flag, qn, rf, time, groups in frames:
        cp = ";".join([time, *groups])
        data = build_segment(qn=qn, st="32", cn=cn, mn=mn, cp=cp, flag=flag, rf=rf).encode()
        quick, long = both(data, way)
        if quick is not None:
            assert quick == long


def test_most_of_a_days_frames_go_the_quick_way() -> None:
    way = QuickWay(REGISTRY, DOMAINS, 600)
    hour = "DataTime=20160801080000;w01018-Min=1,w01018-Avg=2.5,w01018-Max=3,w01018-Cou=4,w01018-Flag=N"
    assert way.take(frame(hour, cn="2061")[6:-6], NOW) is not None
    assert way.take(frame(flag=9, rf=True)[6:-6], NOW) is not None
    assert way.take(frame(flag=None, qn="")[6:-6], NOW) is not None
