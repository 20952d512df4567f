"""An ASGI application on a port of this machine, inside an event loop that has other work too."""

import contextlib
import socket
from collections.abc import Iterator

import uvicorn
from fastapi import FastAPI

from topics.errors import PartMissing

#: Open streams are cut after this long when the server ends.
GRACE_S = 2


class HttpServer:
    """Serves ``app`` on ``host:port``, by TLS where a certificate is given; port 0 takes a free one.

    Raises ``PartMissing`` in one sentence where the port is taken.
    """

    def __init__(self, app: FastAPI, host: str, port: int, *, cert_file: str = "", key_file: str = "") -> None:
        family = socket.AF_INET6 if ":" in host else socket.AF_INET
        self._socket = socket.socket(family, socket.SOCK_STREAM)
        self._socket.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            self._socket.bind((host, port))
        except OSError as error:
            self._socket.close()
            raise PartMissing(f"server: expected port {port} of {host} to be free, got: {error.strerror}") from error
        self.port: int = self._socket.getsockname()[1]
        config = uvicorn.Config(
            app,
            log_config=None,
            access_log=False,
            lifespan="off",
            timeout_graceful_shutdown=GRACE_S,
            proxy_headers=False,  # whose word counts on who calls is the application's to say
            ssl_certfile=cert_file or None,
            ssl_keyfile=key_file or None,
        )
        self._server = _Quiet(config)

    async def run(self) -> None:
        """Serve until ``stop``."""
        await self._server.serve(sockets=[self._socket])

    def stop(self) -> None:
        """Take no more requests, let those under way end, then let ``run`` return."""
        self._server.should_exit = True

    def close(self) -> None:
        """Free the port where ``run`` was never called."""
        self._socket.close()


class _Quiet(uvicorn.Server):
    """Signals belong to the process that wires the parts together, not to one of them."""

    @contextlib.contextmanager
    def capture_signals(self) -> Iterator[None]:
        yield
