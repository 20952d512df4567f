"""The goods data: every row has a source, classes agree with the messages, broken files are named."""

import datetime as dt
from pathlib import Path

import msgspec
import pytest

from topics.errors import ConfigurationError
from topics.events import Goods
from topics.goods import load_goods, load_groups, load_overrides, load_segregation


def test_every_row_says_where_it_is_from() -> None:
    table = load_segregation()
    assert all(row.source for row in load_goods().values())
    assert all(row.source for row in load_overrides())
    assert table.source and table.yard.source and table.within_class_1.source


def test_every_row_can_be_declared() -> None:
    for entry in load_goods().values():
        line = {
            "un": entry.un,
            "name": entry.title.en,
            "hazard_class": entry.hazard_class,
            "mass_t": 1.0,
            "subsidiary": entry.subsidiary,
            "packing_group": entry.packing_group,
        }
        assert msgspec.convert(line, Goods).un == entry.un


def test_whoever_keeps_away_is_in_the_list_and_from_something_the_table_or_the_groups_know() -> None:
    goods, groups, columns = load_goods(), {each.name for each in load_groups()}, load_segregation().columns
    assert {group for entry in goods.values() for group in entry.groups} < groups
    overrides = load_overrides()
    assert len({each.code for each in overrides}) == len(overrides), "findings find their rule by its code"
    for override in overrides:
        assert override.first.uns and set(override.first.uns) <= set(goods)
        assert {override.first.group, override.second.group} <= {*groups, ""}
        assert override.second.uns or override.second.group or set(override.second.classes) <= set(columns)


def test_a_pack_may_set_its_own_distances_and_they_are_unconfirmed() -> None:
    table = load_segregation(yard={"distances_m": {"1": 5.0, "2": 10.0, "3": 20.0, "4": 30.0}, "source": "terminal"})
    assert table.yard.distances_m["2"] == 10.0
    assert table.yard.source == "terminal" and not table.yard.confirmed
    with pytest.raises(ConfigurationError, match=r"facts\.segregation.*bay_m"):
        load_segregation(yard={"bay_m": "wide"})


def test_marks_stand_as_they_stood_on_a_day() -> None:
    table = load_segregation()
    one, other = table.columns.index("3"), table.columns.index("4.3")
    (older,) = table.until

    def mark(day: dt.date) -> tuple[str, str]:
        rows = [row.split() for row in table.on(day).rows]
        return rows[one][other], rows[other][one]

    assert (mark(older.day - dt.timedelta(days=1)), mark(older.day)) == (("1", "1"), ("2", "2"))
    assert table.on(older.day) == table
    then = table.on(dt.date(2015, 8, 12))
    assert (then.source, then.confirmed) == (older.source, False)
    wrong = msgspec.structs.replace(table, until=(msgspec.structs.replace(older, marks=(("3", "4.9", "1"),)),))
    with pytest.raises(ConfigurationError, match=r"until 2025-01-01: expected two of .*, got 3, 4\.9"):
        wrong.on(dt.date(2015, 8, 12))


def test_a_number_said_twice_and_a_broken_row_are_refused_by_name(tmp_path: Path) -> None:
    row = '[[goods]]\nun = "1942"\ntitle = {zh = "a", en = "b"}\nhazard_class = "5.1"\nsource = "s"\nconfirmed = true\n'
    path = tmp_path / "goods.toml"
    path.write_text(row * 2, encoding="utf-8")
    with pytest.raises(ConfigurationError, match="1942"):
        load_goods(path)
    path.write_text(row.replace("confirmed = true\n", ""), encoding="utf-8")
    with pytest.raises(ConfigurationError, match=r"goods\.toml.*confirmed"):
        load_goods(path)
