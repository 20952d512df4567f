"""`citybrain topics`: the table, and how it stands on a broker, by exit status and JSON."""

import json
from pathlib import Path

import pytest
from typer.testing import CliRunner

from streams.commands.topics import app

FIXTURES = Path(__file__).parents[1] / "topics" / "fixtures"


@pytest.fixture
def tourism(tmp_path: Path) -> Path:
    (tmp_path / "tourism.toml").write_text((FIXTURES / "tourism.toml").read_text(encoding="utf-8"), encoding="utf-8")
    return tmp_path


def test_the_list_has_a_fifth_domain_by_its_file_alone(tourism: Path) -> None:
    result = CliRunner().invoke(app, ["list", "--json", "--domains", str(tourism)])
    assert result.exit_code == 0
    names = [topic["name"] for topic in json.loads(result.stdout)["topics"]]
    assert names[:2] == ["readings.tourism", "state.tourism"]
    assert "site id" in CliRunner().invoke(app, ["list", "--domains", str(tourism)]).stdout


@pytest.mark.kafka
def test_check_says_1_until_declare_has_made_them(kafka: str, tourism: Path) -> None:
    path = tourism / "tourism.toml"
    path.write_text(path.read_text(encoding="utf-8").replace('name = "tourism"', 'name = "tourism-cli"'), "utf-8")
    words = ["--brokers", kafka, "--domains", str(tourism), "--json"]
    before = CliRunner().invoke(app, ["check", *words])
    assert before.exit_code == 1
    states = {each["topic"]: each["state"] for each in json.loads(before.stdout)["topics"]}
    assert states["readings.tourism-cli"] == "missing"
    assert CliRunner().invoke(app, ["declare", *words]).exit_code == 0
    after = CliRunner().invoke(app, ["check", *words])
    assert after.exit_code == 0
    assert json.loads(after.stdout)["ok"]
    path.write_text(path.read_text(encoding="utf-8").replace("partitions = 2", "partitions = 3"), encoding="utf-8")
    differing = CliRunner().invoke(app, ["check", *words])
    assert differing.exit_code == 1
    (found,) = [each for each in json.loads(differing.stdout)["topics"] if each["topic"] == "readings.tourism-cli"]
    assert found["differences"] == ["partitions: expected 3, got 2"]
