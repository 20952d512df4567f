"""Every source that ships is told in Chinese and English, with its numbers and doubts; a user's own as it stands."""

import re
import tomllib
from collections.abc import Iterator
from functools import cache
from pathlib import Path
from typing import Any

import pytest

from detectors.rules.declaration import DeclarationTerms
from records.effectiveness import Deadlines
from streams.declaring import PACK_SOURCE
from topics.errors import ConfigurationError
from topics.sources import edition_text, from_sadt, read_sources, source_text

ROOT = Path(__file__).parents[2]
FOLDERS = ("topics", "alerts", "docs/examples/domains")

#: Said by programs, not by files: defaults, what stands on pages without a pack, where a limit comes from.
SPOKEN = {
    "State Council Decree 493 (2007)", "declaration", DeclarationTerms().source, Deadlines().source,
    PACK_SOURCE,
}  # fmt: skip

#: What a reader must not lose: who says it is unsure, in both languages.
DOUBTS = {
    "from memory": "凭记忆",
    "memory agree": "记忆",
    "ours": "本系统",
    "defaults?": "默认值",
    "own (?:rule|list)": "自",
    "assumed": "假定",
    "invented": "虚构",
    "unconfirmed": "未经核实",
    "approximate": "近似",
    "cop(?:y|ies)": "抄本",
    "was reported|press reports|one report": "报道",
    "draft": "草案",
}

WORD, NUMBER, CHINESE = re.compile(r"[A-Za-z]{2,}"), re.compile(r"\d+(?:[.,:-]\d+)*"), re.compile(r"[\u4e00-\u9fff]")


def said(table: Any, within: tuple[str, ...] = ()) -> Iterator[str]:
    """What a file says of the sources of its rows: the keys that pages, cards and papers show."""
    if isinstance(table, list):
        for each in table:
            yield from said(each, within)
    elif isinstance(table, dict):
        for key, value in table.items():
            shown = key in (
                "source",
                "from_sadt_source",
                "wind_mean_source",
                "standard",
                "critical_standard",
                "edition",
            )
            if isinstance(value, str) and (shown or (key == "clause" and "formal_limits" in within)):
                yield value
            yield from said(value, (*within, key))


@cache
def shipped() -> frozenset[str]:
    files = sorted(path for folder in FOLDERS for path in (ROOT / folder).rglob("*.toml"))
    found = frozenset(each for path in files for each in said(tomllib.loads(path.read_text(encoding="utf-8")))) | SPOKEN
    assert len(files) > 15 and len(found) > 180, "the search found almost nothing: the test itself is broken"
    return found


def bare(source: str) -> bool:
    """A standard by its number alone is the same in both languages."""
    return re.fullmatch(r"(?:[A-Z]{2,3}(?:\d\d/|/T)? ?)?[\d.\-]+", source) is not None


def test_every_shipped_source_has_its_chinese_and_the_table_no_other() -> None:
    table = read_sources()
    missing = sorted(each for each in shipped() - table.zh.keys() if not bare(each))
    assert not missing, "say these in Chinese in topics/sources.toml"
    assert not sorted(table.zh.keys() - shipped()), "dead rows in topics/sources.toml"
    assert table.en.keys() <= table.zh.keys()


def test_chinese_is_chinese_and_english_is_english() -> None:
    for source in shipped():
        text = source_text(source)
        assert not CHINESE.search(text.en), f"{source!r} needs a row in [en]"
        left = " ".join(WORD.findall(text.zh))
        assert bare(source) or source in read_sources().zh, source
        assert not re.search(r"\b(from|memory|the|of|and|with|ours|copy|copies|standard|table|class)\b", left), text.zh


def test_numbers_and_doubts_are_in_both_languages() -> None:
    for source in read_sources().zh:
        text = source_text(source)
        lost = set(NUMBER.findall(text.en)) - set(NUMBER.findall(text.zh))
        assert not lost, f"{text.zh!r} lost {lost}"
        for english, chinese in DOUBTS.items():
            if re.search(rf"\b(?:{english})\b", text.en):
                assert chinese in text.zh, f"{source!r} says {english!r}, its Chinese does not say {chinese!r}"


def test_the_source_of_a_temperature_derived_from_the_sadt_is_told_part_by_part() -> None:
    listed, by = "goods list of amendment 42-24, one public copy", "IMDG 7.3.7.2, packages and IBCs, from memory"
    said = from_sadt(-5.0, listed, by)
    text = source_text(said)
    assert text.zh == f"自加速分解温度 -5 °C（{source_text(listed).zh}）；{source_text(by).zh}"
    assert "IMDG 规则第 42-24 版修正案危险货物一览表，据一份公开抄本）；IMDG 规则 7.3.7.2，" in text.zh
    assert text.en == said
    own = source_text(from_sadt(50.0, "our (licensed) copy", "本市规定"))
    assert own.zh == "自加速分解温度 50 °C（our (licensed) copy）；本市规定", "a user's own parts as they stand"


def test_a_source_of_a_users_pack_is_shown_as_it_stands() -> None:
    text = source_text("本市 2026 年通告")
    assert (text.zh, text.en) == ("本市 2026 年通告", "本市 2026 年通告")


@pytest.mark.parametrize(
    ("standard", "edition", "zh", "en"),
    [
        ("GB/T 50493", "2009 and 2019", "GB/T 50493（2009、2019）", "GB/T 50493 (2009 and 2019)"),
        ("GB 18218-2018", "2018", "GB 18218-2018", "GB 18218-2018"),
        ("own rule", "", "自定规则", "own rule"),
    ],
)
def test_an_edition_is_named_with_its_standard(standard: str, edition: str, zh: str, en: str) -> None:
    text = edition_text(standard, edition)
    assert (text.zh, text.en) == (zh, en)


def test_a_broken_table_is_refused_by_name(tmp_path: Path) -> None:
    file = tmp_path / "sources.toml"
    file.write_text('[zh]\n"from memory" = 1\n[en]\n', encoding="utf-8")
    with pytest.raises(ConfigurationError, match=r"sources\.toml: .*str"):
        read_sources(file)
