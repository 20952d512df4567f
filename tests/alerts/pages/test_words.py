"""Every sentence on the pages exists in both languages, and no catalogue carries a dead one."""

import re
from io import BytesIO
from pathlib import Path

import pytest
from babel.messages.extract import extract
from babel.messages.pofile import PoFileError

from alerts.console.language import DEFAULT_LANGUAGE, LANGUAGES, choose_language, read_catalogue
from alerts.pages import FOLDER

#: A call of t() and its sentence; the sentence is missing where t() is called with anything else.
CALL = re.compile(r'(?<![\w.])(?<!function )t\((?:\s*"([^"\\]*)")?')
PLACEHOLDER = re.compile(r"\{\w+\}")


def sentences() -> set[str]:
    """All sentences that templates mark with ``_()`` and scripts with ``t()``."""
    found: set[str] = set()
    for path in sorted(FOLDER.glob("templates/*.html")):
        for _, message, _, _ in extract("jinja2", BytesIO(path.read_bytes()), {"_": None}):
            assert isinstance(message, str), f"{path.name}: a sentence must be written out, got {message!r}"
            found.add(message)
    for path in sorted(FOLDER.glob("static/js/*.js")):
        calls = CALL.findall(path.read_text(encoding="utf-8"))
        assert all(calls), f"{path.name}: t() takes a sentence in double quotes, so that it can be found"
        found.update(calls)
    return found


@pytest.mark.parametrize("language", LANGUAGES)
def test_catalogue_has_every_sentence_and_no_other(language: str) -> None:
    catalogue = read_catalogue(language).messages
    used = sentences()
    assert len(used) > 80, "the extraction found almost nothing: the test itself is broken"
    assert not sorted(used - catalogue.keys()), f"missing or empty in {language}/pages.po"
    assert not sorted(catalogue.keys() - used), f"unused in {language}/pages.po"


@pytest.mark.parametrize("language", LANGUAGES)
def test_translations_keep_their_placeholders(language: str) -> None:
    for source, text in read_catalogue(language).messages.items():
        assert sorted(PLACEHOLDER.findall(source)) == sorted(PLACEHOLDER.findall(text)), source


def test_chinese_is_chinese() -> None:
    for source, text in read_catalogue("zh").messages.items():
        assert re.search(r"[\u4e00-\u9fff]", text), f"{source!r} is not translated: {text!r}"


def test_language_is_asked_then_remembered_then_default() -> None:
    assert choose_language("en", "zh") == "en"
    assert choose_language("xx", "en") == "en"
    assert choose_language(None, "../etc") == DEFAULT_LANGUAGE == "zh"


def test_a_broken_catalogue_is_refused(tmp_path: Path) -> None:
    (tmp_path / "zh").mkdir()
    (tmp_path / "zh" / "pages.po").write_text('msgid "Wall"\nmsgid "Console"\n', encoding="utf-8")
    with pytest.raises(PoFileError, match="missing msgstr for msgid 'Wall'"):
        read_catalogue("zh", tmp_path)
