"""What a finding says, in both languages: what came, what was expected, since when, how rare."""

from datetime import UTC, datetime, timedelta, timezone
from functools import lru_cache
from math import isnan

from detectors.base import SeriesSpec
from topics.domain import Limit
from topics.finding import Text

CITY = timezone(timedelta(hours=8))


@lru_cache(4096)  # findings of one moment come together
def clock(time_ms: int) -> str:
    """Event time as the city reads it: 2015-08-12 22:51:46."""
    return datetime.fromtimestamp(time_ms / 1000, UTC).astimezone(CITY).strftime("%Y-%m-%d %H:%M:%S")


def amount(value: float | None, decimals: int, unit: str) -> str:
    """A value with its unit, as many places as the quantity has."""
    return "–" if value is None or isnan(value) else f"{value:.{decimals}f} {unit}".rstrip()


def limit_text(spec: SeriesSpec, limit: Limit, value: str, bound: str, opened: int) -> Text:
    """A legal or engineering limit is broken."""
    above_zh, above_en = ("高于", "above") if limit.side == "high" else ("低于", "below")
    doubt_zh, doubt_en = ("", "") if limit.confirmed else ("（限值未经核实）", " (limit unconfirmed)")
    return Text(
        zh=f"{spec.title_zh} {value}，{above_zh}{limit.level}限值 {bound}（{limit.standard}）{doubt_zh}，"
        f"始于 {clock(opened)}",
        en=f"{spec.title_en} {value}, {above_en} limit {limit.level} {bound} ({limit.standard}){doubt_en}, "
        f"since {clock(opened)}",
    )


def back_text(spec: SeriesSpec, value: str) -> Text:
    """An episode is over."""
    return Text(zh=f"{spec.title_zh} 恢复正常：{value}", en=f"{spec.title_en} is back to normal: {value}")


def range_text(spec: SeriesSpec, value: str, opened: int) -> Text:
    return Text(
        zh=f"{spec.title_zh} {value}，超出仪器量程，始于 {clock(opened)}",
        en=f"{spec.title_en} {value}, outside what the instrument can measure, since {clock(opened)}",
    )


def stuck_text(spec: SeriesSpec, value: str, opened: int) -> Text:
    return Text(
        zh=f"{spec.title_zh} 长时间恒为 {value}，疑似仪器卡滞，始于 {clock(opened)}",
        en=f"{spec.title_en} has stayed at {value} far longer than usual, instrument may be stuck, "
        f"since {clock(opened)}",
    )


def missing_text(spec: SeriesSpec, last_ms: int) -> Text:
    return Text(
        zh=f"{spec.title_zh} 无数据，最后一次为 {clock(last_ms)}",
        en=f"{spec.title_en} is silent, last heard {clock(last_ms)}",
    )


def mass_loss_text(title_zh: str, title_en: str, lost: int, of: int, devices: int, opened: int) -> Text:
    """``devices``: how many devices brought the instruments that are lost."""
    how_zh, how_en = ("同属一台数据采集设备，", ", all on one device") if devices == 1 else ("", "")
    return Text(
        zh=f"{title_zh} {of} 个测点中有 {lost} 个同时失联，{how_zh}始于 {clock(opened)}",
        en=f"{title_en}: {lost} of {of} instruments lost at once{how_en}, since {clock(opened)}",
    )


def returned_text(spec: SeriesSpec) -> Text:
    return Text(zh=f"{spec.title_zh} 恢复上报", en=f"{spec.title_en} reports again")


def site_returned_text(title_zh: str, title_en: str) -> Text:
    return Text(zh=f"{title_zh} 测点恢复上报", en=f"{title_en}: instruments report again")


def pattern_back_text(spec: SeriesSpec, value: str) -> Text:
    return Text(zh=f"{spec.title_zh} 变化形态恢复正常：{value}", en=f"{spec.title_en} behaves as usual again: {value}")


def anomaly_text(spec: SeriesSpec, value: str, expected: str, opened: int, rarity: float, calibrated: bool) -> Text:
    zh, en = how_rare(rarity, calibrated)
    return Text(
        zh=f"{spec.title_zh} {value} 异常，通常约 {expected}，始于 {clock(opened)}，{zh}",
        en=f"{spec.title_en} {value} is unusual, expected about {expected}, since {clock(opened)}, {en}",
    )


def model_text(spec: SeriesSpec, value: str, opened: int, rarity: float) -> Text:
    zh, en = how_rare(rarity, True)
    return Text(
        zh=f"{spec.title_zh} {value} 变化形态少见（孤立森林），始于 {clock(opened)}，{zh}",
        en=f"{spec.title_en} {value} behaves in an odd combination (isolation forest), since {clock(opened)}, {en}",
    )


def late_text(spec: SeriesSpec, limit: Limit, value: str, bound: str, time_ms: int) -> Text:
    """A late reading shows what nobody could see at the time."""
    above_zh, above_en = ("高于", "above") if limit.side == "high" else ("低于", "below")
    return Text(
        zh=f"补传数据显示：{spec.title_zh} 在 {clock(time_ms)} 为 {value}，"
        f"{above_zh}{limit.level}限值 {bound}（{limit.standard}）",
        en=f"late data show: {spec.title_en} was {value} at {clock(time_ms)}, {above_en} limit {limit.level} {bound} "
        f"({limit.standard})",
    )


def how_rare(rarity: float, calibrated: bool) -> tuple[str, str]:
    """The calibrated chance in words of both languages."""
    if not calibrated:
        return "尚未校准", "not yet calibrated"
    return (
        f"健康数据中约每 {10**rarity:,.0f} 次读数出现一次",
        f"seen in about one of {10**rarity:,.0f} healthy readings",
    )
