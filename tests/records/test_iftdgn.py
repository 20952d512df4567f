"""Notifications in EDIFACT: one as an agent sends it, round trips, and refusals that name segment and position."""

import datetime as dt
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from records.declaration_form import Form, Handling
from records.edifact import EdifactError, read_interchange
from records.iftdgn import read_iftdgn
from tests.records.iftdgn_writer import interchange, message
from topics.events import Goods

ZONE = ZoneInfo("Asia/Shanghai")
BODY = [
    "UNH+1+IFTDGN:D:03A:UN:PROT20", "BGM+890+CP-2026-100+9", "HAN+L",
    "TDT+20+333N+1+:CONTAINER VESSEL++++9074729:::EVER TEST", "DTM+133:202609060830:203", "RFF+VM:77",
    "EQD+CN+MSKU1234565+22G1", "MEA+WT+G+TNE:24.1",
    "CNI+1+B77", "NAD+CZ+++O?'Neill ?+ Sons", "CTA+HE+:Duty officer", "COM+?+86 22 8888:TE",
    "GID+1+4::::drums", "FTX+AAA+++Fuel", "DGS+IMD+3:3100:40-20+1203:-18+-40:CEL+2+F-ES-E++++3",
    "FTX+AAD+++MOTOR SPIRIT", "MEA+AAE+AAB+KGM:880", "MEA+AAE+AAL+KGM:800", "SGP+MSKU1234565+4",
    "GID+2+9", "DGS+IMD+6.1+1230++2+F-E, S-D++++6.1:3", "FTX+AAD+++METHANOL", "MEA+AAE+AAF+KGM:900",
    "SGP+MSKU1234565+3", "MEA+AAE+AAF+KGM:300", "SGP+TCLU7654320+6", "MEA+AAE+AAF+KGM:600",
]  # fmt: skip


def told(lines: list[str]) -> str:
    return interchange([*lines, f"UNT+{len(lines) + 1}+1"])


def changed(old: str, new: str | None) -> str:
    lines = [new if each == old else each for each in BODY]
    assert lines != BODY
    return told([each for each in lines if each is not None])


def test_a_notification_as_an_agent_sends_it() -> None:
    (found,) = read_iftdgn(told(BODY), "yard", ZONE)
    assert (found.document, found.passed_over) == ("CP-2026-100", {"RFF": 1})
    first, second = found.forms
    assert first.container == "MSKU1234565" and first.consignor == "O'Neill + Sons"
    assert first.emergency_contact == "Duty officer +86 22 8888" and first.gross_t == 24.1
    assert (first.voyage, first.vessel, first.handling) == ("333N", "EVER TEST", "load")
    assert first.operation == round(dt.datetime(2026, 9, 6, 8, 30, tzinfo=ZONE).timestamp() * 1000)
    petrol, methanol = first.goods
    assert petrol == Goods(
        "1203", "MOTOR SPIRIT", "3", 0.8, packing_group="II", packages=4, package_kind="drums", flash_point_c=-40.0,
        ems="F-E, S-E",
    )  # fmt: skip
    assert (methanol.subsidiary, methanol.mass_t, methanol.packages) == (("3",), 0.3, 3)
    assert second.container == "TCLU7654320" and [each.mass_t for each in second.goods] == [0.6]


@pytest.mark.parametrize(
    ("text", "segment", "tag", "what"),
    [
        (told(BODY).replace("UNT+28", "UNT+27"), 29, "UNT", "expected a count of 28 segments, got '27'"),
        (told(BODY).replace("UNZ+1+REF1", "UNZ+2+REF1"), 30, "UNZ", "expected 1 messages of 'REF1', got '2'"),
        (told(BODY)[:-3], 30, "UNZ", "expected the terminator"),
        (changed("UNH+1+IFTDGN:D:03A:UN:PROT20", "UNH+1+IFTMIN:D:03A:UN"), 2, "UNH", "expected a message IFTDGN"),
        (changed("BGM+890+CP-2026-100+9", "BGM+890+CP-2026-100+1"), 3, "BGM", "expected message function 9"),
        (changed("HAN+L", "HAN+X"), 4, "HAN", "got 'X'"),
        (changed("DTM+133:202609060830:203", "DTM+133:202613060830:203"), 6, "DTM", "got '202613060830'"),
        (changed("DTM+133:202609060830:203", None), 2, "UNH", "expected the time of the operation"),
        (changed("CTA+HE+:Duty officer", None), 19, "SGP", "expected an emergency contact"),
        (changed("MEA+AAE+AAL+KGM:800", "MEA+AAE+AAL+KGM:8OO"), 19, "MEA", "expected a mass in"),
        (changed("MEA+AAE+AAL+KGM:800", None), 14, "GID", "expected a net mass"),
        (changed("MEA+AAE+AAF+KGM:600", None), 21, "GID", "after each SGP where goods are split"),
        (changed("FTX+AAD+++METHANOL", None), 22, "DGS", "expected the proper shipping name"),
        (changed("DGS+IMD+6.1+1230++2+F-E, S-D++++6.1:3", "DGS+ADR+3+1230"), 22, "DGS", "expected regulation IMD"),
        (
            changed("DGS+IMD+6.1+1230++2+F-E, S-D++++6.1:3", "DGS+IMD+3+12"),
            22,
            "DGS",
            r"UN number \(un\): expected four digits, got '12'",
        ),
        (changed("DGS+IMD+6.1+1230++2+F-E, S-D++++6.1:3", "DGS+IMD+3+1230++2+fire"), 22, "DGS", "like F-A, S-Q"),
        (changed("SGP+MSKU1234565+4", "SGP+MSKU1234565+four"), 20, "SGP", "a number of packages"),
        (changed("CNI+1+B77", "cni+1+B77"), 10, "cni", "a tag of three capital letters"),
        ("", 1, "", "expected an interchange, got nothing"),
        ("UNA::::::", 1, "UNA", "can be told apart"),
    ],
)
def test_what_is_wrong_is_said_with_segment_and_position(text: str, segment: int, tag: str, what: str) -> None:
    with pytest.raises(EdifactError, match=what) as refused:
        read_iftdgn(text, "yard", ZONE)
    assert (refused.value.number, refused.value.tag) == (segment, tag)
    assert refused.value.text.zh.startswith(f"第 {segment} 段 {tag or '?'}（第 {refused.value.at} 个字符）：")
    assert "expected" not in refused.value.text.zh and "^" not in refused.value.text.en
    at = refused.value.at
    assert str(refused.value).startswith(f"segment {segment} {tag or '?'} at character {at}: ")
    assert not tag or text[at - 1 :].startswith(tag)


