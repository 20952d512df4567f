"""By which lists a declaration was checked: the day's editions, kept with each version, whatever comes after."""

import datetime as dt

import msgspec

from alerts.declarations.desk import Declarations
from alerts.declarations.views import DeclarationViews
from alerts.ledger.verify import verify
from records.declaration_events import Event
from records.declaration_life import fold
from tests.alerts.city_parts import House
from tests.alerts.declarations.parts import HOUR, form
from topics.city_zone import CITY_ZONE
from topics.editions import file_digest
from topics.goods import FILE
from topics.published_pack import content_hash

#: The midnight of the city with which amendment 42-24 is taken to hold.
CHANGE = round(dt.datetime(2025, 1, 1, tzinfo=CITY_ZONE).timestamp() * 1000)

NITRATE_ROW = {
    "title": {"zh": "硝酸铵", "en": "AMMONIUM NITRATE"}, "hazard_class": "5.1", "packing_group": "III",
    "source": "the test",
}  # fmt: skip


def test_each_version_says_by_which_editions_it_was_checked(house: House, desk: Declarations) -> None:
    number, _ = desk.enter(form(), "Li")
    house.city.tick(CHANGE)
    desk.amend(number, form(operation=CHANGE + 30 * HOUR), "Li", "the ship is years late")
    first, second = DeclarationViews(desk).view(number)["versions"]
    assert (first["checked"]["as_of"], second["checked"]["as_of"]) == ("2015-08-11", "2025-01-01")
    names = [{each["table"]: each["name"] for each in one["checked"]["editions"]} for one in (first, second)]
    older, newest = "IMDG before amendment 42-24", "IMDG amendment 42-24"
    assert names[0] == {"goods": older, "rules": older, "segregation": older, "pack": "cargo"}
    assert names[1] == {"goods": newest, "rules": newest, "segregation": newest, "pack": "cargo"}
    told = {each["table"]: each for each in first["checked"]["editions"]}
    assert told["goods"]["digest"] == file_digest(FILE) and told["goods"]["until"] == "2025-01-01"
    assert told["goods"]["name_text"]["zh"] == "IMDG 规则第 42-24 版修正案之前" and not told["goods"]["confirmed"]
    assert told["pack"]["digest"] == content_hash(house.city.domains["cargo"]) and told["pack"]["confirmed"]
    with house.store.read() as connection:
        assert verify(connection).broken == []


def test_what_was_kept_before_editions_were_says_that_they_were_not_recorded(desk: Declarations) -> None:
    number, _ = desk.enter(form(), "Li")
    before = b'"checked":' + msgspec.json.encode(desk.declaration(number).versions[0].checked)
    body = msgspec.json.encode(desk.events(number)[0])
    assert before in body
    as_once_kept = msgspec.json.decode(body.replace(b"," + before, b""), type=Event)
    assert fold([as_once_kept]).newest.checked is None


def test_goods_are_held_against_the_list_of_the_day(house: House, desk: Declarations) -> None:
    pack, (sure, day) = house.city.domains["cargo"], (NITRATE_ROW | {"confirmed": True}, "2025-01-01")
    older = {"source": "41-22", "confirmed": True, "rows": {"1942": sure | {"hazard_class": "4.1"}}}
    facts = pack.facts | {"goods": {"1942": sure}, "goods_until": {day: older}}
    house.city.put(msgspec.structs.replace(pack, facts=facts))
    number, _ = desk.enter(form(), "Li")
    version = desk.declaration(number).newest
    assert [each.why.en for each in version.reasons] == ["UN 1942 class: declared 5.1, the list has 4.1"]
    assert version.checked is not None
    assert [(each.name, str(each.until)) for each in version.checked.editions if each.table == "own-goods"] == [
        ("41-22", day)
    ]
    house.city.tick(CHANGE)
    number, _ = desk.enter(form(operation=CHANGE + 30 * HOUR), "Li")
    assert desk.declaration(number).state == "declared"
