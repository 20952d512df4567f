"""A declaration held against the list and itself: every proper name is one, what cannot be so is a doubt."""

import msgspec
import pytest

from detectors.rules.declared_goods import contradictions, doubts, overloaded
from topics.events import Goods
from topics.finding import Text
from topics.goods import load_goods

LIST = load_goods()
BOX = "CSQU3054383"
PETROL = Goods(
    "1203", "MOTOR SPIRIT", "3", 18.0, packing_group="II", packages=1, flash_point_c=-40.0, ems="F-E, S-E"
)  # fmt: skip
PEROXIDE = Goods("3111", "ORGANIC PEROXIDE TYPE B, LIQUID, TEMPERATURE CONTROLLED", "5.2", 1.0, packages=4)
ISO = Text("国标", "ISO 668")


def doubted(line: Goods) -> list[str]:
    return [each.en for each in doubts([line], BOX, 3, LIST)]


@pytest.mark.parametrize("name", ["MOTOR SPIRIT", "GASOLINE", "PETROL", "Petrol (unleaded)", "车用汽油", "汽油"])
def test_every_proper_name_of_a_number_is_taken_without_doubt(name: str) -> None:
    assert doubted(msgspec.structs.replace(PETROL, name=name)) == []


@pytest.mark.parametrize("name", ["ETHANOL", "---"])
def test_another_name_is_a_doubt_that_tells_all_names_of_the_list(name: str) -> None:
    (said,) = doubted(msgspec.structs.replace(PETROL, name=name))
    assert said == f'UN 1203 name: declared "{name}", the list has "MOTOR SPIRIT / GASOLINE / PETROL"'


@pytest.mark.parametrize(("control", "emergency", "wrong"), [(-10, -5, False), (-5, -5, True), (10, -5, True)])
def test_a_control_temperature_lies_below_the_emergency_temperature(
    control: float, emergency: float, wrong: bool
) -> None:
    said = doubted(msgspec.structs.replace(PEROXIDE, control_c=control, emergency_c=emergency))
    assert any("is not below the emergency temperature" in each for each in said) == wrong


def test_more_than_a_box_may_weigh_is_doubted_net_or_gross() -> None:
    assert overloaded([PETROL], 36.0, 36.0, ISO) == [] == overloaded([PETROL], None, 36.0, ISO)
    (said,) = overloaded([msgspec.structs.replace(PETROL, mass_t=99_999.0)], None, 36.0, ISO)
    assert said.en == "net mass 99999 t is above what a box may weigh in all, 36 t (ISO 668)"
    (said,) = overloaded([PETROL], 36.1, 36.0, ISO)
    assert said.zh == "毛重 36.1 t 超过一箱最大总质量 36 t（国标）"
    assert contradictions([PETROL], 17.0, LIST)[0].rule == "mass"
