"""`citybrain declarations` against a real server, and `citybrain goods` over a pack."""

import json
from collections.abc import Iterator
from hashlib import sha256
from pathlib import Path

import pytest

from alerts.api import create_app
from streams.__main__ import main
from tests.alerts.city_parts import House
from tests.alerts.declarations.parts import HOUR, NOW, desk_of, form, port
from tests.alerts.declarations.test_api import server_of
from tests.alerts.pages.served import Served
from tests.made_stores import made_store
from tests.records.iftdgn_writer import interchange, message
from tests.records.test_iftdgn import ZONE
from topics.domain_file import FOLDER
from topics.goods import load_goods


@pytest.fixture
def base(tmp_path: Path) -> Iterator[str]:
    house = House(made_store(tmp_path), port())
    with Served(create_app(server_of(house, desk_of(house)))) as served:
        yield served.base
    house.store.close()


def run(*words: str) -> int:
    with pytest.raises(SystemExit) as ended:
        main(list(words))
    return int(str(ended.value.code or 0))


def test_a_file_is_declared_listed_and_a_wrong_one_named(
    base: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    minute = NOW // 60_000 * 60_000
    good = [form(operation=minute + 30 * HOUR), form(container="MSKU1234565", operation=minute + 30 * HOUR)]
    file = tmp_path / "message.edi"
    file.write_text(interchange(message(good, ZONE, "D1")), encoding="utf-8")
    where = ("--site", "yard", "--url", base)
    assert run("declarations", "import", str(file), *where, "--json") == 0
    told = json.loads(capsys.readouterr().out)
    assert (told["declared"], told["new"], told["refused"]) == (2, 2, 0)
    late = tmp_path / "late.edi"
    late.write_text(interchange(message([form(operation=minute + 2 * HOUR)], ZONE, "D2")), encoding="utf-8")
    assert run("declarations", "import", str(late), *where, "--json") == 1
    assert json.loads(capsys.readouterr().out)["items"][0]["state"] == "refused"
    late.write_text("UNH+1+IFTDGN'", encoding="utf-8")
    assert run("declarations", "import", str(late), *where) != 0
    assert "segment 1 UNH at character 1: expected UNT" in capsys.readouterr().err
    assert run("declarations", "list", "--state", "declared", "--url", base, "--json") == 0
    assert len(json.loads(capsys.readouterr().out)["items"]) == 2


def test_a_list_of_ones_own_goes_into_the_pack(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    pack, csv = tmp_path / "cargo.toml", tmp_path / "list.csv"
    pack.write_text((FOLDER / "cargo.toml").read_text(encoding="utf-8"), encoding="utf-8")
    csv.write_bytes(b"un,name_en,class\r\n1263,PAINT,3\r\n")
    digest = sha256(csv.read_bytes()).hexdigest()
    words = ("goods", "import", str(csv), "--pack", str(pack), "--source", "42-24", "--json")
    assert run(*words) == 0
    said = json.loads(capsys.readouterr().out)
    assert (said["taken"], said["digest"]) == (1, digest), "as sha256sum says of the file, whatever ends its lines"
    assert run("goods", "list", "--pack", str(pack), "--json") == 0
    told = json.loads(capsys.readouterr().out)
    goods = {each["un"]: each for each in told["goods"]}
    assert goods["1263"]["confirmed"] is False and goods["1263"]["source"] == "42-24"
    assert {each["table"]: each["digest"] for each in told["editions"]}["own-goods"] == digest
    csv.write_text("un,name_en,class\n1263,PAINT,6.1\n", encoding="utf-8")
    assert run(*words[:-2], "41-22", "--until", "2025-01-01") == 0
    assert run("goods", "list", "--pack", str(pack), "--on", "2024-12-31", "--json") == 0
    goods = {each["un"]: each for each in json.loads(capsys.readouterr().out.partition("\n")[2])["goods"]}
    assert (goods["1263"]["hazard_class"], goods["1263"]["source"]) == ("6.1", "41-22")
    assert run(*words, "--until", "yesterday") != 0
    assert "--until: expected a day such as 2025-01-01, got 'yesterday'" in capsys.readouterr().err
    csv.write_text("un,name_en,class\n1263,PAINT,99\n", encoding="utf-8")
    assert run(*words) == 1
    assert [path.name for path in tmp_path.iterdir() if path.suffix == ".new"] == []


def test_the_list_of_goods_folds_at_80_columns_and_cuts_nothing(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("COLUMNS", "80")
    assert run("goods", "list") == 0
    told = capsys.readouterr().out.partition("segregation:")[0].splitlines()
    rows = {line.split()[0]: line for line in told if line.split() and line.split()[0].isdecimal()}
    assert set(load_goods()) <= set(rows), "no number is cut"
    assert rows["1428"].split()[1:5] == ["4.3", "I", "F-G,", "S-N"] and "…" not in "".join(told)
    assert "硝酸铵" in rows["1942"]
