"""What a finding says, in both languages: what came, what was expected, since when, how rare."""

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta, timezone
from functools import lru_cache
from math import isnan

from detectors.base import SeriesSpec
from topics.finding import Text

CITY = timezone(timedelta(hours=8))
DAY_MS = 86_400_000.0
#: Days of healthy life beyond which a tail fitted to some weeks of a class says "less than" and no number: a
#: thousand sensors live that long in a hundred days, and no longer past was looked at.
RAREST_DAYS = 100_000.0

#: What each statistical detector looks at, in words of both languages.
SEEN_BY = {
    "rate_of_change": ("突变", "a jump"),
    "hour_of_day": ("与往日同一时段不同", "not as at this hour of other days"),
    "ewma_level": ("水平偏移", "its level has moved"),
    "new_extreme": ("前所未有的极值", "a new extreme"),
    "cusum": ("持续的小偏移", "a small shift that lasts"),
    "spread": ("波动幅度改变", "its spread has changed"),
    "ar_residual": ("偏离短期走势", "off its short-term course"),
}


@lru_cache(4096)  # findings of one moment come together
def clock(time_ms: int) -> str:
    """Event time as the city reads it: 2015-08-12 22:51:46."""
    return datetime.fromtimestamp(time_ms / 1000, UTC).astimezone(CITY).strftime("%Y-%m-%d %H:%M:%S")


def amount(value: float | None, decimals: int, unit: str) -> str:
    """A value with its unit, as many places as the quantity has."""
    return "–" if value is None or isnan(value) else f"{value:.{decimals}f} {unit}".rstrip()


def back_text(spec: SeriesSpec, value: str) -> Text:
    """An episode is over."""
    return Text(zh=f"{spec.title_zh} 恢复正常：{value}", en=f"{spec.title_en} is back to normal: {value}")


def new_normal_text(spec: SeriesSpec, by: str, reason: str) -> Text:
    """What a series shows now was declared normal, by whom and why."""
    return Text(
        zh=f"{spec.title_zh} 现状由 {by} 认定为新常态：{reason}",
        en=f"{spec.title_en}: what it shows was declared its new normal by {by}: {reason}",
    )


def range_text(spec: SeriesSpec, value: str, span: tuple[str, str], opened: int) -> Text:
    """``span``: the least and the greatest that the instrument can measure."""
    return Text(
        zh=f"{spec.title_zh} {value}，超出仪器量程 {span[0]} 至 {span[1]}，始于 {clock(opened)}",
        en=f"{spec.title_en} {value}, outside what the instrument can measure ({span[0]} to {span[1]}), "
        f"since {clock(opened)}",
    )


def stuck_text(spec: SeriesSpec, value: str, times: float, opened: int) -> Text:
    """``times``: the run of equal values against the longest that is allowed."""
    return Text(
        zh=f"{spec.title_zh} 恒为 {value}，持续达允许最长时间的 {times:.1f} 倍，疑似仪器卡滞，始于 {clock(opened)}",
        en=f"{spec.title_en} has stayed at {value} for {times:.1f} times as long as it ever may, "
        f"instrument may be stuck, since {clock(opened)}",
    )


def missing_text(spec: SeriesSpec, last_ms: int, interval_ms: float = 0.0) -> Text:
    """``interval_ms``: how often a reading must come."""
    due_zh, due_en = "", ""
    if interval_ms:
        due_zh, due_en = f"，应每 {interval_ms / 1000:g} 秒一次", f", expected every {interval_ms / 1000:g} s"
    return Text(
        zh=f"{spec.title_zh} 无数据{due_zh}，最后一次为 {clock(last_ms)}",
        en=f"{spec.title_en} is silent{due_en}, last heard {clock(last_ms)}",
    )


def mass_loss_text(title_zh: str, title_en: str, lost: int, of: int, devices: int, opened: int) -> Text:
    """``devices``: how many devices brought the instruments that are lost."""
    how_zh, how_en = ("同属一台数据采集设备，", ", all on one device") if devices == 1 else ("", "")
    return Text(
        zh=f"{title_zh} {of} 个测点中有 {lost} 个同时失联，{how_zh}始于 {clock(opened)}",
        en=f"{title_en}: {lost} of {of} instruments lost at once{how_en}, since {clock(opened)}",
    )


