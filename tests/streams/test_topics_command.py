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


def test_schemas_are_compared_and_a_broken_one_is_told_by_exit_status(tmp_path: Path) -> None:
    now = Path(__file__).parents[2] / "docs" / "schemas"
    assert CliRunner().invoke(app, ["compare", str(now), str(now)]).exit_code == 0
    old = json.loads((now / "readings.schema.json").read_text(encoding="utf-8"))
    old["$defs"]["Reading"]["required"].remove("value")
    old["$defs"]["Reading"]["properties"]["flag"]["maxLength"] = 9
    old["$defs"]["Reading"]["properties"].pop("sent")  # it came since: nobody minds
    (tmp_path / "readings.schema.json").write_text(json.dumps(old), encoding="utf-8")
    result = CliRunner().invoke(app, ["compare", str(tmp_path), "--json"])
    assert result.exit_code == 1
    assert json.loads(result.stdout)["topics"]["readings"]["breaks"] == [
        ".value: expected always, may be missing", ".flag: expected maxLength 1, may be 9",
    ]  # fmt: skip
    assert "new readers may refuse old messages: .value" in CliRunner().invoke(app, ["compare", str(tmp_path)]).stdout


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
