"""What can be wrong with a carrier on its way, each as a condition with its text in both languages. Pure."""

import datetime as dt
import math

from records.carriage.permits import Fault
from records.carriage.terms import CarriageFacts
from records.carriage.way import Fact
from streams.judges.episodes import Condition
from topics.city_zone import CITY_ZONE
from topics.finding import Text
from topics.positions import Position, Waybill

AREA, DEVIATION, STOP = "carriage-forbidden-area", "carriage-deviation", "carriage-stop"
SILENCE, JUMP = "carriage-silence", "carriage-jump"
NO_WAYBILL, PERMIT = "carriage-no-waybill", "carriage-permit"

FAMILY = {
    AREA: "route", DEVIATION: "route", STOP: "route", SILENCE: "tracking", JUMP: "tracking",
    NO_WAYBILL: "carriage-permit", PERMIT: "carriage-permit",
}  # fmt: skip

ROLES = {
    "driver": Text("驾驶员", "driver"),
    "escort": Text("押运员", "escort"),
    "vehicle": Text("车辆", "vehicle"),
    "trailer": Text("挂车", "trailer"),
    "firm": Text("运输企业", "firm"),
}
STATES = {
    "unnamed": Text("运单未填写", "not named on the waybill"),
    "missing": Text("登记中没有该证件", "no such permit on the register"),
    "expired": Text("已过期", "out of date"),
    "not-yet": Text("尚未生效", "not in force yet"),
    "suspended": Text("已暂停", "suspended"),
    "other-goods": Text("不适用于所载货物", "not for the goods aboard"),
}


def rule_of(fact: Fact) -> str:
    """The name of the finding that says it."""
    return f"carriage-{fact.rule}"


def subject_of(carrier: str, fact: Fact) -> str:
    """What the finding is about: the carrier, and the area or the trip."""
    return f"{carrier}/{fact.about or fact.trip}"


def on_the_way(carrier: str, site: str, fact: Fact, facts: CarriageFacts, waybill: Waybill | None) -> Condition:
    """The condition of a fact."""
    severity, text, unit, expected, mark = _SAYS[fact.rule](carrier, fact, facts, waybill)
    more: dict[str, str | float | int | None] = {
        "carrier": carrier, "trip": fact.trip, "lat": round(fact.lat, 6), "lon": round(fact.lon, 6),
        "since": fact.since,
    }  # fmt: skip
    if fact.rule == "forbidden-area":
        area = facts.areas[fact.about]
        more |= {"area": fact.about, "area_kind": area.kind, "confirmed": "yes" if area.confirmed else "no"}
    elif fact.rule == "deviation":
        more["distance_m"] = fact.value
    elif fact.rule == "stop":
        kind = facts.areas[fact.near].kind if fact.near in facts.areas else ""
        more |= {"near_area": fact.near, "near_kind": kind, "near_m": fact.near_m}
    elif fact.rule == "jump":
        more["speed_kmh"] = fact.value
    rule = rule_of(fact)
    return Condition(
        rule, FAMILY[rule], site, subject_of(carrier, fact), carrier, severity, text,
        mark=mark, value=fact.value, expected=expected, unit=unit, facts=more,
    )  # fmt: skip


Said = tuple[str, Text, str, float | None, str]


def _area(carrier: str, fact: Fact, facts: CarriageFacts, waybill: Waybill | None) -> Said:
    area, goods = facts.areas[fact.about], _goods(waybill)
    hours = f"（{'、'.join(area.hours)}）" if area.hours else ""
    hours_en = f" ({', '.join(area.hours)})" if area.hours else ""
    text = Text(
        f"{carrier} 载{goods.zh}于 {_clock(fact.since)} 进入禁行区“{area.title.zh}”{hours}",
        f"{carrier} with {goods.en} entered {area.title.en}, forbidden to it{hours_en}, at {_clock(fact.since)}",
    )
    return area.severity, text, "s", None, ""


def _deviation(carrier: str, fact: Fact, facts: CarriageFacts, waybill: Waybill | None) -> Said:
    corridor, goods = facts.terms.corridor_m, _goods(waybill)
    doublings = int(math.log2(max(1.0, fact.value / corridor))) if corridor else 0
    text = Text(
        f"{carrier} 载{goods.zh}自 {_clock(fact.since)} 起偏离申报路线，最远 {fact.value:.0f} m（允许 {corridor:g} m）",
        f"{carrier} with {goods.en} has been off its declared route since {_clock(fact.since)}, by {fact.value:.0f} m "
        f"at most ({corridor:g} m allowed)",
    )
    return "orange" if _dangerous(waybill) else "yellow", text, "m", corridor, str(doublings)