def returned_text(spec: SeriesSpec) -> Text:
    """A series that was silent reports again."""
    return Text(zh=f"{spec.title_zh} 恢复上报", en=f"{spec.title_en} reports again")


def site_returned_text(title_zh: str, title_en: str) -> Text:
    """A site all of whose instruments were silent reports again."""
    return Text(zh=f"{title_zh} 测点恢复上报", en=f"{title_en}: instruments report again")


def pattern_back_text(spec: SeriesSpec, value: str) -> Text:
    """A series behaves as usual again, with its value now (its unit in it)."""
    return Text(zh=f"{spec.title_zh} 变化形态恢复正常：{value}", en=f"{spec.title_en} behaves as usual again: {value}")


def anomaly_text(
    spec: SeriesSpec,
    value: str,
    expected: str,
    opened: int,
    rarity: float,
    calibrated: bool,
    interval_ms: float,
    by: str = "",
) -> Text:
    """``interval_ms``: how often a value is judged; ``by``: the detector that found it oddest."""
    zh, en = how_rare(rarity, calibrated, interval_ms)
    by_zh, by_en = SEEN_BY.get(by, ("", ""))
    return Text(
        zh=f"{spec.title_zh} {value} 异常{f'（{by_zh}）' if by_zh else ''}，通常约 {expected}，"
        f"始于 {clock(opened)}，{zh}",
        en=f"{spec.title_en} {value} is unusual{f' ({by_en})' if by_en else ''}, expected about {expected}, "
        f"since {clock(opened)}, {en}",
    )


def model_text(spec: SeriesSpec, value: str, opened: int, rarity: float, interval_ms: float = 60_000.0) -> Text:
    """``interval_ms``: from one look of the forest to the next."""
    zh, en = how_rare(rarity, True, interval_ms)
    return Text(
        zh=f"{spec.title_zh} {value} 变化形态少见（孤立森林），通常各特征不会如此组合，始于 {clock(opened)}，{zh}",
        en=f"{spec.title_en} {value} behaves in an odd combination (isolation forest), its features are not expected "
        f"together, since {clock(opened)}, {en}",
    )


def outlier_text(spec: SeriesSpec, value: str, opened: int, rarity: float, interval_ms: float, estimator: str) -> Text:
    """``estimator``: name of the scikit-learn class that finds it odd; ``interval_ms``: from one look to the next."""
    zh, en = how_rare(rarity, True, interval_ms)
    return Text(
        zh=f"{spec.title_zh} {value} 变化形态少见（{estimator}），通常各特征不会如此组合，始于 {clock(opened)}，{zh}",
        en=f"{spec.title_en} {value} behaves in an odd combination ({estimator}), its features are not expected "
        f"together, since {clock(opened)}, {en}",
    )


def group_text(
    title: Text, said: Sequence[tuple[Text, str, str, float]], opened: int, rarity: float, period_ms: float
) -> Text:
    """Channels that do not go together. ``title`` of place and group; ``said``: of each channel that weighs its title,
    value, expected value and share (0 to 1), the greatest first; ``period_ms`` from one vector to the next."""
    zh, en = _how_rare_a_group(rarity, period_ms)
    parts_zh = "，".join(f"{each.zh} {came}（通常约 {usual}）占 {share:.0%}" for each, came, usual, share in said)
    parts_en = ", ".join(f"{each.en} {came} (expected about {usual}) {share:.0%}" for each, came, usual, share in said)
    return Text(
        zh=f"{title.zh} 各项读数之间的关系异常：{parts_zh}，始于 {clock(opened)}，{zh}",
        en=f"{title.en}: its readings do not go together as usual: {parts_en}, since {clock(opened)}, {en}",
    )


