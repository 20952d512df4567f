"""Tables for spreadsheets: a mark, a head, both languages, and no cell that a spreadsheet would reckon."""

import csv
import io

import pytest
from hypothesis import given
from hypothesis import strategies as st

from alerts.csv_table import BEGINS_A_FORMULA, as_csv


def test_a_table_has_a_mark_a_head_and_a_column_for_each_language() -> None:
    text = as_csv([{"site": "=cmd()", "site_title": {"zh": "一", "en": "one"}, "online": 99.42}])
    assert text.splitlines() == ["\ufeffsite,site_title_zh,site_title_en,online", "'=cmd(),一,one,99.42"]
    assert as_csv([]) == "\ufeff"


@pytest.mark.parametrize("begin", BEGINS_A_FORMULA)
def test_no_text_begins_a_formula_and_a_number_stays_one(begin: str) -> None:
    (row,) = _read(as_csv([{"text": f"{begin}1+1", "titles": {"zh": f"{begin}1"}, "change": -3.5}]))
    assert row == {"text": f"'{begin}1+1", "titles_zh": f"'{begin}1", "change": "-3.5"}


@given(st.lists(st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\0")), min_size=1))
def test_what_was_written_is_read_again(texts: list[str]) -> None:
    rows = _read(as_csv([{"text": text, "last": "."} for text in texts]))
    assert [row["text"].removeprefix("'") for row in rows] == [text.removeprefix("'") for text in texts]


def _read(text: str) -> list[dict[str, str]]:
    return list(csv.DictReader(io.StringIO(text.removeprefix("\ufeff"), newline="")))
