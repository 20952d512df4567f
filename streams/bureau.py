"""The stand-in for the emergency bureau's gateway: takes CAP over HTTP, checks it, and signs for it.

It shares no code with the sender, so that the sender does not mark its own work. ``POST /cap`` takes a
message, ``GET /received`` says what came, ``POST /fault`` with ``{"seconds": 60, "status": 500}`` makes it
fail for a while. A message it knows already (by identifier) is signed for again and counted as a repeat;
the same identifier with another content is refused.
"""

import json
import sys
import threading
import time
import uuid
from collections.abc import Callable
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

from streams.bureau_cap import Message, Reader, Refused, answer

#: The duty officers who sign, in turn; names are made up.
OFFICERS = ("值班员 王建国", "值班员 李秀英", "值班员 张海燕")

LARGEST_BODY = 1_048_576


class Register:
    """What the bureau has received. Safe for several threads. ``seconds`` is a clock that only moves forward."""

    def __init__(self, seconds: Callable[[], float] = time.monotonic) -> None:
        self._reader = Reader()
        self._seconds = seconds
        self._lock = threading.Lock()
        self._messages: dict[str, tuple[Message, bytes, dict[str, Any]]] = {}
        self._covered: set[str] = set()  # identifiers that came within a digest
        self._fault: tuple[float, int] = (0.0, 500)
        self.counts = {"posts": 0, "repeats": 0, "refused": 0, "failed_on_purpose": 0, "unknown_references": 0}
        self.reasons: list[str] = []

    def fail(self, seconds: float, status: int) -> None:
        """Answer with this status for so long."""
        with self._lock:
            self._fault = (self._seconds() + seconds, status)

    def take(self, body: bytes) -> tuple[int, bytes]:
        """HTTP status and answer for a posted message."""
        with self._lock:
            self.counts["posts"] += 1
            until, status = self._fault
            if self._seconds() < until:
                self.counts["failed_on_purpose"] += 1
                return status, b"out of order on purpose"
            try:
                message = self._reader.read(body)
                return 200, self._sign(message, body)
            except Refused as refused:
                self.counts["refused"] += 1
                self.reasons.append(str(refused))
                return 422, answer("Error", _new_name("error"), "", str(refused), "")

    def _sign(self, message: Message, body: bytes) -> bytes:
        known = self._messages.get(message.identifier)
        if known is not None and known[1] != body:
            raise Refused(f"identifier {message.identifier} was used before, for another message")
        row: dict[str, Any]
        if known is None:
            self._covered |= set(message.covers)
            unknown = [each for each in message.references if each not in self._messages and each not in self._covered]
            self.counts["unknown_references"] += len(unknown)
            signed_by = OFFICERS[len(self._messages) % len(OFFICERS)]
            row = {"signed_for_by": signed_by, "ack": _new_name("ack"), "repeats": 0, "unknown_references": unknown}
            self._messages[message.identifier] = (message, body, row)
        else:
            row = known[2]
            row["repeats"] += 1
            self.counts["repeats"] += 1
        about = f"{message.sender},{message.identifier},{message.sent}"
        note = f"签收 / signed for by {row['signed_for_by']}"
        return answer("Ack", row["ack"], row["signed_for_by"], note, about)

    def report(self) -> dict[str, Any]:
        """What came: ``unique`` identifiers, ``repeats`` of them, what was refused and why, every message."""
        with self._lock:
            messages = [vars(message) | row for message, _, row in self._messages.values()]
            return {"unique": len(messages), **self.counts, "reasons": list(self.reasons), "messages": messages}


class _Server(ThreadingHTTPServer):
    daemon_threads = True

    def handle_error(self, *_: object) -> None:
        """A sender that hangs up in the middle asks again; what a message did to the register stands there."""
        if not isinstance(sys.exception(), ConnectionError):
            super().handle_error(*_)  # type: ignore[arg-type]  # as the standard library calls it


class Bureau:
    """The HTTP server about a register, on loopback; port 0 takes a free one."""

    def __init__(self, port: int = 0, register: Register | None = None) -> None:
        self.register = register or Register()
        self._server = _Server(("127.0.0.1", port), _handler(self.register))
        self.port: int = self._server.server_address[1]
        self._thread = threading.Thread(target=self._server.serve_forever, kwargs={"poll_interval": 0.05})

    @property
    def url(self) -> str:
        """Where to post CAP messages."""
        return f"http://127.0.0.1:{self.port}/cap"

    def start(self) -> None:
        """Serve in a thread."""
        self._thread.start()

    def stop(self) -> None:
        """Serve no more and free the port."""
        if self._thread.is_alive():
            self._server.shutdown()
            self._thread.join()
        self._server.server_close()

    def __enter__(self) -> "Bureau":
        self.start()
        return self

    def __exit__(self, *_: object) -> None:
        self.stop()


def write_report(register: Register, path: Path) -> None:
    """The register's report as a JSON file, whole or not at all."""
    path.parent.mkdir(parents=True, exist_ok=True)
    unfinished = path.with_suffix(".part")
    unfinished.write_text(json.dumps(register.report(), ensure_ascii=False, indent=2), encoding="utf-8")
    unfinished.replace(path)


def _new_name(kind: str) -> str:
    return f"bureau-{kind}-{uuid.uuid4().hex}"


def _handler(register: Register) -> type[BaseHTTPRequestHandler]:
    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"  # keeps the connection, as a real gateway does

        def do_GET(self) -> None:
            if self.path != "/received":
                return self._send_json(404, {"error": "there is GET /received, POST /cap and POST /fault"})
            self._send_json(200, register.report())

        def do_POST(self) -> None:
            length = int(self.headers.get("content-length") or 0)
            if length > LARGEST_BODY:
                self.close_connection = True
                return self._send_json(413, {"error": f"expected at most {LARGEST_BODY} bytes, got {length}"})
            body = self.rfile.read(length)
            if len(body) < length:  # the sender died in the middle: it said nothing yet
                self.close_connection = True
                return
            if self.path == "/cap":
                status, said = register.take(body)
                return self._send(status, said, "application/cap+xml")
            if self.path == "/fault":
                return self._fault(body)
            self._send_json(404, {"error": "there is GET /received, POST /cap and POST /fault"})

        def _fault(self, body: bytes) -> None:
            try:
                asked = json.loads(body)
                register.fail(float(asked["seconds"]), int(asked.get("status", 500)))
            except (ValueError, KeyError, TypeError, AttributeError):
                return self._send_json(422, {"error": 'expected {"seconds": number, "status": 500}'})
            self._send_json(200, {"failing_for_s": asked["seconds"]})

        def _send_json(self, status: int, said: dict[str, Any]) -> None:
            self._send(status, json.dumps(said, ensure_ascii=False).encode(), "application/json")

        def _send(self, status: int, said: bytes, kind: str) -> None:
            self.send_response(status)
            self.send_header("content-type", kind)
            self.send_header("content-length", str(len(said)))
            self.end_headers()
            self.wfile.write(said)

        def log_message(self, *_: object) -> None:
            """The register says what came; a line per request would only bury it."""

    return Handler