def _stop(carrier: str, fact: Fact, facts: CarriageFacts, waybill: Waybill | None) -> Said:
    goods, near = _goods(waybill), facts.areas.get(fact.near)
    beside = f"，距禁行区“{near.title.zh}” {fact.near_m:.0f} m" if near and fact.near_m is not None else ""
    beside_en = f", {fact.near_m:.0f} m from {near.title.en}" if near and fact.near_m is not None else ""
    minutes = facts.terms.stop_s / 60
    text = Text(
        f"{carrier} 载{goods.zh}自 {_clock(fact.since)} 起停留超过 {minutes:g} min，不在停车区{beside}",
        f"{carrier} with {goods.en} has stood since {_clock(fact.since)}, for more than {minutes:g} min, outside any "
        f"parking area{beside_en}",
    )
    grave = fact.near != "" and _dangerous(waybill)
    return "orange" if grave else "yellow", text, "s", facts.terms.stop_s, fact.near


def _jump(carrier: str, fact: Fact, facts: CarriageFacts, waybill: Waybill | None) -> Said:
    text = Text(
        f"{carrier} 的位置跳变：两次定位之间相当于 {fact.value:.0f} km/h，暂不采信",
        f"the position of {carrier} jumps: {fact.value:.0f} km/h between two fixes; not believed for now",
    )
    return "yellow", text, "km/h", facts.terms.jump_kmh, ""


def _no_waybill(carrier: str, fact: Fact, facts: CarriageFacts, waybill: Waybill | None) -> Said:
    named = f"（所报运单 {fact.trip} 无人申报）" if fact.trip else ""
    named_en = f" (it names {fact.trip}, which nobody has declared)" if fact.trip else ""
    text = Text(
        f"{carrier} 自 {_clock(fact.since)} 起载货行驶而没有有效运单{named}",
        f"{carrier} has carried goods since {_clock(fact.since)} without a waybill that holds{named_en}",
    )
    return "orange", text, "", None, ""


_SAYS = {
    "forbidden-area": _area, "deviation": _deviation, "stop": _stop, "jump": _jump, "no-waybill": _no_waybill,
}  # fmt: skip


def silence(waybill: Waybill, last: int, place: Position | None, facts: CarriageFacts) -> Condition:
    """Nothing has been heard of a trip under way; ``last`` 0 = never."""
    goods = _goods(waybill)
    heard = f"最后一次 {_clock(last)}" if last else "出发后从未收到"
    heard_en = f"last heard at {_clock(last)}" if last else "never heard since its departure"
    minutes = facts.terms.silence_s / 60
    return Condition(
        SILENCE,
        FAMILY[SILENCE],
        waybill.site,
        f"{waybill.carrier}/{waybill.id}",
        waybill.carrier,
        "orange" if waybill.classes else "yellow",
        Text(
            f"{waybill.carrier} 载{goods.zh}已超过 {minutes:g} min 没有位置（{heard}）",
            f"{waybill.carrier} with {goods.en} has sent no position for more than {minutes:g} min ({heard_en})",
        ),
        expected=facts.terms.silence_s,
        unit="s",
        facts={
            "carrier": waybill.carrier, "trip": waybill.id, **_at(place), "last_heard": last or None,
        },
    )  # fmt: skip


def permit(waybill: Waybill, fault: Fault, facts: CarriageFacts, place: Position | None) -> Condition:
    """A permit of the trip is not as it must be."""
    asked, role, state = facts.permits[fault.kind], ROLES[fault.role], STATES[fault.state]
    until = f"（有效期至 {_day(fault.until)}）" if fault.until else ""
    until_en = f" (valid to {_day(fault.until)})" if fault.until else ""
    return Condition(
        PERMIT,
        FAMILY[PERMIT],
        waybill.site,
        f"{waybill.carrier}/{waybill.id}/{fault.kind}",
        waybill.carrier,
        asked.severity,
        Text(
            f"{waybill.carrier} 运单 {waybill.id}：{role.zh} {fault.holder} 的{asked.title.zh}{state.zh}{until}",
            f"{waybill.carrier}, waybill {waybill.id}: {asked.title.en} of {role.en} {fault.holder}: "
            f"{state.en}{until_en}",
        ),
        mark=f"{fault.state} {fault.holder} {fault.number}",
        facts={
            "carrier": waybill.carrier, "trip": waybill.id, **_at(place), "role": fault.role,
            "holder": fault.holder, "permit": fault.kind, "state": fault.state, "number": fault.number,
            "valid_to": fault.until, "confirmed": "yes" if asked.confirmed else "no",
        },
    )  # fmt: skip


def _at(place: Position | None) -> dict[str, float | None]:
    """Where it was last seen."""
    return {"lat": place.lat if place else None, "lon": place.lon if place else None}


def _goods(waybill: Waybill | None) -> Text:
    if waybill is None:
        return Text("未申报货物", "undeclared goods")
    if not waybill.goods:
        return Text("普通货物", "ordinary goods")
    names = ", ".join(f"UN {line.un}" for line in waybill.goods[:3]) + (" …" if len(waybill.goods) > 3 else "")
    return Text(f" {names} ", names)


def _dangerous(waybill: Waybill | None) -> bool:
    return waybill is None or bool(waybill.classes)


def _clock(time_ms: int) -> str:
    return dt.datetime.fromtimestamp(time_ms / 1000, CITY_ZONE).strftime("%H:%M:%S")


def _day(time_ms: int) -> str:
    return dt.datetime.fromtimestamp(time_ms / 1000, CITY_ZONE).strftime("%Y-%m-%d")
