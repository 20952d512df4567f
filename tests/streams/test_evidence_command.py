"""`citybrain evidence --verify` needs nothing but the file, and its exit status says whether it is whole."""

import json
from pathlib import Path

import pytest

from alerts.evidence.sealed import Lack, seal
from streams.__main__ import main
from topics.finding import Text


def run(*words: str) -> int:
    with pytest.raises(SystemExit) as ended:
        main(["evidence", *words])
    return int(str(ended.value.code or 0))


@pytest.fixture
def pack(tmp_path: Path) -> Path:
    body, _ = seal("f1", {"a.txt": b"one", "b.txt": b"two"}, [Lack("pictures", Text("无", "none"))], 1)
    file = tmp_path / "pack.zip"
    file.write_bytes(body)
    return file


def test_a_whole_pack_is_said_to_be_whole(pack: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert run("--verify", str(pack)) == 0
    said = capsys.readouterr().out
    assert "whole" in said
    assert "missing: pictures: 无 / none" in said


def test_a_changed_pack_ends_with_1(pack: Path, capsys: pytest.CaptureFixture[str]) -> None:
    body = pack.read_bytes()
    pack.write_bytes(body.replace(b"a.txt", b"c.txt"))
    assert run("--verify", str(pack), "--json") == 1
    faults = json.loads(capsys.readouterr().out)["faults"]
    assert any(fault.startswith("a.txt: expected in the pack") for fault in faults)
    assert run("--verify", str(pack), "--head", "0" * 64) == 1


def test_wrong_use_ends_with_2(pack: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert run() == 2
    assert run("f1", "--verify", str(pack)) == 2
    assert run("f1") == 2
    assert run("--verify", str(pack.parent / "none.zip")) == 2
    assert "expected" in capsys.readouterr().err
