"""One page per topic: key, example, meaning of null, retention and why. Generated, so that it stays true."""

import json
from collections.abc import Sequence
from typing import Any

import msgspec

from topics.alarm_event import AlarmEvent
from topics.dead_letter import REASONS, DeadLetter, to_headers
from topics.device_event import DeviceEvent
from topics.domain import Domain
from topics.events import Declared, Goods, Stacked
from topics.finding import Finding, Origin, Text, finding_id
from topics.ledger_head import LedgerHead
from topics.positions import Handover, Party, Permit, Position, RoutePoint, Waybill
from topics.published_pack import publish_form
from topics.pulse import Pulse
from topics.raw_frame import RawFrame
from topics.reading import Control, Reading
from topics.schema import schema_text, stem
from topics.shadow import Candidate, ShadowWord
from topics.topic import DAY_MS, Topic
from topics.verdict import JudgedFinding, VerdictSaid

#: 2015-08-12 22:51:46 in Tianjin, the first fire of the port night.
_NIGHT = 1_439_391_106_000

_READING = Reading(
    "outlet-01/12011000A890A0F000100000/w01018/Rtd",
    _NIGHT,
    31.4,
    unit="mg/L",
    source="hj212/12011000A890A0F000100000",
    received=_NIGHT + 400,
)

_FINDING = Finding(
    id=finding_id("limit", 1, _READING.series, _NIGHT),
    phase="open",
    seq=0,
    domain="pollution",
    site="outlet-01",
    subject=_READING.series,
    quantity="w01018",
    family="limit",
    detector="limit",
    detector_version=1,
    severity="yellow",
    opened=_NIGHT,
    time=_NIGHT,
    text=Text("化学需氧量 31.4 mg/L，高于 30 mg/L", "COD 31.4 mg/L, above 30 mg/L"),
    origin=Origin("readings.pollution", 2, 81_443, 81_443),
    value=31.4,
    expected=30.0,
    unit="mg/L",
    stamp=_NIGHT + 420,
)

_LETTER = DeadLetter(
    "readings.pollution",
    2,
    81_444,
    "schema_mismatch",
    "Expected `float | null`, got `str` - at `$.value`",
    "worker",
    _NIGHT,
)

_ANSWERED = AlarmEvent(
    id="4f1d2a90-5118",
    alarm="a1b2c3",
    domain="pollution",
    site="outlet-01",
    quantity="w01018",
    family="limit",
    action="acknowledged",
    severity="yellow",
    time=_NIGHT + 240_000,
    wall=_NIGHT + 240_150,
    who="wang",
    before="unacknowledged",
    after="acknowledged",
)

_VERDICT = VerdictSaid(
    id="4f1d2a90-5120",
    alarm="a1b2c3",
    domain="pollution",
    site="outlet-01",
    quantity="w01018",
    family="limit",
    severity="yellow",
    verdict="real",
    counts_as="true",
    by="wang",
    note="",
    opened=_NIGHT,
    time=_NIGHT + 1_800_000,
    wall=_NIGHT + 1_800_400,
    findings=(JudgedFinding(_FINDING.id, "limit", 1, _READING.series, _NIGHT),),
)

_RUN = "5e6f7a8b4f1d2a90"

#: Examples by page; a topic may have several.
EXAMPLES: dict[str, tuple[Any, ...]] = {
    "readings": (_READING, Control("~tick", _NIGHT)),
    "events": (
        Declared("d-17", "yard-ruihai", _NIGHT, "TJ-17", "TCNU1234567", (Goods("2556", "NITROCELLULOSE", "4.1", 9.5),)),
        Stacked("m-18-1", "yard-ruihai", _NIGHT, "TCNU1234567", "ARR", 3, 2, 1),
    ),
    "findings": (_FINDING,),
    "candidates": (Candidate(_RUN, "pollution", "li", _NIGHT, _NIGHT + 500, {"name": "pollution", "…": "the pack"}),),
    "shadow-findings": (
        ShadowWord(_RUN, "pollution", "began", "readings.pollution", 2, 81_440, _NIGHT - 2_000),
        ShadowWord(_RUN, "pollution", "finding", "readings.pollution", 2, 81_443, _NIGHT, finding=_FINDING),
        ShadowWord(
            _RUN, "pollution", "cost", "readings.pollution", 2, 90_001, _NIGHT + 60_000,
            readings=8_000, live_s=0.021, candidate_s=0.024,
        ),
    ),
    "verdicts": (_VERDICT,),
    "alarm-events": (_ANSWERED,),
    "dead-letters": (),
    "unregistered": (_READING,),
    "city-time": (Control("~tick", _NIGHT),),
    "device-events": (
        DeviceEvent(
            "88888880000020", _NIGHT, "command", Text("执行成功", "done"), "2061", "20150812223000000", "done", 1,
            _NIGHT - 7_200_000, _NIGHT - 3_600_000, 1,
        ),
    ),
    "raw-frames": (
        RawFrame("88888880000020", _NIGHT - 2_000, _NIGHT, b"##0101QN=...CRC", "10.0.3.7:50122"),
    ),
    "positions": (
        Waybill(
            "YD-1", "津A12345", "haul-01", _NIGHT - 3_600_000, _NIGHT - 1_800_000, _NIGHT + 3_600_000, firm="T-1",
            driver="D-1", escort="E-1", goods=(Goods("2556", "NITROCELLULOSE", "4.1", 9.5),),
            containers=("TCNU1234567",), origin="厂区", destination="yard-ruihai",
            route=(RoutePoint(39.10, 117.60), RoutePoint(39.04, 117.74)),
        ),
        Position(
            "津A12345", _NIGHT, 39.0412, 117.7312, site="haul-01", domain="cargo", speed_kmh=42.0, heading_deg=118.0,
            trip="YD-1", containers=("TCNU1234567",),
        ),
        Handover(
            "H-1", "津A12345", "haul-01", _NIGHT + 600_000, Party("carrier", "津A12345"), Party("yard", "yard-ruihai"),
            containers=("TCNU1234567",), waybill="YD-1", by="Zhang",
        ),
    ),
    "permits": (Permit("driver", "D-1", "dangerous-goods-driver", "120110-7", _NIGHT, _NIGHT + 31_536_000_000),),
    "ledger-heads": (LedgerHead("4f1d2a90", 81_443, "9c56" * 16, _NIGHT),),
    "pulse": (Pulse("worker-1", "pollution", _NIGHT + 500, city_time=_NIGHT, last_reading=_NIGHT, readings=81_443),),
}  # fmt: skip

