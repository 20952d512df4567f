"""GB/T 35965: the same warning as in CAP, in the form of the city's release system, under names given once."""

import re
import threading

import pytest
from hypothesis import given
from hypothesis import strategies as st
from lxml import etree

from alerts.ledger.gb_names import GbNames
from alerts.store import Store
from alerts.warnings.gbt35965 import FILE, gb_identifier, gb_time, load_form, to_gbt35965
from alerts.warnings.statement import Reference
from tests.alerts.city_parts import T0, House
from tests.alerts.warnings.test_cap import statement
from topics.finding import Text
from topics.scheme import load_scheme

CODE = "12000041600000"
NAMES = {"citybrain.test-1-2-3": f"{CODE}_20150812220000_0", "before": f"{CODE}_20150812215900_0"}


def form(**more: object) -> etree._Element:
    return etree.fromstring(to_gbt35965(statement(**more), NAMES, CODE))


def test_the_message_has_what_the_public_sample_has() -> None:
    alert = form()
    assert alert.tag == "alert" and alert.nsmap == {}
    assert alert.findtext("identifier") == f"{CODE}_20150812220000_0"
    assert alert.findtext("senderCode") == CODE
    assert alert.findtext("sendTime") == "2015-08-12 22:00:00+08:00"
    assert alert.find("sent") is None
    assert alert.findtext("info/severity") == "Red"
    assert alert.findtext("info/eventType") == "12000"
    assert alert.findtext("info/area/geocode") == "120116000000"
    assert alert.findtext("code/method/message") == "发布红色预警：超限"


@pytest.mark.parametrize("code", ["red", "orange", "yellow", "blue"])
def test_each_colour_is_the_word_of_its_level(code: str) -> None:
    level = load_scheme().level(code)
    assert form(level=code, gb_level=level.gb_level).findtext("info/severity") == code.capitalize()


def test_a_level_without_a_colour_is_refused_not_guessed() -> None:
    for wrong in ("", "V", "source", "confirmed"):
        with pytest.raises(ValueError, match="expected I, II, III or IV"):
            form(gb_level=wrong, level="mauve")


def test_references_are_names_alone_and_the_end_of_a_warning_lifts_it() -> None:
    before = (Reference("citybrain.test", "before", T0 - 60_000),)
    alert = form(msg_type="Update", references=before, over=True)
    assert alert.findtext("references") == NAMES["before"]
    assert alert.findtext("msgType") == "Cancel"
    assert form(msg_type="Update", references=before).findtext("msgType") == "Update"
    assert form(msg_type="Cancel", references=before, over=True).findtext("msgType") == "Cancel"


def test_every_fact_that_nobody_has_checked_says_where_it_is_from() -> None:
    rows = load_form()
    for row in (rows.identifier, rows.all_clear, rows.method):
        assert row.source and row.confirmed is False
    for table in (rows.severity, rows.event_types):
        assert table["source"] and table["confirmed"] is False
    assert FILE.name == "gbt35965.toml"


@given(st.text(), st.text())
def test_no_text_of_a_device_spoils_the_message(headline: str, description: str) -> None:
    alert = form(headline=Text(headline, "x"), description=Text(description, "x"))
    assert alert.find("info/headline") is not None


def test_names_have_their_form_and_a_sender_code_its_digits() -> None:
    assert gb_identifier(CODE, T0 // 1000 * 10 + 3) == f"{CODE}_20150812220000_3"
    assert gb_time(T0) == "2015-08-12 22:00:00+08:00"
    with pytest.raises(ValueError, match="expected 14 digits, got '12'"):
        gb_identifier("12", 0)


def test_a_name_is_given_once_and_stays(house: House) -> None:
    names = GbNames(house.store, CODE)
    first = names.names(statement(identifier="a"))
    assert first == names.names(statement(identifier="a")) == {"a": f"{CODE}_20150812220000_0"}
    both = names.names(statement(identifier="b", references=(Reference("s", "a", T0), Reference("s", "c", T0))))
    assert both["a"] == first["a"] and len(set(both.values())) == 3


def test_more_warnings_in_a_second_than_it_has_names_take_the_next_free(house: House) -> None:
    names = GbNames(house.store, CODE)
    given_names = [names.names(statement(identifier=f"w{n}"))[f"w{n}"] for n in range(25)]
    assert len(set(given_names)) == 25
    assert all(re.fullmatch(rf"{CODE}_201508122200\d\d_\d", name) for name in given_names)
    assert names.names(statement(identifier="late", sent=T0 + 1_000))["late"].endswith("220002_5")


def test_many_at_once_never_get_the_same_name(house: House) -> None:
    url = house.store.engine.url.render_as_string(hide_password=False)
    stores = [Store(url) for _ in range(3)]
    found: list[str] = []

    def take(number: int) -> None:
        for n in range(5):
            name = f"{number}-{n}"
            found.append(GbNames(stores[number], CODE).names(statement(identifier=name))[name])

    threads = [threading.Thread(target=take, args=(number,)) for number in range(3)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    for store in stores:
        store.close()
    assert len(set(found)) == 15
