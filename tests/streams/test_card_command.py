"""`citybrain card` on a real server: a table for people, one object for programs, and the page as a file."""

import json
from collections.abc import Iterator
from pathlib import Path

import pytest

from alerts.api import create_app
from streams.__main__ import main
from tests.alerts.pages.served import Served
from tests.alerts.responder.test_sheet import parts
from tests.made_stores import made_store


@pytest.fixture
def base(tmp_path: Path) -> Iterator[str]:
    server = parts(made_store(tmp_path))
    with Served(create_app(server)) as served:
        yield served.base
    server.store.close()


def run(*words: str) -> int:
    with pytest.raises(SystemExit) as ended:
        main(["card", *words])
    return int(str(ended.value.code or 0))


def test_a_card_is_told_printed_and_kept(base: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    where = ("--lat", "39.03972", "--lon", "117.73657", "--at", "2015-08-12T22:51:46", "--server", base)
    page = tmp_path / "card.html"
    assert run(*where, "--json", "--save", str(page), "--lang", "en") == 0
    card = json.loads(capsys.readouterr().out)
    assert card["near"]["rings"][1]["masses_t"]["1942"] == 800.0
    assert "NO WATER on these" in page.read_text(encoding="utf-8")
    assert run(*where) == 0
    told = capsys.readouterr().out
    wind = "wind from 225° (south-west), 3 m/s; mean of 1 of 10 min, measured at 08-12 22:46:46 by air-1, 2.3 km"
    for words in ("NO WATER  UN 1428 SODIUM", wind, "call: Fire brigade 119", "1 boxes stand nobody knows"):
        assert words in told
    assert run("--lat", "1", "--server", base) == 2
    assert run("--container", "NOWHERE", "--server", base) != 0
    assert "no yard held container NOWHERE" in capsys.readouterr().err


def test_at_80_columns_words_fold_and_no_number_is_cut(
    base: str, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("COLUMNS", "80")
    assert run("--site", "yard-ruihai", "--at", "2015-08-12T22:51:46", "--server", base) == 0
    told = capsys.readouterr().out
    (nitrate,) = (line for line in told.splitlines() if line.strip().startswith("1942"))
    assert nitrate.split().count("800") == 3 and "…" not in told and len(nitrate) <= 80
    assert "downwind" in told and "not known" in told
    assert "AMMONIUM" in told and "SODIUM" in told


def test_a_moment_that_has_not_come_is_said_to_be_not_known(base: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert run("--site", "yard-ruihai", "--at", "2030-01-01", "--server", base) == 0
    assert "has not come yet: what will stand there is not known; this is now" in capsys.readouterr().out
