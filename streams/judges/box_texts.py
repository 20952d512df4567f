"""What the judge of boxes says to a duty officer: cargo, limit and where it is from, value, since when, how long still.

One sentence in each language.
"""

import datetime as dt
from collections.abc import Mapping, Sequence

from records.box_limits import BoxLimits, Limit
from records.responder_card import place_text
from records.stays import Box
from streams.judges.yard_texts import goods_title
from topics.city_zone import CITY_ZONE
from topics.finding import Text
from topics.goods import GoodsEntry
from topics.sources import source_text

Goods = Mapping[str, GoodsEntry]

LEFT = Text("箱已离场或传感器已拆下，不再监测", "The box has left or the sensor was taken off: no longer watched")
BACK = Text("已恢复正常", "Back to normal")
REGAINED = Text("多数传感器已恢复上报", "Most of the sensors are heard again")
HEARD = Text("传感器恢复上报", "The sensor is heard again")


def cargo(box: Box, goods: Goods) -> Text:
    """What is in the box and where it stands: ``SIMU0001000 (A 05-01-1, UN 1942 …)``."""
    titles = [goods_title(un, goods) for un in dict.fromkeys(line.un for line in box.goods)]
    place = place_text(box.place)
    if titles:
        zh, en = "、".join(each.zh for each in titles[:3]), ", ".join(each.en for each in titles[:3])
        if len(titles) > 3:
            zh, en = f"{zh}等 {len(titles)} 种", f"{en} and {len(titles) - 3} more"
    else:
        zh, en = "箱内货物不明", "contents unknown"
    where = f"{place}，" if place else ""
    return Text(f"{box.container}（{where}{zh}）", f"{box.container} ({f'{place}, ' if place else ''}{en})")


def unknown(limits: BoxLimits) -> Text:
    """What is not known of its temperatures, with a leading blank or comma; "" where all is."""
    if not limits.limits:
        return Text("，货物的温度限值不明", "; no temperature limit of this cargo is known")
    if limits.unknown:
        names = ", ".join(f"UN {un}" for un in limits.unknown)
        return Text(f"，{names} 的温度限值不明", f"; no temperature limit is known of {names}")
    return Text("", "")


def ahead(next_limit: Limit | None, hours: float | None) -> Text:
    """How long until the next limit at this pace, with a leading comma; "" where none comes."""
    if next_limit is None or hours is None:
        return Text("", "")
    zh, en = lasting(hours)
    told = next_limit.text
    return Text(f"，照此约 {zh}后达到{told.zh}", f", at this pace {told.en} in about {en}")


def lasting(hours: float) -> tuple[str, str]:
    """Hours in words of both languages."""
    if hours < 1.5:
        return f"{hours * 60:.0f} 分钟", f"{hours * 60:.0f} min"
    return f"{hours:.1f} 小时", f"{hours:.1f} h"


def clock(time_ms: int) -> str:
    """Local date and time: ``08-12 22:51``."""
    return f"{dt.datetime.fromtimestamp(time_ms / 1000, CITY_ZONE):%m-%d %H:%M}"


def passed(what: Text, of: Limit, value: float, since: int, margin: float, then: Text) -> Text:
    """Above a limit, or within the margin of the SADT."""
    told, when = of.text, clock(since)
    if of.kind == "sadt" and value < of.value:
        zh = f"{what.zh} {value:.1f} °C，自 {when} 起距{told.zh}不超过 {margin:g} °C{then.zh}"
        en = f"{what.en} {value:.1f} °C, within {margin:g} °C of its {told.en} since {when}{then.en}"
    else:
        zh = f"{what.zh} {value:.1f} °C，自 {when} 起超过{told.zh}{then.zh}"
        en = f"{what.en} {value:.1f} °C, above its {told.en} since {when}{then.en}"
    return Text(zh, en)


def rising(what: Text, value: float, rate: float, window_s: float, bound: float, then: Text) -> Text:
    """A rise faster than the rule allows."""
    minutes = window_s / 60
    return Text(
        f"{what.zh} {value:.1f} °C，{minutes:.0f} 分钟内以每小时 {rate:.1f} °C 上升（限 {bound:g}）{then.zh}",
        f"{what.en} {value:.1f} °C, rising {rate:.1f} °C/h over {minutes:.0f} min (bound {bound:g}){then.en}",
    )


def drifting(what: Text, value: float, rate: float, window_s: float, shared: float | None, then: Text) -> Text:
    """A slow, steady rise towards a limit; ``shared``: how fast the boxes around it rise."""
    hours = window_s / 3600
    zh, en = ("", "") if shared is None else (f"（周围各箱 {shared:.2f}）", f" (boxes around it {shared:.2f})")
    return Text(
        f"{what.zh} {value:.1f} °C，{hours:g} 小时来持续缓升，每小时 {rate:.2f} °C{zh}{then.zh}",
        f"{what.en} {value:.1f} °C, creeping up {rate:.2f} °C/h{en} for {hours:g} h{then.en}",
    )


def basis(source: str, confirmed: bool) -> Text:
    """Where a level is from, and that nobody has checked it."""
    said = source_text(source)
    return said if confirmed else Text(f"{said.zh}；未经核实", f"{said.en}; not confirmed")


def level(what: Text, title: Text, value: float, unit: str, step: int, bound: float, source: Text, since: int) -> Text:
    """A gas or a tilt at its first or second level."""
    zh, en = f"{'一' if step == 1 else '二'}级 {bound:g}", f"{'first' if step == 1 else 'second'} level {bound:g}"
    return Text(
        f"{what.zh}{title.zh} {value:g} {unit}，自 {clock(since)} 起超过{zh} {unit}（{source.zh}）",
        f"{what.en}: {title.en.lower()} {value:g} {unit}, above the {en} {unit} since {clock(since)} ({source.en})",
    )


def opened(what: Text, since: int) -> Text:
    """A door open though nobody ordered it."""
    return Text(
        f"{what.zh}箱门自 {clock(since)} 起打开，没有开箱指令或查验记录",
        f"{what.en}: door open since {clock(since)} without an order or inspection",
    )


def ordered(by: str) -> Text:
    """It was in order after all."""
    return Text(f"已有开箱依据：{by}", f"It was ordered or inspected: {by}")


def silent(what: Text, heard: int, value: float | None, unit: str, of: Limit | None) -> Text:
    """A sensor that says nothing more."""
    last_zh = "" if value is None else f"，最后值 {value:g} {unit}"
    last_en = "" if value is None else f", last value {value:g} {unit}"
    limit_zh, limit_en = ("", "") if of is None else (f"，{of.text.zh}", f", {of.text.en}")
    return Text(
        f"{what.zh}传感器自 {clock(heard)} 起无数据，箱况不可知{last_zh}{limit_zh}",
        f"{what.en}: sensor silent since {clock(heard)}, nobody watches it{last_en}{limit_en}",
    )


def lost(area: str, boxes: Sequence[str], watched: int, first: int, last: int, cargoes: Sequence[Text]) -> Text:
    """Many sensors of one area lost together."""
    zh, en = "、".join(each.zh for each in cargoes), "; ".join(each.en for each in cargoes)
    span = max(1, round((last - first) / 1000))
    return Text(
        f"{area} 区 {watched} 个传感器中 {len(boxes)} 个于 {clock(first)} 起 {span} 秒内同时失联，可能已发生事故：{zh}",
        f"{len(boxes)} of {watched} sensors in {area} fell silent within {span} s from {clock(first)}, "
        f"perhaps by an accident: {en}",
    )
