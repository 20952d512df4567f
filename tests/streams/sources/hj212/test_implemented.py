"""The table of what is implemented says what the code does, and the page says what the table says."""

from pathlib import Path

import pytest

from streams.sources.hj212.acknowledgement import answer_to
from streams.sources.hj212.device_words import COMMANDS, GET_TIME, REQUEST_ACK, RESULT, TIME_REQUEST
from streams.sources.hj212.implemented import ROWS, Row, implemented_table
from streams.sources.hj212.segment import parse_segment
from streams.sources.hj212.to_readings import DATA_COMMANDS
from tests.streams.sources.hj212.plant import frame

PAGE = Path(__file__).parents[4] / "docs" / "hj212.md"


def test_the_page_carries_the_table() -> None:
    assert implemented_table() in PAGE.read_text(encoding="utf-8")


def test_every_command_the_code_keeps_or_gives_has_its_row() -> None:
    assert {row.cn for row in ROWS if "keeps" in row.roles} == DATA_COMMANDS
    assert {row.cn for row in ROWS if "gives" in row.roles} == set(COMMANDS)
    assert {row.cn for row in ROWS if "hears" in row.roles} == {GET_TIME, TIME_REQUEST, REQUEST_ACK, RESULT}


@pytest.mark.parametrize("row", ROWS, ids=lambda row: row.cn)
def test_the_answer_is_the_one_the_table_says(row: Row) -> None:
    cp = "DataTime=20160801080000;w01018-Avg=1" if row.cn[0] in "23" else ""
    answer = answer_to(parse_segment(frame(cp, cn=row.cn, flag=9)[6:-6]))
    wanted = {"2": b"CN=9014;", "3": b"CN=9014;", "1": b"CN=9013;"}.get(row.cn[0])
    assert (answer is None) if wanted is None else (answer is not None and wanted in answer)
