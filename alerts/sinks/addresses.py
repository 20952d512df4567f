"""Where the channels of this house deliver to.

An address book is one line of text: ``address`` for everybody, or ``authority=address`` for one of them; several
stand apart by blanks or semicolons, and what is said of one authority goes before what is said of all.
"""

import re
from collections.abc import Awaitable, Callable, Mapping
from pathlib import Path

import msgspec

from alerts.warnings.statement import Statement
from topics.errors import ConfigurationError

#: Puts a message on a Kafka topic: topic, key, value; gives where it lies, ``topic/partition/offset``.
#: Raises ``aiokafka.errors.KafkaError`` or ``TimeoutError``.
Publish = Callable[[str, bytes, bytes], Awaitable[str]]

#: The names of a warning, and of all it refers to, in the form of GB/T 35965, by our identifiers.
Names = Callable[[Statement], Mapping[str, str]]

EVERYBODY = "*"

#: An authority's name before ``=``; a URL cannot be mistaken for one, since it has a colon before any ``=``.
_NAMED = re.compile(r"(?P<authority>[\w.-]+)=(?P<address>.+)", re.DOTALL)


class Addresses(msgspec.Struct, frozen=True):
    """Addresses and secrets by channel; an empty one leaves its channel without an address. ``repr`` tells no secret.

    ``mail_of`` gives addresses that people themselves have left, before ``email_to``.
    ``recall_notice_url`` is where the holders of a recall are told (alerts/custody/sending.py), ``public_url`` where
    they reach us. ``smtp_url`` is ``smtp://host:port``, ``smtp+starttls://…`` or ``smtps://…``; ``topic`` is where the
    channel ``kafka`` publishes.
    """

    bureau_url: str
    folder: Path
    webhook_url: str = ""
    webhook_secret: str = ""
    recall_notice_url: str = ""
    public_url: str = ""
    smtp_url: str = ""
    smtp_username: str = ""
    smtp_password: str = ""
    email_from: str = ""
    email_to: str = ""
    alertmanager_url: str = ""
    gbt35965_url: str = ""
    gbt35965_sender: str = ""
    topic: str = "warnings"
    publish: Publish | None = None
    gb_names: Names | None = None
    mail_of: Callable[[str], tuple[str, ...]] | None = None

    def __repr__(self) -> str:
        return f"Addresses(bureau_url={self.bureau_url!r}, folder={str(self.folder)!r}, …)"


def address_book(text: str, setting: str) -> dict[str, tuple[str, ...]]:
    """Authority (or ``*``) to its addresses. Raises ``ConfigurationError`` for a name without an address."""
    book: dict[str, tuple[str, ...]] = {}
    for item in re.split(r"[\s;]+", text.strip()):
        if not item:
            continue
        named = _NAMED.fullmatch(item)
        authority, address = (named["authority"], named["address"]) if named else (EVERYBODY, item)
        if item.endswith("="):
            raise ConfigurationError(f"{setting}: expected authority=address, got {item!r}")
        book[authority] = book.get(authority, ()) + tuple(each for each in address.split(",") if each)
    return book


def addresses_of(book: dict[str, tuple[str, ...]], authority: str) -> tuple[str, ...]:
    """Where this authority is told; empty where nobody has said."""
    return book.get(authority, book.get(EVERYBODY, ()))
