"""The lines of a declaration held against the goods list and against each other (IMDG 5.4). Pure.

What contradicts a row that has been confirmed, or arithmetic, forbids to take the declaration. What contradicts a row
from memory, or is missing, is a doubt that the authorities see. A UN number the list does not have is said to be
unknown: nothing is made up for it.
"""

import re
from collections.abc import Iterator, Mapping, Sequence

from detectors.rules.declaration import Refusal
from topics.events import Goods
from topics.finding import Text
from topics.goods import GoodsEntry

#: Classes whose goods have a packing group (IMDG 2.0.1.3); articles and self-reactive goods have none.
WITH_GROUP = ("3", "4.2", "4.3", "5.1", "6.1", "8")
#: A flash point is stated up to this (°C, closed cup; IMDG 5.4.1.5.6).
FLASH_STATED_C = 60.0
#: What a list or a line may leave empty without contradicting the other.
MAY_LACK = ("packing group", "EmS")
#: What a scale and rounding may hide (tonnes).
ROUNDING_T = 0.01


def contradictions(lines: Sequence[Goods], gross_t: float | None, goods: Mapping[str, GoodsEntry]) -> list[Refusal]:
    """What forbids to take it."""
    found = []
    for line in lines:
        entry = goods.get(line.un)
        if entry is not None and entry.confirmed:
            found += [Refusal("goods", text, line.un) for text in _against_list(line, entry)]
    net = sum(line.mass_t for line in lines)
    if gross_t is not None and gross_t + ROUNDING_T < net:
        text = Text(f"毛重 {gross_t:g} t 小于净重 {net:g} t", f"gross mass {gross_t:g} t is below the net {net:g} t")
        found.append(Refusal("mass", text))
    return found


def doubts(lines: Sequence[Goods], container: str, digit: int | None, goods: Mapping[str, GoodsEntry]) -> list[Text]:
    """What the authorities should look at. ``digit`` is the check digit that the container's number should have,
    ``None`` where it has not the form of one."""
    found = list(_number(container, digit))
    for line in lines:
        entry = goods.get(line.un)
        if entry is None:
            found.append(
                Text(f"UN {line.un} 不在货物清单中，无法核对", f"UN {line.un} is not in the goods list: unknown")
            )
        else:
            if not entry.confirmed:
                found += _against_list(line, entry)
            found += _name(line, entry)
        found += _missing(line, entry)
    return found


def overloaded(lines: Sequence[Goods], gross_t: float | None, most_t: float, source: Text) -> list[Text]:
    """A doubt where the goods, or the box with them, weigh more than a box may (``most_t``, by ``source``)."""
    net_t = sum(line.mass_t for line in lines)
    zh, en, mass_t = ("净重", "net", net_t) if gross_t is None or net_t > gross_t else ("毛重", "gross", gross_t)
    if mass_t <= most_t + ROUNDING_T:
        return []
    return [
        Text(
            f"{zh} {mass_t:g} t 超过一箱最大总质量 {most_t:g} t（{source.zh}）",
            f"{en} mass {mass_t:g} t is above what a box may weigh in all, {most_t:g} t ({source.en})",
        )
    ]


def _against_list(line: Goods, entry: GoodsEntry) -> Iterator[Text]:
    sure_zh, sure_en = ("", "") if entry.confirmed else ("（清单该行未经核实）", " (that row is not confirmed)")
    pairs = (
        ("类别", "class", line.hazard_class, entry.hazard_class),
        ("次要危险", "subsidiary hazards", _hazards(line.subsidiary), _hazards(entry.subsidiary)),
        ("包装类", "packing group", line.packing_group, entry.packing_group),
        ("EmS", "EmS", line.ems.replace(" ", ""), entry.ems.replace(" ", "")),
    )
    for zh, en, declared, listed in pairs:
        if declared == listed or (en in MAY_LACK and not (declared and listed)):
            continue
        yield Text(
            f"UN {line.un} {zh}：申报 {declared or '无'}，清单 {listed or '无'}{sure_zh}",
            f"UN {line.un} {en}: declared {declared or 'none'}, the list has {listed or 'none'}{sure_en}",
        )


def _name(line: Goods, entry: GoodsEntry) -> Iterator[Text]:
    declared = _plain(line.name)
    if not declared or not any(_plain(name) in declared or declared in _plain(name) for name in entry.names):
        others = "".join(f" / {each.name}" for each in entry.also)
        yield Text(
            f"UN {line.un} 品名：申报“{line.name}”，清单“{entry.title.zh}{others}”",
            f'UN {line.un} name: declared "{line.name}", the list has "{entry.title.en}{others}"',
        )


def _missing(line: Goods, entry: GoodsEntry | None) -> Iterator[Text]:
    """What is not there, or cannot be so."""
    if not line.packing_group and line.hazard_class in WITH_GROUP:
        yield Text(f"UN {line.un} 未填包装类", f"UN {line.un}: no packing group given")
    if "3" in (line.hazard_class, *line.subsidiary):
        if line.flash_point_c is None:
            yield Text(f"UN {line.un} 未填闪点", f"UN {line.un}: no flash point given")
        elif line.flash_point_c > FLASH_STATED_C:
            yield Text(
                f"UN {line.un} 闪点 {line.flash_point_c:g} °C 高于 {FLASH_STATED_C:g} °C，不属第 3 类",
                f"UN {line.un}: flash point {line.flash_point_c:g} °C is above {FLASH_STATED_C:g} °C, not class 3",
            )
    if line.control_c is not None and line.emergency_c is not None and line.control_c >= line.emergency_c:
        yield Text(
            f"UN {line.un} 控制温度 {line.control_c:g} °C 不低于应急温度 {line.emergency_c:g} °C",
            f"UN {line.un}: control temperature {line.control_c:g} °C is not below the emergency temperature "
            f"{line.emergency_c:g} °C",
        )
    if line.packages is None:
        yield Text(f"UN {line.un} 未填件数", f"UN {line.un}: no number of packages given")
    if not line.ems and not (entry and entry.ems):
        yield Text(f"UN {line.un} 未填 EmS", f"UN {line.un}: no EmS given")


def _number(container: str, digit: int | None) -> Iterator[Text]:
    if digit is None:
        yield Text(f"箱号 {container} 不合 ISO 6346", f"container {container} has not the form of ISO 6346")
    elif container[-1] != str(digit):
        yield Text(f"箱号 {container} 校验位应为 {digit}", f"container {container}: its check digit should be {digit}")


def _hazards(hazards: Sequence[str]) -> str:
    return ", ".join(sorted(hazards))


def _plain(name: str) -> str:
    return re.sub(r"[^0-9a-z\u4e00-\u9fff]+", " ", name.lower().split(",")[0].split("(")[0]).strip()
