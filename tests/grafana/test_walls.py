"""Walls: rendered JSON is what the code says, lint finds faults, every expression is PromQL."""

import copy
import json
import subprocess
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner

from grafana.lint import expressions, metrics_in, problems
from grafana.render import rendered, stale, write
from streams.commands.grafana import app
from streams.metric_table import BY_NAME
from topics.domain_file import load_domain, load_domains

FIXTURES = Path(__file__).parents[1] / "topics" / "fixtures"
DOMAINS = load_domains()
WALLS = {name: json.loads(text) for name, text in rendered(DOMAINS).items()}


def test_the_committed_files_are_what_the_code_says() -> None:
    assert stale(rendered(DOMAINS)) == [], "run `citybrain grafana render`"


@pytest.mark.parametrize("name", WALLS)
def test_a_wall_is_clean(name: str) -> None:
    assert problems(WALLS[name], BY_NAME) == []
    assert WALLS[name]["schemaVersion"] == 36
    assert 8 <= len(WALLS[name]["uid"]) <= 40


def test_every_domain_has_its_row_in_both_languages_a_fifth_by_its_file_alone() -> None:
    tourism = load_domain(FIXTURES / "tourism.toml")
    for language, text in zip(("zh", "en"), rendered([*DOMAINS, tourism]).values(), strict=True):
        rows = [panel["title"] for panel in json.loads(text)["panels"] if panel["type"] == "row"]
        assert rows[1:-1] == [getattr(domain.title, language) for domain in (*DOMAINS, tourism)]


def _same_id(wall: dict[str, Any]) -> None:
    wall["panels"][3]["id"] = wall["panels"][2]["id"]


def _overlap(wall: dict[str, Any]) -> None:
    wall["panels"][3]["gridPos"]["x"] -= 1


def _too_wide(wall: dict[str, Any]) -> None:
    wall["panels"][1]["gridPos"]["w"] = 30


def _fixed_source(wall: dict[str, Any]) -> None:
    wall["panels"][2]["targets"][0]["datasource"]["uid"] = "citybrain-prom"


def _unknown_metric(wall: dict[str, Any]) -> None:
    wall["panels"][2]["targets"][0]["expr"] = "sum(citybrain_moods_total)"


def _no_variable(wall: dict[str, Any]) -> None:
    wall["templating"]["list"] = []


@pytest.mark.parametrize(
    "harm, told",
    [
        (_same_id, "expected an id of its own, got 3"),
        (_overlap, "expected a place of its own, got one that overlaps"),
        (_too_wide, "expected columns 0 to 24, got 0 to 30"),
        (_fixed_source, "expected the data source ${datasource}, got 'citybrain-prom'"),
        (_unknown_metric, "expected a metric that the parts export, got citybrain_moods_total"),
        (_no_variable, "expected one named 'datasource', got none"),
    ],
)
def test_lint_finds_a_planted_fault(harm: Callable[[dict[str, Any]], None], told: str) -> None:
    wall = copy.deepcopy(WALLS["citybrain-en.json"])
    harm(wall)
    assert any(told in problem for problem in problems(wall, BY_NAME)), problems(wall, BY_NAME)


def test_a_histograms_suffix_is_no_metric_of_its_own() -> None:
    assert metrics_in("rate(citybrain_snapshot_seconds_bucket[5m]) / citybrain_spool_bytes") == {
        "citybrain_snapshot_seconds",
        "citybrain_spool_bytes",
    }


@pytest.mark.prometheus
@pytest.mark.parametrize("name", WALLS)
def test_every_expression_is_promql(name: str, program: Callable[[str], str], tmp_path: Path) -> None:
    asked = sorted(set(expressions(WALLS[name])))
    assert len(asked) > 10
    assert _parsed(program("promtool"), asked, tmp_path).returncode == 0
    assert _parsed(program("promtool"), [*asked, "sum(("], tmp_path).returncode != 0


def _parsed(promtool: str, asked: list[str], folder: Path) -> "subprocess.CompletedProcess[bytes]":
    rules = [{"record": f"wall:{number}:expression", "expr": expr} for number, expr in enumerate(asked)]
    path = folder / "rules.json"  # JSON is YAML
    path.write_text(json.dumps({"groups": [{"name": "walls", "rules": rules}]}), encoding="utf-8")
    return subprocess.run([promtool, "check", "rules", str(path)], capture_output=True, timeout=30, check=False)


def test_render_writes_what_changed_and_check_only_says_so(tmp_path: Path) -> None:
    words = ["render", "--to", str(tmp_path), "--json"]
    assert CliRunner().invoke(app, [*words, "--check"]).exit_code == 1
    assert not list(tmp_path.iterdir())
    first = CliRunner().invoke(app, words)
    assert first.exit_code == 0
    assert json.loads(first.stdout)["changed"] == ["citybrain-zh.json", "citybrain-en.json"]
    assert CliRunner().invoke(app, [*words, "--check"]).exit_code == 0
    assert write(rendered(DOMAINS), tmp_path) == []
