"""Which goods need a control temperature: those that the goods list names so, no others of their class."""

from records.temperature_controlled import temperature_controlled
from topics.goods import load_goods


def test_the_goods_list_names_the_same_numbers() -> None:
    for un, entry in load_goods().items():
        assert temperature_controlled(un) == ("TEMPERATURE CONTROLLED" in entry.title.en), (un, entry.title.en)


def test_magnesium_nitrocellulose_and_a_word_need_none() -> None:
    assert not any(map(temperature_controlled, ("1869", "2556", "3101", "3221", "", "ID8000")))
    assert all(map(temperature_controlled, ("3111", "3120", "3231", "3240", "3533")))
