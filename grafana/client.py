"""Our few words to Grafana, over the package grafana-api.

That package is no longer developed and raises one error for 404, 409 and 412 alike, so nothing else of
ours touches it: here its answers are told apart by status.
"""

from collections.abc import Callable
from types import TracebackType
from typing import Any, TypeVar
from urllib.parse import urlsplit

from grafana_api.grafana_api import GrafanaException
from grafana_api.grafana_face import GrafanaFace

from topics.errors import CityBrainError, ConfigurationError, PartMissing

Answer = TypeVar("Answer")


class GrafanaRefused(CityBrainError):
    """Grafana answered, and not with what was asked for; ``status`` is the HTTP status."""

    def __init__(self, message: str, status: int) -> None:
        super().__init__(message)
        self.status = status
        self.retriable = status >= 500


class Grafana:
    """A Grafana at ``url``, as whoever ``auth`` is: a token, or (user, password). Use it in a ``with``.

    Every call raises ``GrafanaRefused`` with the status, ``ConfigurationError`` where the credentials are
    refused (401, 403), ``PartMissing`` where nobody answers.
    """

    def __init__(self, url: str, auth: str | tuple[str, str], timeout_s: float = 10.0) -> None:
        parts = urlsplit(url)
        if parts.scheme not in ("http", "https") or not parts.hostname:
            raise ConfigurationError(f"Grafana: expected a URL as http://host:3000, got {url!r}")
        self.url = url
        prefix = parts.path.strip("/")
        self._face = GrafanaFace(
            auth,
            host=f"[{parts.hostname}]" if ":" in parts.hostname else parts.hostname,
            port=parts.port,
            protocol=parts.scheme,
            url_path_prefix=f"{prefix}/" if prefix else "",
            timeout=timeout_s,
        )

    def __enter__(self) -> "Grafana":
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._face.api.s.close()

    def folder(self, uid: str) -> dict[str, Any] | None:
        """The folder, ``None`` if there is none."""
        return self._maybe(lambda: self._face.folder.get_folder(uid))

    def add_folder(self, uid: str, title: str) -> None:
        """Make a folder of this uid."""
        self._ask(lambda: self._face.folder.create_folder(title, uid=uid))

    def source(self, name: str) -> dict[str, Any] | None:
        """The data source of this name, ``None`` if there is none."""
        return self._maybe(lambda: self._face.datasource.get_datasource_by_name(name))

    def add_source(self, source: dict[str, Any]) -> None:
        """Make a data source, in Grafana's own form."""
        self._ask(lambda: self._face.datasource.create_datasource(source))

    def change_source(self, number: int, source: dict[str, Any]) -> None:
        """Replace the data source of this number."""
        self._ask(lambda: self._face.datasource.update_datasource(number, source))

    def board(self, uid: str) -> dict[str, Any] | None:
        """``{"dashboard": …, "meta": …}``, ``None`` if there is none."""
        return self._maybe(lambda: self._face.dashboard.get_dashboard(uid))

    def put_board(self, board: dict[str, Any], folder_uid: str, message: str) -> None:
        """Write a version over the one ``board`` says it is made from; 412 if somebody was faster."""
        body = {"dashboard": board, "folderUid": folder_uid, "overwrite": False, "message": message}
        self._ask(lambda: self._face.dashboard.update_dashboard(body))

    def annotations(self, tag: str) -> list[dict[str, Any]]:
        """Those that carry the tag."""
        return self._ask(lambda: self._face.annotations.get_annotation(tags=[tag]))

    def add_annotation(self, start_ms: int, end_ms: int, tags: list[str], text: str) -> None:
        """Make a region annotation over all dashboards; times are ms UTC."""
        self._ask(
            lambda: self._face.annotations.add_annotation(time_from=start_ms, time_to=end_ms, tags=tags, text=text)
        )

    def change_annotation(self, number: int, start_ms: int, end_ms: int, tags: list[str], text: str) -> None:
        """Replace the annotation of this number; times are ms UTC."""
        self._ask(
            lambda: self._face.annotations.update_annotation(
                number, time_from=start_ms, time_to=end_ms, tags=tags, text=text
            )
        )

    def _maybe(self, call: Callable[[], Answer]) -> Answer | None:
        try:
            return self._ask(call)
        except GrafanaRefused as refusal:
            if refusal.status == 404:
                return None
            raise

    def _ask(self, call: Callable[[], Answer]) -> Answer:
        try:
            return call()
        except GrafanaException as error:
            status, told = error.status_code, _told(error)
            if status in (401, 403):
                raise ConfigurationError(
                    f"Grafana at {self.url}: expected credentials it takes, got {status}: {told}"
                ) from error
            raise GrafanaRefused(f"Grafana at {self.url} answered {status}: {told}", status) from error
        except OSError as error:  # what requests raises for a network that fails
            raise PartMissing(
                f"Grafana at {self.url}: expected an answer, got {type(error).__name__}: {error}"
            ) from error


def _told(error: GrafanaException) -> str:
    response = error.response
    return str(response.get("message", response)) if isinstance(response, dict) else str(response)
