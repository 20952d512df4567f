"""A real SMTP server in a thread, whose answers the test writes."""

import socket
from email import message_from_bytes
from email.message import EmailMessage
from email.policy import default
from typing import Any

from aiosmtpd.controller import Controller
from aiosmtpd.smtp import SMTP, AuthResult, LoginPassword

from tests.patience import WITHIN_S


class Post:
    """What came, and what to answer: ``refused`` by recipient, ``data`` to the message itself."""

    def __init__(self) -> None:
        self.letters: list[tuple[list[str], EmailMessage]] = []
        self.refused: dict[str, str] = {}
        self.data = "250 taken"

    async def handle_RCPT(self, server: Any, session: Any, envelope: Any, address: str, options: Any) -> str:
        if answer := self.refused.get(address):
            return answer
        envelope.rcpt_tos.append(address)
        return "250 ok"

    async def handle_DATA(self, server: Any, session: Any, envelope: Any) -> str:
        if self.data.startswith("250"):
            letter = message_from_bytes(envelope.content, policy=default)
            assert isinstance(letter, EmailMessage)
            self.letters.append((list(envelope.rcpt_tos), letter))
        return self.data

    def identifiers(self) -> list[str]:
        """Of each letter once, however often it came."""
        return list(dict.fromkeys(str(letter["X-CityBrain-Identifier"]).strip() for _, letter in self.letters))


class MailServer:
    """The server about a ``Post``; with ``login`` it asks for this user and password."""

    def __init__(self, login: tuple[str, str] | None = None) -> None:
        self.post = Post()

        def authenticate(server: SMTP, session: Any, envelope: Any, mechanism: str, data: Any) -> AuthResult:
            good = isinstance(data, LoginPassword) and (data.login.decode(), data.password.decode()) == login
            return AuthResult(success=good, handled=False)  # the server says it

        more: dict[str, Any] = (
            {"auth_required": True, "auth_require_tls": False, "authenticator": authenticate} if login else {}
        )
        self._controller = Controller(self.post, hostname="127.0.0.1", port=free_port(), ready_timeout=WITHIN_S, **more)

    @property
    def url(self) -> str:
        return f"smtp://127.0.0.1:{self._controller.port}"

    def __enter__(self) -> "MailServer":
        self._controller.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._controller.stop()


def free_port() -> int:
    """A port of this machine that nobody listens on now."""
    with socket.create_server(("127.0.0.1", 0)) as listener:
        return int(listener.getsockname()[1])
