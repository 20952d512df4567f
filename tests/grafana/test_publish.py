"""Publishing against what a real Grafana answered: twice is as once, errors are told apart by status."""

import json
import socket
from collections.abc import Iterator
from pathlib import Path

import pytest
from typer.testing import CliRunner

from grafana.client import Grafana, GrafanaRefused
from grafana.publish import FOLDER, SOURCE, Episode, publish
from streams.commands.grafana import app
from tests.grafana.recorded_grafana import TOKEN, RecordedGrafana
from topics.errors import CityBrainError, ConfigurationError, PartMissing

BOARD = {"uid": "citybrain-en", "title": "City brain", "panels": [], "schemaVersion": 36}
EPISODE = Episode("17", 1_439_391_106_000, 1_439_393_677_000, "Fire at the yard", ("cargo", "red"))
PROMETHEUS = "http://127.0.0.1:9090"


@pytest.fixture
def server() -> Iterator[RecordedGrafana]:
    server = RecordedGrafana()
    yield server
    server.close()
    assert server.strange == []


@pytest.fixture
def grafana(server: RecordedGrafana) -> Iterator[Grafana]:
    with Grafana(server.url, TOKEN) as client:
        yield client


def test_the_first_time_adds_and_the_second_changes_nothing(server: RecordedGrafana, grafana: Grafana) -> None:
    first = publish(grafana, [BOARD], PROMETHEUS, [EPISODE])
    assert set(first.changes.values()) == {"added"}
    assert server.writes == ["folder-created", "source-created", "board-created", "annotation-added"]
    assert server.notes[0]["tags"] == ["citybrain", "alert:17", "cargo", "red"]
    second = publish(grafana, [BOARD], PROMETHEUS, [EPISODE])
    assert second.up_to_date
    assert len(server.writes) == 4


def test_what_differs_is_changed_as_a_new_version(server: RecordedGrafana, grafana: Grafana) -> None:
    publish(grafana, [BOARD], PROMETHEUS, [EPISODE])
    later = Episode("17", EPISODE.start_ms, EPISODE.end_ms + 1, "Fire is out", EPISODE.tags)
    done = publish(grafana, [{**BOARD, "title": "City"}], "http://127.0.0.1:9091", [later])
    assert [change for change in done.changes.values()] == ["same", "changed", "changed", "changed"]
    assert server.boards["citybrain-en"]["version"] == 2
    assert server.sources[SOURCE]["url"] == "http://127.0.0.1:9091"
    assert server.notes[0]["text"] == "Fire is out"


def test_a_check_changes_nothing(server: RecordedGrafana, grafana: Grafana) -> None:
    done = publish(grafana, [BOARD], PROMETHEUS, [EPISODE], check=True)
    assert not done.up_to_date
    assert server.writes == []


def test_the_houses_choice_of_a_default_source_is_kept(server: RecordedGrafana, grafana: Grafana) -> None:
    publish(grafana, [BOARD], PROMETHEUS)
    server.sources[SOURCE]["isDefault"] = True
    assert publish(grafana, [BOARD], PROMETHEUS).up_to_date


def test_a_folder_somebody_else_made_meanwhile_is_as_good(server: RecordedGrafana, grafana: Grafana) -> None:
    grafana.add_folder(FOLDER, "City brain")
    with pytest.raises(GrafanaRefused) as refusal:
        grafana.add_folder(FOLDER, "City brain")
    assert refusal.value.status == 412
    assert publish(grafana, [BOARD], PROMETHEUS).changes[f"folder {FOLDER}"] == "same"


def test_a_version_somebody_else_wrote_is_not_overwritten(server: RecordedGrafana, grafana: Grafana) -> None:
    publish(grafana, [BOARD], PROMETHEUS)
    with pytest.raises(GrafanaRefused, match="answered 412: The dashboard has been changed by someone else") as refusal:
        grafana.put_board({**BOARD, "id": 5, "version": 0}, FOLDER, "stale")
    assert (refusal.value.status, refusal.value.retriable) == (412, False)


def test_what_grafana_refuses_is_told_in_its_words(grafana: Grafana) -> None:
    with pytest.raises(GrafanaRefused, match="answered 400: Dashboard title cannot be empty") as refusal:
        publish(grafana, [{**BOARD, "title": ""}], PROMETHEUS)
    assert refusal.value.status == 400


def test_a_wrong_token_is_a_matter_of_configuration(server: RecordedGrafana) -> None:
    with (
        Grafana(server.url, "another") as grafana,
        pytest.raises(ConfigurationError, match="got 401: invalid API key"),
    ):
        publish(grafana, [BOARD], PROMETHEUS)


@pytest.mark.parametrize("answer", [{"message": "database is locked"}, b"<html>bad gateway</html>"])
def test_a_failing_grafana_is_worth_another_try(server: RecordedGrafana, grafana: Grafana, answer: object) -> None:
    server.fault = (503, answer)
    with pytest.raises(GrafanaRefused, match="answered 503") as refusal:
        publish(grafana, [BOARD], PROMETHEUS)
    assert refusal.value.retriable


def test_nobody_there_is_one_sentence() -> None:
    with socket.socket() as held:
        held.bind(("127.0.0.1", 0))
        url = f"http://127.0.0.1:{held.getsockname()[1]}"
        with (
            Grafana(url, TOKEN) as grafana,
            pytest.raises(PartMissing, match="expected an answer, got ConnectionError"),
        ):
            publish(grafana, [BOARD], PROMETHEUS)


@pytest.mark.parametrize("url", ["", "grafana:3000", "ftp://x"])
def test_an_address_that_is_none_is_told(url: str) -> None:
    with pytest.raises(ConfigurationError, match="expected a URL as http://host:3000, got"):
        Grafana(url, TOKEN)


def test_a_path_before_the_interface_is_kept() -> None:
    with Grafana("http://city.example/grafana/", TOKEN) as grafana:
        assert grafana._face.api.url == "http://city.example/grafana/api"


def test_the_command_publishes_both_walls(server: RecordedGrafana, tmp_path: Path) -> None:
    secret = tmp_path / "token"
    secret.write_text(f"{TOKEN}\n", encoding="utf-8")
    words = ["publish", "--url", server.url, "--token-file", str(secret), "--json"]
    assert CliRunner().invoke(app, [*words, "--check"]).exit_code == 1
    result = CliRunner().invoke(app, words)
    assert result.exit_code == 0, result.output
    assert json.loads(result.stdout)["changes"]["dashboard citybrain-zh"] == "added"
    assert set(server.boards) == {"citybrain-zh", "citybrain-en"}
    assert CliRunner().invoke(app, [*words, "--check"]).exit_code == 0


def test_credentials_must_be_given() -> None:
    result = CliRunner().invoke(app, ["publish"])
    assert isinstance(result.exception, CityBrainError)
    assert "expected --token-file" in str(result.exception)
