"""A Grafana of a few calls on the loopback, whose every answer was recorded from the real 9.3.2.

It keeps what it is given, so that publishing twice can be seen; a request whose body has other keys than
the recorded one is noted in ``strange``.
"""

import copy
import json
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, urlsplit

TOKEN = "a token"
EXCHANGES: dict[str, Any] = json.loads((Path(__file__).parent / "exchanges.json").read_text(encoding="utf-8"))


class RecordedGrafana:
    """``writes`` names the recorded exchange of every request that changed something."""

    def __init__(self) -> None:
        self.folders: set[str] = set()
        self.sources: dict[str, dict[str, Any]] = {}
        self.boards: dict[str, dict[str, Any]] = {}
        self.notes: list[dict[str, Any]] = []
        self.writes: list[str] = []
        self.strange: list[str] = []
        self.fault: tuple[int, Any] | None = None
        handler = type("Handler", (_Handler,), {"grafana": self})
        self._server = ThreadingHTTPServer(("127.0.0.1", 0), handler)
        self._thread = threading.Thread(target=self._server.serve_forever, kwargs={"poll_interval": 0.01})
        self._thread.start()

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self._server.server_port}"

    def close(self) -> None:
        self._server.shutdown()
        self._server.server_close()
        self._thread.join()

    def answer(self, method: str, target: str, body: Any, authorization: str | None) -> tuple[int, Any]:
        if authorization != f"Bearer {TOKEN}":
            return _recorded("wrong-token")
        if self.fault is not None:
            return self.fault
        path = urlsplit(target)
        parts = path.path.removeprefix("/api/").split("/")
        if method == "GET":
            return self._read(parts, parse_qs(path.query))
        return self._write(parts, body)

    def _read(self, parts: list[str], query: dict[str, list[str]]) -> tuple[int, Any]:
        if parts[0] == "folders":
            return _recorded("folder-read" if parts[1] in self.folders else "folder-missing")
        if parts[0] == "datasources":
            return (
                _recorded("source-read", self.sources[parts[2]])
                if parts[2] in self.sources
                else _recorded("source-missing")
            )
        if parts[0] == "dashboards":
            if parts[2] not in self.boards:
                return _recorded("board-missing")
            status, read = _recorded("board-read")
            return status, {**read, "dashboard": self.boards[parts[2]]}
        shape = _recorded("annotations-read")[1][0]
        return 200, [{**shape, **note} for note in self.notes if set(query["tags"]) <= set(note["tags"])]

    def _write(self, parts: list[str], body: dict[str, Any]) -> tuple[int, Any]:
        if parts[0] == "folders":
            name = "folder-there-already" if body["uid"] in self.folders else "folder-created"
            self.folders.add(body["uid"])
        elif parts[0] == "datasources":
            name = "source-changed" if len(parts) > 1 else "source-created"
            self.sources[body["name"]] = {**body, "id": 2}
        elif parts[0] == "dashboards":
            name = self._board(body["dashboard"])
        else:
            name = "annotation-changed" if len(parts) > 1 else "annotation-added"
            if len(parts) > 1:
                self.notes[int(parts[1]) - 1].update(body)
            else:
                self.notes.append({**body, "id": len(self.notes) + 1})
        expected = set(EXCHANGES[name]["request"]["body"]) | {"message"}
        if not set(body) <= expected:
            self.strange.append(f"{name}: {sorted(set(body) - expected)}")
        self.writes.append(name)
        return _recorded(name)

    def _board(self, board: dict[str, Any]) -> str:
        there = self.boards.get(board["uid"])
        if not board["title"]:
            return "board-without-title"
        if there is not None and board.get("version") != there["version"]:
            return "board-stale"
        version = there["version"] + 1 if there else 1
        self.boards[board["uid"]] = {**copy.deepcopy(board), "id": 5, "version": version}
        return "board-second-version" if there else "board-created"


class _Handler(BaseHTTPRequestHandler):
    grafana: RecordedGrafana

    def _serve(self) -> None:
        length = int(self.headers.get("Content-Length") or 0)
        body = json.loads(self.rfile.read(length)) if length else None
        status, answer = self.grafana.answer(self.command, self.path, body, self.headers.get("Authorization"))
        raw = answer if isinstance(answer, bytes) else json.dumps(answer).encode()
        self.send_response(status)
        self.send_header("Content-Length", str(len(raw)))
        self.end_headers()
        self.wfile.write(raw)

    do_GET = do_POST = do_PUT = _serve

    def log_message(self, format: str, *args: Any) -> None:
        """Tests have their own words."""


def _recorded(name: str, instead: dict[str, Any] | None = None) -> tuple[int, Any]:
    response = EXCHANGES[name]["response"]
    body = copy.deepcopy(response["body"])
    return response["status"], body if instead is None else {**body, **instead}