def group_back_text(title: Text) -> Text:
    """The readings of a group go together as usual again."""
    return Text(zh=f"{title.zh} 各项读数之间的关系恢复正常", en=f"{title.en}: its readings go together as usual again")


def group_let_go_text(title: Text) -> Text:
    """Nothing says any more how its readings belong together."""
    return Text(
        zh=f"{title.zh} 不再判断各项读数之间的关系：配置或模型已变更",
        en=f"{title.en}: no longer judged as a group, pack or models are others now",
    )


def _how_rare_a_group(rarity: float, period_ms: float) -> tuple[str, str]:
    days = 10.0**rarity * period_ms / DAY_MS
    if days < 1.0:
        return f"健康时每日约出现 {1.0 / days:,.0f} 次", f"healthy ones show this about {1.0 / days:,.0f} times a day"
    if days > RAREST_DAYS:
        return (
            f"健康时每 {RAREST_DAYS:,.0f} 日不到一次",
            f"healthy ones show this less than once in {RAREST_DAYS:,.0f} days",
        )
    return f"健康时约每 {_known(days)} 日出现一次", f"healthy ones show this about once in {_known(days)} days"


def _known(days: float) -> str:
    """To two figures: a tail that was fitted knows no more."""
    return f"{float(f'{days:.2g}'):,.0f}"


def often_late_text(spec: SeriesSpec, behind_min: float, share: float, opened: int) -> Text:
    """``behind_min``: minutes by which the newest reading came too late; ``share`` of the due readings that do."""
    return Text(
        zh=f"{spec.title_zh} 数据经常迟到：约 {share:.0%} 的数据晚到，最近一条迟到 {behind_min:,.0f} 分钟，"
        f"请检查数据采集设备的时钟与网络，始于 {clock(opened)}",
        en=f"{spec.title_en} keeps sending late: about {share:.0%} of its readings, the newest by "
        f"{behind_min:,.0f} min; check the clock and the link of its logger, since {clock(opened)}",
    )


def keeps_time_text(spec: SeriesSpec) -> Text:
    """A series that was late comes in time again."""
    return Text(zh=f"{spec.title_zh} 数据恢复按时上报", en=f"{spec.title_en} sends in time again")


def duplicate_text(spec: SeriesSpec, share: float, values: tuple[str, str] | None, opened: int) -> Text:
    """``values``: what came first and what came again for the same time, where they differ."""
    zh, en = "", ""
    if values:
        zh = f"，同一时刻数值不一致（先为 {values[0]}，后为 {values[1]}）"
        en = f", with another value for the same time (first {values[0]}, then {values[1]})"
    return Text(
        zh=f"{spec.title_zh} 数据经常重复：约 {share:.0%} 的数据重复上报{zh}，始于 {clock(opened)}",
        en=f"{spec.title_en} keeps sending twice: about {share:.0%} of its readings come again{en}, since "
        f"{clock(opened)}",
    )


def once_each_text(spec: SeriesSpec) -> Text:
    """A series that repeated itself sends each reading once again."""
    return Text(zh=f"{spec.title_zh} 数据不再重复", en=f"{spec.title_en} sends each reading once again")


def how_rare(rarity: float, calibrated: bool, interval_ms: float) -> tuple[str, str]:
    """The calibrated chance as how often one healthy sensor shows such a value, in words of both languages.

    ``rarity``: -log10 of the chance at one value; ``interval_ms`` from one value to the next.
    """
    if not calibrated:
        return "尚未校准", "not yet calibrated"
    days = 10.0**rarity * interval_ms / DAY_MS
    if days < 1.0:
        return (
            f"一个健康测点每日约出现 {1.0 / days:,.0f} 次",
            f"one healthy sensor shows this about {1.0 / days:,.0f} times a day",
        )
    if days > RAREST_DAYS:
        return f"健康测点每 {RAREST_DAYS:,.0f} 测点·日不到一次", f"less than once in {RAREST_DAYS:,.0f} sensor-days"
    return f"健康测点约每 {_known(days)} 测点·日出现一次", f"about once in {_known(days)} sensor-days"
