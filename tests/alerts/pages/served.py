"""An application on a real port of this machine, for as long as a ``with`` block lasts."""

import socket
import threading
from types import TracebackType
from typing import Self

import uvicorn
from fastapi import FastAPI

START_S = 10.0


class Served:
    """``with Served(app) as served`` serves it at ``served.base``; ``stop`` and ``start`` cut and mend the line."""

    def __init__(self, app: FastAPI) -> None:
        self._app = app
        self._port = 0
        self._server: uvicorn.Server | None = None
        self._thread: threading.Thread | None = None

    def start(self) -> str:
        """Serve; the second time on the same port, as a restarted server would."""
        listener = socket.socket()
        listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        listener.bind(("127.0.0.1", self._port))
        self._port = listener.getsockname()[1]
        listener.listen()
        config = uvicorn.Config(self._app, log_level="critical", ws="none", timeout_graceful_shutdown=0, lifespan="off")
        self._server = uvicorn.Server(config)
        self._thread = threading.Thread(target=self._server.run, args=([listener],), daemon=True)
        self._thread.start()
        return f"http://127.0.0.1:{self._port}"

    def stop(self) -> None:
        assert self._server is not None and self._thread is not None
        self._server.should_exit = True
        self._thread.join(START_S)
        assert not self._thread.is_alive(), "the server did not stop"

    def __enter__(self) -> Self:
        self.base = self.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if self._thread is not None and self._thread.is_alive():
            self.stop()