@pytest.mark.parametrize(
    ("said", "utc"),
    [
        ("202609060830UTC:303", "2026-09-06T08:30:00"),
        ("202609060830GMT:303", "2026-09-06T08:30:00"),
        ("202609060830?+08:303", "2026-09-06T00:30:00"),
        ("202609060830-05:303", "2026-09-06T13:30:00"),
        ("20260906083015?+00:304", "2026-09-06T08:30:15"),
        ("2609060830UTC:301", "2026-09-06T08:30:00"),
    ],
)
def test_a_time_that_names_its_zone_is_of_that_zone(said: str, utc: str) -> None:
    (found,) = read_iftdgn(changed("DTM+133:202609060830:203", f"DTM+133:{said}"), "yard", ZONE)
    moment = dt.datetime.fromisoformat(utc).replace(tzinfo=dt.UTC)
    assert found.forms[0].operation == round(moment.timestamp() * 1000)


@pytest.mark.parametrize("zone", ["CST", "?+8", "?+24", "XYZ", ""])
def test_a_zone_that_is_none_or_several_is_refused(zone: str) -> None:
    with pytest.raises(EdifactError, match="expected a time"):
        read_iftdgn(changed("DTM+133:202609060830:203", f"DTM+133:202609060830{zone}:303"), "yard", ZONE)


def test_an_interchange_with_other_service_characters() -> None:
    text = "UNA|*,!#~UNH*1*X|Y!*Z~UNT*2*1~"
    (found,) = read_interchange(text).messages
    assert [found[0].get(1), found[0].get(2), found[0].get(2, 2), found[0].get(9)] == ["1", "X", "Y*Z", ""]
    assert read_interchange(text).decimal == ","


WORDS = st.text(st.characters(min_codepoint=32, max_codepoint=0x9FA5, categories=("L", "N", "P", "Zs")), max_size=20)
PLAIN = WORDS.map(str.strip)
NAMED = PLAIN.filter(bool)
MASSES = st.integers(1, 60_000_000).map(lambda grams: grams / 1_000_000)


@st.composite
def goods(draw: st.DrawFn) -> Goods:
    return Goods(
        f"{draw(st.integers(4, 3600)):04d}",
        draw(NAMED.filter(lambda name: name.upper() not in ("MARINE POLLUTANT", "LIMITED QUANTITY"))),
        draw(st.sampled_from(["3", "6.1", "8", "1.1D"])),
        draw(MASSES),
        draw(st.sampled_from([(), ("5.1",), ("2.1", "9")])),
        draw(st.sampled_from(["", "I", "II", "III"])),
        technical_name=draw(PLAIN.filter(lambda name: name.upper() not in ("MARINE POLLUTANT", "LIMITED QUANTITY"))),
        packages=draw(st.none() | st.integers(1, 9999)),
        package_kind=draw(PLAIN),
        flash_point_c=draw(st.none() | st.integers(-990, 990).map(lambda tenths: tenths / 10)),
        ems=draw(st.sampled_from(["", "F-A, S-Q", "F-E, S-D"])),
        marine_pollutant=draw(st.booleans()),
        limited_quantity=draw(st.booleans()),
    )


@st.composite
def forms(draw: st.DrawFn) -> list[Form]:
    moment = draw(st.integers(24_000_000, 30_000_000)) * 60_000
    kinds: list[Handling] = ["load", "discharge", "transit"]
    handling = draw(st.sampled_from(kinds))
    voyage, vessel = draw(PLAIN), draw(PLAIN)
    boxes = draw(st.lists(st.from_regex(r"[A-Z]{4}[0-9]{7}", fullmatch=True), min_size=1, max_size=3, unique=True))
    return [
        Form(
            "yard", box, tuple(draw(st.lists(goods(), min_size=1, max_size=3))), draw(NAMED), draw(NAMED), moment,
            handling, voyage, vessel, draw(PLAIN), draw(st.none() | MASSES), reference="D1",
        )
        for box in boxes
    ]  # fmt: skip


@settings(max_examples=15, deadline=None)
@given(forms())
def test_what_was_written_is_read_again(sent: list[Form]) -> None:
    (found,) = read_iftdgn(interchange(message(sent, ZONE, "D1")), "yard", ZONE)
    assert list(found.forms) == sent


@settings(max_examples=60, deadline=None)
@given(st.data())
def test_no_damage_does_anything_but_be_refused(data: st.DataObject) -> None:
    text = told(BODY)
    for _ in range(data.draw(st.integers(1, 3))):
        at = data.draw(st.integers(0, len(text)))
        end = min(len(text), at + data.draw(st.integers(0, 8)))
        text = text[:at] + data.draw(st.text(st.sampled_from("'+:?.U9A \n\x00é九"), max_size=4)) + text[end:]
    try:
        read_iftdgn(text, "yard", ZONE)
    except EdifactError as error:
        assert 1 <= error.at <= len(text) + 1
