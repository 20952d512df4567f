"""What the played day declares: boxes that are meant to be in order raise no doubt, one is wrong on purpose."""

import datetime as dt

import msgspec

from records.declaration_form import Form
from streams.declaring import DeclarationRules
from streams.packs import load_packs
from streams.sources.simulator.desk_acts import load_desk_day
from topics.city_zone import CITY_ZONE

#: The consignor whose goods are named badly, in a box whose check digit is wrong.
UNCLEAR = "示例运输（模拟）"


def test_only_the_unclear_declaration_of_the_day_is_doubted_and_its_box_too() -> None:
    (pack,) = (each for each in load_packs() if each.name == "cargo")
    rules = DeclarationRules()
    doubts: dict[str, list[str]] = {}
    for act in load_desk_day().acts:
        if act.path != "/api/declarations":
            continue
        assert isinstance(act.body, dict)
        said = dict(act.body["form"])
        said["operation"] = round(_city(said["operation"]).timestamp() * 1000)
        form = msgspec.convert(said, Form)
        now = round(_city(act.at).timestamp() * 1000)
        checked = rules(pack, form, now, now)
        assert not checked.grounds or form.consignor == UNCLEAR, f"{form.container}: {checked.grounds}"
        doubts[form.consignor] = [each.en for each in checked.doubts]
    assert len(doubts) == 3
    assert "container SIMU3000010: its check digit should be 1" in doubts.pop(UNCLEAR)
    assert list(doubts.values()) == [[], []]


def _city(said: dt.datetime | str) -> dt.datetime:
    moment = dt.datetime.fromisoformat(said) if isinstance(said, str) else said
    return moment.replace(tzinfo=CITY_ZONE)