#: What a page says beyond the table.
NOTES = {
    "readings": "A series is `site/device/quantity/statistic`. A control message's series starts with `~`; "
    "it carries no key and stands in every partition.",
    "state": "Binary: arrays of one block of series with the offsets they reflect. Only the worker reads them.",
    "shadow-findings": "A finding lies inside its message. `cost` tells the processor seconds of the live kernel and "
    "of the candidate's over the same readings since the last such word; after a crash findings come again, with the "
    "same id and `seq`.",
    "positions-state": "Binary: what the watch remembers of one partition (docs/cargo-tracing.md).",
    "cargo-conditions-state": "Binary: what the watch remembers of one partition (docs/box-conditions.md).",
    "models": "Binary: a bundle with the event time it was fitted until and the library versions that fitted it. Under "
    "`<domain>/in-force` stands the `~model` control (JSON) that put the domain's newest bundle in force; a city that "
    "was primed has its first bundle under `<domain>`.",
}


def topic_page(topic: Topic, domains: Sequence[Domain], examples: Sequence[Any] = ()) -> str:
    """The Markdown of one topic; ``domains`` are those whose topics share the page."""
    lines = [f"# `{topic.page}`", "", topic.why, "", "| | |", "|---|---|", f"| key | {topic.key} |"]
    lines.append(f"| message | {_message(topic)} |")
    lines.append(f"| partitions | {_partitions(topic, domains)} |")
    lines.append(f"| kept | {_kept(topic)} |")
    lines.append(f"| largest message | {topic.max_message_bytes:,} bytes |")
    lines.append(f"| null value | {topic.null} |")
    lines.append("| partitioner | murmur2 of the key's UTF-8 bytes, Kafka's default |")
    if note := NOTES.get(stem(topic)):
        lines += ["", note]
    for example in examples or EXAMPLES.get(stem(topic), ()):
        lines += ["", "```json", _pretty(example), "```"]
    if stem(topic) == "dead-letters":
        lines += _dead_letter_part()
    return "\n".join([*lines, ""])


def config_example(domain: Domain) -> Any:
    """A published pack, its content left out."""
    return msgspec.structs.replace(publish_form(domain, _NIGHT), domain={"name": domain.name, "…": "the pack as JSON"})


def index_page(topics: Sequence[Topic]) -> str:
    """docs/topics/README.md: all topics with a link to their pages."""
    lines = [
        "# Topics",
        "",
        "The one table is `topics/catalog.py`; `citybrain topics list|declare|check` compare it with a broker.",
        "Nothing is created by itself. What does not fit its topic's schema goes to [dead-letters](dead-letters.md).",
        "",
        "| topic | key | kept |",
        "|---|---|---|",
    ]
    lines += [f"| [`{topic.page}`]({stem(topic)}.md) | {topic.key} | {_kept(topic)} |" for topic in topics]
    return "\n".join([*lines, ""])


def _message(topic: Topic) -> str:
    name = stem(topic)
    if topic.name == "dead-letters":
        return "the original bytes, untouched; what they are stands in the headers"
    if schema_text(topic) is None:
        return "binary"
    return f"JSON, [schema](../schemas/{name}.schema.json)"


def _partitions(topic: Topic, domains: Sequence[Domain]) -> str:
    if "." not in topic.name:
        return str(topic.partitions)
    with_topic = [domain for domain in domains if domain.events or stem(topic) != "events"]
    return ", ".join(f"{domain.name} {domain.partitions}" for domain in with_topic) + " (as the pack says)"


def _kept(topic: Topic) -> str:
    if topic.compacted:
        return "the last of each key (compacted)"
    return "for ever" if topic.retention_ms < 0 else f"{topic.retention_ms // DAY_MS} days"


def _pretty(example: Any) -> str:
    return json.dumps(msgspec.to_builtins(example), ensure_ascii=False, indent=2)


def _dead_letter_part() -> list[str]:
    lines = ["", "Headers, all UTF-8 text:", "", "| header | example |", "|---|---|"]
    lines += [f"| `{name}` | {_cell(value.decode())} |" for name, value in to_headers(_LETTER)]
    lines += ["", "Reasons:", "", "| reason | 中文 | meaning |", "|---|---|---|"]
    lines += [f"| `{reason}` | {title.zh} | {title.en} |" for reason, title in REASONS.items()]
    lines += ["", "`citybrain dead-letters list|show|replay` reads them and puts them back."]
    return lines


def _cell(text: str) -> str:
    """Text as code in a cell: it may itself hold back-ticks and bars."""
    return "`` " + text.replace("|", "\\|") + " ``" if "`" in text else f"`{text}`"
