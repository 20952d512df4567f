"""What is wrong with a form, told in both languages, without the marks of programs."""

from typing import Any

import msgspec
import pytest

from records.declaration_fault import FIELDS, SHAPES, fault
from records.declaration_form import Form
from tests.records.test_declaration_life import form
from topics.events import Goods
from topics.finding import Text


def told(more: dict[str, Any] | None = None, line: dict[str, Any] | None = None, without: str = "") -> Text:
    body = msgspec.to_builtins(form()) | (more or {})
    body["goods"] = [body["goods"][0] | (line or {})] if line else body["goods"]
    body.pop(without, None)
    with pytest.raises(msgspec.ValidationError) as refused:
        msgspec.convert(body, Form)
    return fault(refused.value, body)


@pytest.mark.parametrize(
    ("said", "zh", "en"),
    [
        (told(line={"un": "42"}), "货物第 1 行 UN 编号 (goods[0].un)：须为四位数字，实为 '42'",
         "goods, line 1, UN number (goods[0].un): expected four digits, got '42'"),
        (told(line={"mass_t": 0}), "货物第 1 行 净质量（t） (goods[0].mass_t)：须为大于 0.0 的数，实为 0",
         "goods, line 1, net mass, t (goods[0].mass_t): expected a number of more than 0.0, got 0"),
        (told({"container": "msku"}), "箱号 (container)：须为4 至 20 位大写字母和数字，实为 'msku'",
         "container (container): expected 4 to 20 capital letters and digits, got 'msku'"),
        (told(without="consignor"), "发货人 (consignor)：须填写", "consignor (consignor): required, got nothing"),
        (told({"colour": "red"}), "colour (colour)：没有这一字段", "colour (colour): there is no such field"),
        (told({"operation": None}), "作业时间 (operation)：须为整数，实为空",
         "time of the operation (operation): expected a whole number, got nothing"),
        (told({"handling": "fly"}), "作业类型 (handling)：须为load、discharge 或 transit，实为 'fly'",
         "kind of operation (handling): expected load, discharge or transit, got 'fly'"),
        (told({"goods": []}), "货物 (goods)：须为至少 1 行，实为空",
         "goods (goods): expected at least 1 lines, got nothing"),
    ],
)  # fmt: skip
def test_a_fault_names_field_what_it_must_be_and_what_came(said: Text, zh: str, en: str) -> None:
    assert (said.zh, said.en) == (zh, en)


def test_no_fault_shows_a_pattern_and_every_field_has_a_name() -> None:
    assert set(FIELDS) == {*Form.__struct_fields__, *Goods.__struct_fields__}
    for name in SHAPES:
        said = told({name: "?"}) if name in Form.__struct_fields__ else told(line={name: "?"})
        assert "^" not in said.zh + said.en and SHAPES[name].en in said.en
