"""The generated pages and schemas of the topics: what topics/ says, with the messages that only records/ knows."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

from alerts.warnings.statement import Area, Statement
from records.registry import Device, SeriesMeta, Site
from topics.catalog import catalog
from topics.domain_file import load_domains
from topics.finding import Text
from topics.pages import config_example, index_page, topic_page
from topics.schema import schema_text, stem
from topics.topic import Topic

#: Message types of topics whose messages lie above topics/.
TYPES: dict[str, tuple[Any, ...]] = {"registry": (Site, Device), "warnings": (Statement,)}

_TITLE = Text("东丽污水处理厂总排口", "Dongli sewage works, outfall")
_SITE = Site("outlet-01", "pollution", _TITLE, "东丽水务", "120110", 39.0685, 117.2783)
_DEVICE = Device("12011000A890A0F000100000", "outlet-01", "water-outlet", {"w01018": SeriesMeta(unit="mg/L")})

_NIGHT = 1_439_391_106_000
_WARNING = Statement(
    identifier="citybrain.tianjin-4f1d2a90-a1b2c3-5e6f7a8b-1",
    sender="citybrain.tianjin",
    sent=_NIGHT,
    msg_type="Alert",
    status="Exercise",
    authority="ecology-bureau",
    authority_title=Text("生态环境局", "ecology and environment bureau"),
    category="Env",
    event=Text("污染源：化学需氧量", "pollution sources: COD"),
    headline=Text("发布东丽污水处理厂总排口化学需氧量黄色预警", "yellow warning: Dongli sewage works, COD"),
    description=Text("化学需氧量 31.4 mg/L，高于 30 mg/L", "COD 31.4 mg/L, above 30 mg/L"),
    instruction=Text("核查进水", "check the inflow"),
    response_type="Assess",
    urgency="Expected",
    severity="Moderate",
    certainty="Observed",
    level="yellow",
    gb_level="III",
    onset=_NIGHT,
    expires=_NIGHT + 86_400_000,
    area=Area(_TITLE, 39.0685, 117.2783, district="120110"),
    rule=Text("pollution.routes[0]", "pollution.routes[0]"),
    alarm="a1b2c3",
    over=False,
    acknowledged_by=None,
    ledger_head="81443:" + "9c56" * 16,
)


def topic_pages() -> dict[Path, Callable[[], str]]:
    """Path under the repository → what writes it, for every page and schema of the topics."""
    domains = load_domains()
    shown = {topic.page: topic for topic in catalog(domains)}
    examples: dict[str, tuple[Any, ...]] = {"registry": (_SITE, _DEVICE), "config": (config_example(domains[0]),)}
    examples["warnings"] = (_WARNING,)
    pages: dict[Path, Callable[[], str]] = {
        Path("docs/topics/README.md"): lambda: index_page(tuple(shown.values())),
    }
    for topic in shown.values():
        pages[Path(f"docs/topics/{stem(topic)}.md")] = _page(topic, domains, examples.get(topic.page, ()))
        if (text := schema_text(topic, TYPES)) is not None:
            pages[Path(f"docs/schemas/{stem(topic)}.schema.json")] = _text(text)
    return pages


def _page(topic: Topic, domains: Any, examples: tuple[Any, ...]) -> Callable[[], str]:
    return lambda: topic_page(topic, domains, examples)


def _text(text: str) -> Callable[[], str]:
    return lambda: text
