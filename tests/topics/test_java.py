"""Java is looked for in a stated order, and what will not do is named."""

from pathlib import Path

import pytest

from topics.errors import PartMissing
from topics.java import find_java, java_version


def _java(folder: Path, says: str) -> Path:
    program = folder / "bin" / "java"
    program.parent.mkdir(parents=True)
    program.write_text(f"#!/bin/sh\necho '{says}' >&2\n")
    program.chmod(0o755)
    return program


def test_java_home_comes_first(tmp_path: Path) -> None:
    program = _java(tmp_path / "home", 'openjdk version "21.0.2" 2024-01-16')
    assert find_java(str(tmp_path / "home")) == program


def test_an_old_java_is_passed_over_for_one_that_will_do(tmp_path: Path) -> None:
    old = _java(tmp_path / "home", 'java version "1.8.0_392"')
    assert java_version(old) == 8
    found = find_java(str(tmp_path / "home"))
    assert found != old
    assert (java_version(found) or 0) >= 17


def test_what_is_missing_is_said_in_one_sentence(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("topics.java._candidates", lambda home: [("JAVA_HOME", None), ("PATH", _java(tmp_path, "no"))])
    with pytest.raises(PartMissing, match=r"Java: expected version 17 or newer, got JAVA_HOME: none; PATH: .* unknown"):
        find_java(None)
