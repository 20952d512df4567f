"""A goods list of one's own: rows in, refused lines by reason, and a pack that carries them and is read back."""

import datetime as dt
import tomllib
from hashlib import sha256
from pathlib import Path

import msgspec
import pytest

from topics.domain_file import FOLDER, load_domain
from topics.errors import ConfigurationError
from topics.goods import load_goods
from topics.goods_list import read_goods_list, with_goods
from topics.pack_goods import goods_editions, goods_of

LIST = """un,name_en,name_zh,class,subsidiary,packing_group,groups,no_water,ems
1263,"PAINT, ""thinned"" \\ mixed",涂料,3,,II,,no,"F-E, S-E"
1263,PAINT,涂料,3,,III,,,
1942,AMMONIUM NITRATE,硝酸铵,5.1,,III,ammonium-compounds,,F-H S-Q
2813,WATER-REACTIVE SOLID,,4.3,"6.1, 8",,SGG7 SGG1a,yes,"F-G, S-N"
12,X,,3,,,,,
1263,PAINT,,8,,,,,
1993,,,3,,,,,
1170,ETHANOL,,3,flammable,,,,
"""


def test_good_lines_are_taken_and_bad_ones_refused_with_line_and_reason() -> None:
    found = read_goods_list(LIST, "our licence, 42-24", confirmed=True)
    assert list(found.entries) == ["1263", "2813"]
    paint, reactive = found.entries.values()
    assert (paint.packing_group, paint.ems, paint.title.zh) == ("", "F-E, S-E", "涂料")
    assert (reactive.subsidiary, reactive.no_water, reactive.title.zh) == (("6.1", "8"), True, "WATER-REACTIVE SOLID")
    assert reactive.groups == ("heavy-metals", "acids")
    assert paint.confirmed and paint.source == "our licence, 42-24"
    said = {each.line: each.why for each in found.refusals}
    assert sorted(said) == [4, 6, 7, 8, 9]
    assert said[4].startswith("ems: expected") and said[6].startswith("un: expected") and "as before" in said[7]
    assert said[8].startswith("name_en") and said[9] == "subsidiary: expected classes, got 'flammable'"


def test_a_list_without_its_columns_is_refused() -> None:
    with pytest.raises(ConfigurationError, match="got no class"):
        read_goods_list("un,name_en\n1263,PAINT\n", "x", confirmed=False)


def test_a_pack_carries_the_list_and_the_next_import_takes_its_place(tmp_path: Path) -> None:
    pack = (FOLDER / "cargo.toml").read_text(encoding="utf-8")
    found = read_goods_list(LIST, "our licence", confirmed=False)
    entries, once = found.entries, with_goods(pack, found)
    path = tmp_path / "cargo.toml"
    path.write_text(once, encoding="utf-8")
    goods = goods_of(load_domain(path).facts)
    assert {un: goods[un] for un in entries} == entries and goods["1942"] == load_goods()["1942"]
    again = with_goods(once, msgspec.structs.replace(found, entries={"2813": entries["2813"]}))
    assert set(tomllib.loads(again)["facts"]["goods"]) == {"2813"} and again.startswith(pack)
    assert with_goods(once, found) == once
    with pytest.raises(ConfigurationError, match="beside the imported list"):
        with_goods(pack + '\n[facts.goods."1263"]\n', found)


def test_an_older_list_stands_beside_the_one_of_now_and_holds_before_its_day(tmp_path: Path) -> None:
    day = dt.date(2025, 1, 1)
    now = read_goods_list(LIST, "our licence, 42-24", confirmed=True)
    older = read_goods_list(LIST.replace('"F-E, S-E"', '"F-E, S-D"'), "our licence, 41-22", confirmed=True)
    older = msgspec.structs.replace(older, entries={"1263": older.entries["1263"]})
    pack = with_goods(with_goods((FOLDER / "cargo.toml").read_text(encoding="utf-8"), older, day), now)
    path = tmp_path / "cargo.toml"
    path.write_text(pack, encoding="utf-8")
    facts = load_domain(path).facts
    before, after = goods_of(facts, day - dt.timedelta(days=1)), goods_of(facts, day)
    assert (before["1263"].ems, after["1263"].ems) == ("F-E, S-D", "F-E, S-E")
    assert "2813" not in before and "2813" in after and after == goods_of(facts)
    told = {each.table: each for each in goods_editions(facts, dt.date(2015, 8, 12))}
    assert (told["own-goods"].name, told["own-goods"].digest) == ("our licence, 41-22", older.digest)
    assert told["own-goods"].until == day and told["goods"].name == "IMDG before amendment 42-24"
    told = {each.table: each for each in goods_editions(facts, day)}
    assert (told["own-goods"].name, told["own-goods"].digest) == (
        "our licence, 42-24",
        sha256(LIST.encode()).hexdigest(),
    )
    assert with_goods(with_goods(pack, older, day), now) == pack, "each takes the place of its own last import"


HEATS = """un,name_en,class,sadt_c,control_c,emergency_c,ceiling_c
3115,ORGANIC PEROXIDE TYPE D,5.2,15,-5,5,
3119,ORGANIC PEROXIDE TYPE F,5.2,,20,25,
3119,ORGANIC PEROXIDE TYPE F,5.2,,10,25,30
2556,NITROCELLULOSE,4.1,,,,45
3113,ORGANIC PEROXIDE TYPE C,5.2,,10,5,
3114,ORGANIC PEROXIDE TYPE C,5.2,warm,,,
3116,ORGANIC PEROXIDE TYPE D,5.2,,,nan,
1170,ETHANOL,3,,,,
"""


def test_temperatures_come_with_the_list_and_what_it_does_not_say_stays_unknown(tmp_path: Path) -> None:
    found = read_goods_list(HEATS, "our copy", confirmed=True)
    pack = tmp_path / "cargo.toml"
    pack.write_text(with_goods((FOLDER / "cargo.toml").read_text(encoding="utf-8"), found), encoding="utf-8")
    goods = goods_of(load_domain(pack).facts)
    told = goods["3115"].temperatures
    assert told is not None and told.source == "our copy" and told.confirmed
    assert (told.sadt_c, told.control_c, told.emergency_c, told.ceiling_c) == (15.0, -5.0, 5.0, None)
    assert goods["1170"].temperatures is None
    lowest = goods["3119"].temperatures
    assert lowest is not None and (lowest.control_c, lowest.emergency_c, lowest.ceiling_c) == (10.0, 25.0, 30.0)


def test_temperatures_out_of_order_and_no_temperatures_are_refused_line_by_line() -> None:
    refusals = read_goods_list(HEATS, "our copy", confirmed=True).refusals
    assert [each.line for each in refusals] == [6, 7, 8]
    assert "control_c: expected less than emergency_c = 5, got 10" in refusals[0].why
    assert "sadt_c: expected degrees" in refusals[1].why and "nan" in refusals[2].why


def test_a_row_of_a_pack_with_temperatures_out_of_order_is_named() -> None:
    row = {"title": {"zh": "甲", "en": "a"}, "hazard_class": "5.2", "source": "s", "confirmed": True}
    heat = {"sadt_c": 10.0, "emergency_c": 20.0, "source": "s", "confirmed": False}
    with pytest.raises(ConfigurationError, match=r"facts\.goods\.3115\.temperatures\.emergency_c"):
        goods_of({"goods": {"3115": row | {"temperatures": heat}}})
