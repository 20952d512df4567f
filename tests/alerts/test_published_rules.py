"""Of all sources, those that name a document by title or year are published; the rest is practice or our own."""

from alerts.city import City
from alerts.published_rules import is_published, parted
from alerts.rules_said import RulesSaid
from streams.packs import load_packs
from tests.alerts.city_parts import T0
from topics.finding import Text
from topics.sources import source_text


def test_a_title_or_a_year_is_a_document_and_a_number_of_something_is_not() -> None:
    for named in ("GB 18218-2018", "notice No. 12 (2021), from memory", "guide of 2018 to the grading"):
        assert is_published(Text(named, named)), named
    assert is_published(Text("《食品召回管理办法》，1 级召回", "Measures on food recalls, level 1"))
    for ours in ("ours; the guides give no numbers", "2000 kg, a default of ours", "1 in 20150812", "JT/T 808"):
        assert not is_published(Text(ours, ours)), ours


def test_each_stands_once_in_order_on_its_side() -> None:
    told = [Text(each, each) for each in ("ours b", "GB 2-2020", "ours a", "GB 1-2020", "ours b")]
    published, own = parted(told)
    assert [each.en for each in published] == ["GB 1-2020", "GB 2-2020"]
    assert [each.en for each in own] == ["ours a", "ours b"]


def test_the_sources_of_the_declarations_page_are_parted_as_a_reader_would() -> None:
    city = City(load_packs())
    city.tick(T0)
    said = RulesSaid(city, lambda: T0, lambda _day: ["GB 18218-2018"]).of("declarations")
    assert said is not None
    assert [each.en[:14] for each in said.published] == ["GB 18218-2018", "IMDG Code 7.2."]
    assert source_text("5 % and 500 kg as the guides' acceptance asks; a day of grace is a default of ours") in said.own
