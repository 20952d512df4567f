"""`citybrain ledger`: an inspector's two commands, on a store at rest."""

import json
from collections.abc import Iterator
from pathlib import Path

import pytest

from streams.__main__ import main
from tests.alerts.city_parts import House, finding
from tests.made_stores import made_store


@pytest.fixture
def url(tmp_path: Path) -> Iterator[str]:
    """A store with a few entries."""
    url = made_store(tmp_path)
    house = House(url)
    house.take(finding(severity="red"))
    house.store.close()
    yield url


def run(capsys: pytest.CaptureFixture[str], *words: str) -> tuple[int, str, str]:
    """Exit status, standard output and standard error of a command."""
    with pytest.raises(SystemExit) as ended:
        main(["ledger", *words])
    said = capsys.readouterr()
    return int(ended.value.code or 0), said.out, said.err


def test_a_whole_ledger_is_said_to_be_whole_and_against_what_it_was_held(
    url: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    status, out, err = run(capsys, "verify", "--store", url)
    assert status == 0 and out.endswith(": whole\n") and "held against no published head" in err
    head = run(capsys, "head", "--store", url)[1].strip()
    (tmp_path / "heads").write_text(head + "\n")
    status, out, err = run(capsys, "verify", "--store", url, "--heads", str(tmp_path / "heads"), "--json")
    verdict = json.loads(out)
    assert (status, verdict["entries"], verdict["broken"], verdict["heads_checked"]) == (0, 3, [], 1)
    assert f"{verdict['head']['sequence']}:{verdict['head']['hash']}" == head


def test_a_broken_one_ends_with_status_1_and_names_the_entry(
    url: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    house = House(url)
    with house.store.engine.begin() as connection:
        connection.exec_driver_sql("UPDATE alarm_log SET who = 'somebody' WHERE entry = 2")
    house.store.close()
    status, out, _ = run(capsys, "verify", "--store", url)
    assert status == 1 and out.startswith(
        "line-changed: entry 2: line 2 of alarm_log: who: entered as 'emergency-bureau'"
    )
    (tmp_path / "heads").write_text("9:" + "ab" * 32 + "\n")
    status, out, _ = run(capsys, "verify", "--store", url, "--heads", str(tmp_path / "heads"), "--json")
    assert [each["fault"] for each in json.loads(out)["broken"]] == ["line-changed", "cut-off"]


def test_what_is_no_store_and_no_head_is_one_sentence(
    url: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    status, _, err = run(capsys, "verify", "--store", f"sqlite:///{tmp_path / 'none.db'}")
    assert status == 2 and err.startswith("citybrain: store: expected a file, got ")
    status, _, err = run(capsys, "verify", "--store", url, "--heads", str(tmp_path / "none"))
    assert status == 2 and err.startswith("citybrain: heads: ")
