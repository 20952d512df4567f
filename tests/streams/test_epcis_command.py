"""`citybrain epcis check`: a user's schema and our rules, each fault with its path, and the exit status."""

import json
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner

from records.event_hash import event_hash
from streams.commands.epcis import app
from tests.records.test_epcis_structure import EVENT, wrapped
from topics.errors import ConfigurationError

#: A small schema of the test's own, in the manner of the official one: a choice by type of event.
SCHEMA = {
    "$schema": "http://json-schema.org/draft-07/schema#",
    "type": "object",
    "properties": {
        "epcisBody": {"properties": {"eventList": {"items": {"oneOf": [
            {"$ref": "#/definitions/o"}, {"$ref": "#/definitions/t"},
        ]}}}}
    },
    "definitions": {
        "o": {"properties": {"type": {"const": "ObjectEvent"}, "bizStep": {"enum": ["shipping", "receiving"]}}},
        "t": {"properties": {"type": {"const": "TransformationEvent"}}, "required": ["outputEPCList"]},
    },
}  # fmt: skip


def run(folder: Path, *told: Any, schema: Any = None) -> tuple[int, dict[str, Any]]:
    files = []
    for at, each in enumerate(told):
        file = folder / f"{at}.json"
        file.write_text(each if isinstance(each, str) else json.dumps(each), encoding="utf-8")
        files.append(str(file))
    more = []
    if schema is not None:
        (folder / "schema.json").write_text(json.dumps(schema), encoding="utf-8")
        more = ["--schema", str(folder / "schema.json")]
    result = CliRunner().invoke(app, ["check", *files, *more, "--json"])
    if isinstance(result.exception, ConfigurationError):
        raise result.exception
    return result.exit_code, json.loads(result.stdout)


def test_sound_documents_are_sound_with_and_without_a_schema(tmp_path: Path) -> None:
    code, told = run(tmp_path, wrapped(EVENT), wrapped(EVENT | {"bizStep": "shipping"}), schema=SCHEMA)
    assert (code, told["ok"]) == (0, True)
    assert [each["events"] for each in told["documents"]] == [1, 1]
    assert run(tmp_path, wrapped(EVENT | {"bizStep": "dancing"}))[0] == 0, (
        "words of the vocabulary are the schema's matter"
    )


def test_each_fault_says_by_what_rule_where_and_what_came(tmp_path: Path) -> None:
    bad = wrapped(EVENT | {"bizStep": "dancing", "eventTimeZoneOffset": "8"})
    code, told = run(tmp_path, bad, "{", schema=SCHEMA)
    assert code == 1
    first, second = told["documents"]
    assert [(each["by"], each["where"]) for each in first["faults"]] == [
        ("structure", "$.epcisBody.eventList[0].eventTimeZoneOffset"), ("schema", "$.epcisBody.eventList[0].bizStep"),
    ]  # fmt: skip
    assert first["faults"][1]["got"] == "'dancing'" and "shipping" in first["faults"][1]["required"]
    assert [(each["where"], each["required"]) for each in second["faults"]] == [("$", "JSON in UTF-8")]


@pytest.mark.parametrize("schema", [[], {}, {"type": 5}])
def test_what_is_no_schema_is_wrong_use(tmp_path: Path, schema: Any) -> None:
    with pytest.raises(ConfigurationError, match=r"--schema .* expected a JSON Schema"):
        run(tmp_path, wrapped(EVENT), schema=schema)


def test_hashes_of_a_document(tmp_path: Path) -> None:
    file = tmp_path / "d.json"
    file.write_text(json.dumps(wrapped(EVENT)), encoding="utf-8")
    result = CliRunner().invoke(app, ["hash", str(file), "--json"])
    assert json.loads(result.stdout) == {"hashes": [event_hash(EVENT)]}


def test_what_changes_nothing_is_a_remark_with_what_came_and_no_reason_to_fail(tmp_path: Path) -> None:
    file = tmp_path / "d.json"
    file.write_text(json.dumps(wrapped(EVENT | {"readPoint": {"id": "shop-1"}})), encoding="utf-8")
    result = CliRunner().invoke(app, ["check", str(file)])
    assert result.exit_code == 0
    assert "readPoint.id: expected a URI, got 'shop-1' (remark)" in result.stderr


def test_all_pages_of_the_servers_answer_are_checked() -> None:
    """The fault is on the second page; its address is the server's word for it, behind whatever name."""

    class Pages(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            second = "nextPageToken=b" in self.path
            body = json.dumps(wrapped(EVENT | {"eventID": 7} if second else EVENT)).encode()
            self.send_response(200)
            self.send_header("content-length", str(len(body)))
            if not second:
                self.send_header("link", '<https://city.example/api/epcis/events?nextPageToken=b>; rel="next"')
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, *_: object) -> None: ...

    with ThreadingHTTPServer(("127.0.0.1", 0), Pages) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        address = f"http://127.0.0.1:{server.server_address[1]}"
        result = CliRunner().invoke(app, ["check", "--from-server", "--server", address, "--json"])
        server.shutdown()
    told = json.loads(result.stdout)["documents"]
    assert result.exit_code == 1
    assert [len(each["faults"]) for each in told] == [0, 1]
    assert told[1]["document"].endswith("page 2")
