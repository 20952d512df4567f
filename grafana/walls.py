"""The wall "City brain": the city in one row, a row for each domain, and the machinery below.

Made for each language from the packs, so that a new domain gets its row by its file alone.
"""

from collections.abc import Callable, Sequence
from typing import TypeAlias

from grafana_foundation_sdk.builders import dashboard as boards
from grafana_foundation_sdk.models import dashboard as models

from grafana.panels import DATASOURCE, Figure, Grid, Query
from topics.domain import Domain
from topics.finding import Text
from topics.scheme import load_scheme

LANGUAGES = ("zh", "en")

#: Picks one of (zh, en).
Say: TypeAlias = Callable[[str, str], str]

#: Feeds silent for so long (s) need somebody; the same number stands in the rules.
SILENT_S = 300.0
#: What we promise from an event to its alarm (s).
PROMISE_S = 0.25

_OPEN = 'citybrain_alarms_open{state=~"unacknowledged|acknowledged|returned-unacknowledged"'


def wall_uid(language: str) -> str:
    """The uid by which a wall is found again, ``citybrain-zh``."""
    return f"citybrain-{language}"


def wall(domains: Sequence[Domain], language: str) -> models.Dashboard:
    """The whole wall in ``zh`` or ``en``."""

    def say(zh: str, en: str) -> str:
        return zh if language == "zh" else en

    board = (
        boards.Dashboard(say("城市大脑", "City brain"))
        .uid(wall_uid(language))
        .tags(["citybrain", language])
        .timezone("Asia/Shanghai")
        .refresh("5s")
        .time("now-1h", "now")
        .readonly()
        .with_variable(boards.DatasourceVariable(DATASOURCE).label(say("数据源", "Data source")).type("prometheus"))
    )
    grid = Grid(board)
    grid.row(say("全市", "The city"))
    grid.add(_city(say))
    for domain in sorted(domains, key=lambda each: (each.order, each.name)):
        grid.row(_in(domain.title, language))
        grid.add(_domain(domain, language, say))
    grid.row(say("系统", "The machinery"))
    grid.add(_machinery(say))
    return board.build()


def _city(say: Say) -> list[Figure]:
    return [
        Figure(
            say("未确认报警", "Unacknowledged alarms"),
            (Query('sum(citybrain_alarms_open{state=~"unacknowledged|returned-unacknowledged"})'),),
            width=4, number=True, act_above=1,
        ),
        Figure(say("未关闭报警", "Open alarms"), (Query(f"sum({_OPEN}}})"),), width=4, number=True),
        Figure(
            say("最久未收到数据", "Longest silence of a feed"), (Query("max(citybrain_last_reading_age_seconds)"),),
            unit="s", width=4, number=True, act_above=SILENT_S, empty=say("无数据", "no data"),
        ),
        Figure(
            say("待签收预警", "Warnings not signed for"), (Query("sum(citybrain_deliveries_due)"),),
            width=4, number=True, act_above=10,
        ),
        Figure(
            say("事件到报警 p99", "Event to alarm, p99"),
            (Query("histogram_quantile(0.99, sum by (le) (rate(citybrain_event_to_store_seconds_bucket[5m])))"),),
            unit="s", width=4, number=True, act_above=PROMISE_S,
        ),
        Figure(
            say("死信（1 小时）", "Dead letters, 1 h"), (Query("sum(increase(citybrain_dead_letters_total[1h]))"),),
            width=4, number=True, act_above=1,
        ),
    ]  # fmt: skip


def _domain(domain: Domain, language: str, say: Say) -> list[Figure]:
    name = f'domain="{domain.name}"'
    levels = load_scheme(domain.scheme).levels
    by_severity = tuple(
        Query(f'sum({_OPEN},{name},severity="{level.code}"}})', _in(level.title, language)) for level in levels
    )
    return [
        Figure(
            say("未关闭报警，按级别", "Open alarms by severity"), by_severity, width=8,
            colours=tuple((_in(level.title, language), level.colour) for level in levels),
        ),
        Figure(
            say("读数每秒", "Readings per second"),
            (
                Query(f"sum(rate(citybrain_readings_total{{{name}}}[1m]))", say("读数", "readings")),
                Query(f"sum(rate(citybrain_unregistered_total{{{name}}}[1m]))", say("未登记", "unregistered")),
                Query(f"sum(rate(citybrain_late_readings_total{{{name}}}[1m]))", say("迟到", "late")),
            ),
            width=8,
        ),
        Figure(
            say("最近读数距今", "Since the last reading"),
            (Query(f"max(citybrain_last_reading_age_seconds{{{name}}})"),),
            unit="s", width=4, number=True, act_above=SILENT_S, empty=say("无数据", "no data"),
        ),
        Figure(
            say("未判读积压", "Not yet judged"), (Query(f"sum(citybrain_consumer_lag_records{{{name}}})"),),
            width=4, number=True, act_above=100_000,
        ),
        *([_firms(domain, language, say)] if "safety_work" in domain.facts else []),
    ]  # fmt: skip


def _firms(domain: Domain, language: str, say: Say) -> Figure:
    """How many firms are of each colour of risk."""
    levels = load_scheme(domain.scheme).levels
    by_colour = tuple(
        Query(
            f'sum(citybrain_firms_by_risk{{domain="{domain.name}",colour="{level.code}"}})', _in(level.title, language)
        )
        for level in levels
    )
    return Figure(
        say("企业风险，按颜色", "Firms by colour of risk"), by_colour, width=8,
        colours=tuple((_in(level.title, language), level.colour) for level in levels),
    )  # fmt: skip


def _machinery(say: Say) -> list[Figure]:
    return [
        Figure(
            say("死信，按原因", "Dead letters by reason"),
            (Query("sum by (reason) (increase(citybrain_dead_letters_total[5m]))", "{{reason}}"),), width=8,
        ),
        Figure(
            say("预警投递，按结果", "Deliveries by result"),
            (Query("sum by (channel, status) (increase(citybrain_deliveries_total[5m]))", "{{channel}} {{status}}"),),
            width=8,
        ),
        Figure(
            say("网关报文，按判定", "Gateway frames by verdict"),
            (Query("sum by (verdict) (rate(citybrain_gateway_frames_total[1m]))", "{{verdict}}"),), width=8,
        ),
        Figure(
            say("快照 p95", "Snapshot, p95"),
            (Query(_p95("citybrain_snapshot_seconds", "domain"), "{{domain}}"),),
            unit="s", width=8,
        ),
        Figure(
            say("投递用时 p95", "Delivery time, p95"),
            (Query(_p95("citybrain_delivery_latency_seconds", "channel"), "{{channel}}"),),
            unit="s", width=8,
        ),
        Figure(
            say("网关缓存", "Gateway spool"),
            (
                Query("sum(citybrain_spool_bytes)", say("已用", "used")),
                Query("sum(citybrain_spool_limit_bytes)", say("上限", "limit")),
            ),
            unit="bytes", width=8,
        ),
    ]  # fmt: skip


def _p95(metric: str, label: str) -> str:
    return f"histogram_quantile(0.95, sum by (le, {label}) (rate({metric}_bucket[5m])))"


def _in(text: Text, language: str) -> str:
    return text.zh if language == "zh" else text.en
