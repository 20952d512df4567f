"""What a finding says of a broken limit, in both languages: how high the value, which limit, whose, since when."""

from detectors.base import SeriesSpec
from detectors.wording import clock
from topics.domain import Limit
from topics.finding import Text
from topics.sources import source_text


def limit_text(spec: SeriesSpec, limit: Limit, value: str, bound: str, opened: int) -> Text:
    """A legal or engineering limit is broken."""
    beyond, standard, doubt = _beyond(limit), source_text(limit.standard), _doubt(limit)
    return Text(
        zh=f"{spec.title_zh} {value}，{beyond.zh}{limit.level}限值 {bound}（{standard.zh}）{doubt.zh}，"
        f"始于 {clock(opened)}",
        en=f"{spec.title_en} {value}, {beyond.en} limit {limit.level} {bound} ({standard.en}){doubt.en}, "
        f"since {clock(opened)}",
    )


def late_text(spec: SeriesSpec, limit: Limit, value: str, bound: str, time_ms: int) -> Text:
    """A late reading shows what nobody could see at the time."""
    beyond, standard, doubt = _beyond(limit), source_text(limit.standard), _doubt(limit)
    return Text(
        zh=f"补传数据显示：{spec.title_zh} 在 {clock(time_ms)} 为 {value}，"
        f"{beyond.zh}{limit.level}限值 {bound}（{standard.zh}）{doubt.zh}",
        en=f"late data show: {spec.title_en} was {value} at {clock(time_ms)}, {beyond.en} limit {limit.level} {bound} "
        f"({standard.en}){doubt.en}",
    )


def _beyond(limit: Limit) -> Text:
    return Text("高于", "above") if limit.side == "high" else Text("低于", "below")


def _doubt(limit: Limit) -> Text:
    return Text("", "") if limit.confirmed else Text("（限值未经核实）", " (limit unconfirmed)")
