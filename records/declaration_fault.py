"""What is wrong with a form, in the words of whoever fills it in: which field, what it must be, what came. Pure."""

import re
from typing import Any

import msgspec

from topics.finding import Text

#: What the page calls the fields.
FIELDS = {
    "site": Text("作业点", "site"), "container": Text("箱号", "container"), "goods": Text("货物", "goods"),
    "consignor": Text("发货人", "consignor"), "emergency_contact": Text("应急联系人", "emergency contact"),
    "operation": Text("作业时间", "time of the operation"), "handling": Text("作业类型", "kind of operation"),
    "voyage": Text("航次", "voyage"), "vessel": Text("船名", "vessel"), "consignee": Text("收货人", "consignee"),
    "gross_t": Text("核实总质量（t）", "verified gross mass, t"), "tare_t": Text("空箱质量（t）", "empty box, t"),
    "packing_certificate": Text("装箱证明书", "packing certificate"), "reference": Text("自编号", "own reference"),
    "un": Text("UN 编号", "UN number"), "name": Text("正确运输名称", "proper shipping name"),
    "hazard_class": Text("类别", "class"), "mass_t": Text("净质量（t）", "net mass, t"),
    "subsidiary": Text("次要危险", "subsidiary hazards"), "packing_group": Text("包装类", "packing group"),
    "technical_name": Text("技术名称", "technical name"), "packages": Text("件数", "packages"),
    "package_kind": Text("包装种类", "kind of packages"), "flash_point_c": Text("闪点（°C）", "flash point, °C"),
    "control_c": Text("控制温度（°C）", "control temperature, °C"), "ems": Text("EmS", "EmS"),
    "emergency_c": Text("应急温度（°C）", "emergency temperature, °C"),
    "marine_pollutant": Text("海洋污染物", "marine pollutant"), "limited_quantity": Text("限量", "limited quantity"),
}  # fmt: skip
#: What the fields with a form of their own must look like.
SHAPES = {
    "un": Text("四位数字", "four digits"),
    "container": Text("4 至 20 位大写字母和数字", "4 to 20 capital letters and digits"),
    "hazard_class": Text("类别或项别，如 3、5.1、1.4S", "a class or division like 3, 5.1, 1.4S"),
    "packing_group": Text("I、II 或 III", "I, II or III"), "ems": Text("如 F-A, S-Q", "like F-A, S-Q"),
    "handling": Text("load、discharge 或 transit", "load, discharge or transit"),
}  # fmt: skip
KINDS = {
    "str": Text("文字", "words"), "int": Text("整数", "a whole number"), "float": Text("数字", "a number"),
    "bool": Text("是或否", "yes or no"), "array": Text("列表", "a list"), "object": Text("一组字段", "a set of fields"),
}  # fmt: skip

PLACE = re.compile(r"^(?P<what>.*?)(?: - at `\$\.?(?P<path>.*)`)?$", re.S)
LONGEST_SHOWN = 60


def fault(error: msgspec.ValidationError, body: Any) -> Text:
    """The sentence for what ``msgspec`` found in ``body`` (a form, or a line of goods)."""
    found = PLACE.match(str(error))
    what, path = (found["what"], found["path"] or "") if found else (str(error), "")
    if lacking := re.search(r"missing required field `(\w+)`", what):
        zh, en = _where(_join(path, lacking[1]))
        return Text(f"{zh}：须填写", f"{en}: required, got nothing")
    if unknown := re.search(r"unknown field `(\w+)`", what):
        zh, en = _where(_join(path, unknown[1]))
        return Text(f"{zh}：没有这一字段", f"{en}: there is no such field")
    zh, en = _where(path)
    must, came = _must(what, path), _came(body, path)
    return Text(f"{zh}：须为{must.zh}，实为{came.zh}", f"{en}: expected {must.en}, got {came.en}")


def _must(what: str, path: str) -> Text:
    name = re.split(r"[.\[]", path)[-1] if not path.endswith("]") else ""
    if ("matching regex" in what or "enum value" in what) and name in SHAPES:
        return SHAPES[name]
    if size := re.search(r"`(str|array)` of length (>=|<=) (\d+)", what):
        zh, en = ("至少", "at least") if size[2] == ">=" else ("至多", "at most")
        unit = Text("个字", "characters") if size[1] == "str" else Text("行", "lines")
        return Text(f"{zh} {size[3]} {unit.zh}", f"{en} {size[3]} {unit.en}")
    if bound := re.search(r"(>=|<=|>|<) (-?[\d.]+)", what):
        zh = {">=": "不小于", "<=": "不大于", ">": "大于", "<": "小于"}[bound[1]]
        en = {">=": "at least", "<=": "at most", ">": "more than", "<": "less than"}[bound[1]]
        return Text(f"{zh} {bound[2]} 的数", f"a number of {en} {bound[2]}")
    kinds = [KINDS[each] for each in re.findall(r"\w+", what.split(", got")[0]) if each in KINDS]
    return kinds[0] if kinds else Text(what, what)


def _where(path: str) -> tuple[str, str]:
    """The place in both languages, with the field's code for whoever sends forms by program."""
    line = re.match(r"goods\[(\d+)\]\.?", path)
    rest = path[line.end() :] if line else path
    name = re.split(r"[.\[]", rest)[0]
    title = FIELDS.get(name, Text(rest or "货物", rest or "goods") if line else Text(rest or "表单", rest or "form"))
    code = f" ({path})" if path else ""
    at_zh, at_en = (f"货物第 {int(line[1]) + 1} 行 ", f"goods, line {int(line[1]) + 1}, ") if line else ("", "")
    return f"{at_zh}{title.zh}{code}", f"{at_en}{title.en}{code}"


def _join(path: str, name: str) -> str:
    return f"{path}.{name}" if path else name


def _came(body: Any, path: str) -> Text:
    for each in re.findall(r"\w+", path):
        try:
            body = body[int(each)] if isinstance(body, list | tuple) else body[each]
        except (KeyError, IndexError, TypeError, ValueError):
            body = None
    if body in (None, "", [], ()):
        return Text("空", "nothing")
    shown = repr(body)
    shown = shown if len(shown) <= LONGEST_SHOWN else shown[:LONGEST_SHOWN] + "…"
    return Text(f" {shown}", shown)
