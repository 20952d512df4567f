"""The goods data: every row has a source, classes agree with the messages, broken files are named."""

import datetime as dt
from hashlib import sha256
from pathlib import Path

import msgspec
import pytest

from topics.errors import ConfigurationError
from topics.events import Goods
from topics.goods import FOLDER, load_goods, load_goods_file
from topics.pack_goods import goods_editions
from topics.segregation_rules import OlderRules, load_group_rules, load_groups, load_overrides, rules_edition
from topics.segregation_table import load_segregation, segregation_edition


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


HEAD = 'edition = "of now"\nsource = "s"\nconfirmed = true\n'
OLDER = '[[until]]\nday = {day}\nedition = "{name}"\nsource = "{name}"\nconfirmed = false\nabsent = {absent}\n'


def goods_row(un: str, hazard_class: str) -> str:
    title = '{zh = "a", en = "b"}'
    return f'un = "{un}"\ntitle = {title}\nhazard_class = "{hazard_class}"\nsource = "s"\nconfirmed = true\n'


def test_the_list_stands_as_it_stood_on_a_day(tmp_path: Path) -> None:
    path = tmp_path / "goods.toml"
    newest = f"[[goods]]\n{goods_row('1111', '3')}[[goods]]\n{goods_row('2222', '8')}"
    middle = OLDER.format(day="2025-01-01", name="middle", absent='["2222"]')
    oldest = OLDER.format(day="2020-01-01", name="oldest", absent="[]") + f"[[until.goods]]\n{goods_row('1111', '6.1')}"
    path.write_text(HEAD + middle + oldest + newest, encoding="utf-8")
    known = load_goods_file(path)
    for day, edition, expected in (
        (None, "of now", {"1111": "3", "2222": "8"}),
        (dt.date(2025, 1, 1), "of now", {"1111": "3", "2222": "8"}),
        (dt.date(2024, 12, 31), "middle", {"1111": "3"}),
        (dt.date(2019, 12, 31), "oldest", {"1111": "6.1"}),
    ):
        assert {un: each.hazard_class for un, each in load_goods(path, day).items()} == expected
        assert known.on(day).edition == edition
    path.write_text(HEAD + oldest + f"[[until.goods]]\n{goods_row('1111', '3')}" + newest, encoding="utf-8")
    with pytest.raises(ConfigurationError, match="until 2020-01-01: expected each UN number once"):
        load_goods(path)


def test_groups_and_rules_stand_as_they_stood_on_a_day(tmp_path: Path) -> None:
    rules = load_group_rules()
    acids, alkalis = (next(each for each in rules.groups if each.name == name) for name in ("acids", "alkalis"))
    first, second = rules.overrides[:2]
    weaker = msgspec.structs.replace(first, require=0, confirmed=False)
    older = OlderRules(
        dt.date(2025, 1, 1), "older", "the test", False, overrides=(weaker,), absent=(second.code, alkalis.code)
    )
    then = msgspec.structs.replace(rules, until=(older,)).on(dt.date(2024, 12, 31))
    assert then.overrides[0] == weaker and second.code not in {each.code for each in then.overrides}
    assert acids in then.groups and alkalis not in then.groups and then.edition == "older"
    assert msgspec.structs.replace(rules, until=(older,)).on(dt.date(2025, 1, 1)).overrides == rules.overrides


def test_an_edition_is_named_with_the_digest_of_its_file() -> None:
    for edition_on, file in ((rules_edition, "groups.toml"), (segregation_edition, "segregation.toml")):
        older, newest = edition_on(dt.date(2015, 8, 12)), edition_on(dt.date(2026, 1, 1))
        assert older.digest == newest.digest == sha256((FOLDER / file).read_bytes()).hexdigest()
        assert (older.name, older.until) == ("IMDG before amendment 42-24", dt.date(2025, 1, 1))
        assert (newest.name, newest.until, older.confirmed) == ("IMDG amendment 42-24", None, False)
    (ours,) = goods_editions({}, dt.date(2026, 1, 1))
    assert ours.digest == sha256((FOLDER / "goods.toml").read_bytes()).hexdigest()


def test_a_number_said_twice_and_a_broken_row_are_refused_by_name(tmp_path: Path) -> None:
    row = '[[goods]]\nun = "1942"\ntitle = {zh = "a", en = "b"}\nhazard_class = "5.1"\nsource = "s"\nconfirmed = true\n'
    path = tmp_path / "goods.toml"
    path.write_text(HEAD + row * 2, encoding="utf-8")
    with pytest.raises(ConfigurationError, match="1942"):
        load_goods(path)
    path.write_text(HEAD + row.replace("confirmed = true\n", ""), encoding="utf-8")
    with pytest.raises(ConfigurationError, match=r"goods\.toml.*confirmed"):
        load_goods(path)
