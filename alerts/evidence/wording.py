"""The pack's own page, in Chinese and in English. Pure."""

from collections.abc import Mapping, Sequence

from alerts.evidence.sealed import Lack
from alerts.evidence.tables import clock
from topics.finding import Finding
from topics.sources import source_text

#: The facts of a finding that say where its limit is from.
FROM = ("source", "limit_source", "standard", "edition")


def page(
    finding: Finding, site: Mapping[str, str], readings: Mapping[str, int], lacks: Sequence[Lack], zh: bool
) -> str:
    """``site`` is its name by language, ``readings`` how many each series has in the pack."""
    text, name = (finding.text.zh, site["zh"]) if zh else (finding.text.en, site["en"])
    origin = finding.origin
    facts = {key: value for key, value in finding.facts.items() if key not in ("series", "start", "end")}
    rows = [
        ("证据包", "Evidence pack", finding.id),
        ("站点", "Site", f"{name} ({finding.site})"),
        ("对象", "Subject", finding.subject),
        ("规则", "Rule", f"{finding.detector} v{finding.detector_version}"),
        ("时段", "Time", f"{clock(_start(finding))} – {clock(_end(finding))} (UTC+8)"),
        ("认定", "What was found", text),
        ("得分", "Score", _shown(finding.score)),
        ("健康数据中出现的概率", "Chance on healthy data", _shown(finding.p)),
        (
            "原始日志位置", "Place in the log",
            f"{origin.topic}/{origin.partition} {origin.first_offset}–{origin.last_offset}",
        ),
    ]  # fmt: skip
    lines = [f"{chinese if zh else english}: {value}" for chinese, english, value in rows]
    lines += [
        "",
        "统计量:" if zh else "Statistics:",
        *(f"  {key} = {_fact(key, value, zh)}" for key, value in sorted(facts.items())),
    ]
    lines += ["", "读数:" if zh else "Readings:", *(f"  {series}: {count}" for series, count in readings.items())]
    lines += ["", "缺失部分:" if zh else "Missing parts:"]
    lines += [f"  {lack.part}: {lack.why.zh if zh else lack.why.en}" for lack in lacks] or ["  –"]
    note = (
        "概率按生成的健康数据估计，不是贵单位的历史。疑似不等于认定，须经现场核查。"
        if zh
        else "The chance is that on generated healthy data. A suspicion is no verdict: it must be checked on site."
    )
    return "\n".join([*lines, "", note, ""])


def _fact(key: str, value: object, zh: bool) -> object:
    """Where a limit is from is read by people; all other facts are figures and names of the program."""
    if not isinstance(value, str) or key not in FROM:
        return value
    said = source_text(value)
    return said.zh if zh else said.en


def _start(finding: Finding) -> int:
    start = finding.facts.get("start")
    return int(start) if isinstance(start, int) else finding.opened


def _end(finding: Finding) -> int:
    end = finding.facts.get("end")
    return int(end) if isinstance(end, int) else (finding.closed or finding.time)


def span_of(finding: Finding) -> tuple[int, int]:
    """The time that a finding speaks of, ms UTC."""
    return _start(finding), max(_end(finding), _start(finding) + 1)


def _shown(value: float | None) -> str:
    return "–" if value is None else f"{value:.4g}"
