"""Ways in: each source takes data off one wire and hands it to a publisher. One explicit table lists them."""

from collections.abc import Callable
from typing import TypeAlias

from streams.sources.base import Source

Loader: TypeAlias = Callable[[], type[Source]]


def _hj212() -> type[Source]:
    from streams.sources.hj212.gateway import Hj212Gateway

    return Hj212Gateway


def _http() -> type[Source]:
    from streams.sources.http_intake import HttpIntake

    return HttpIntake


def _jt808() -> type[Source]:
    from streams.sources.jt808.gateway import Jt808Gateway

    return Jt808Gateway


#: Each source by its ``name``; loaded only when it is to run, because a decoder of files needs no web server.
SOURCES: dict[str, Loader] = {"hj212": _hj212, "http": _http, "jt808": _jt808}
