"""What a recipient answers to a CAP message: an Ack with who signed for it, or an Error with why not."""

import datetime as dt

import msgspec
from lxml import etree

from alerts.warnings.cap import NAMESPACE


class Answer(msgspec.Struct, frozen=True):
    """A CAP Ack or Error. ``source`` is the operator or device that answered (CAP 3.2.1), ``sent`` in ms UTC;
    ``references`` holds the identifiers it refers to.
    """

    msg_type: str
    identifier: str
    sender: str
    source: str
    sent: int | None
    note: str
    references: tuple[str, ...]


def read_answer(body: bytes) -> Answer:
    """Raises ``ValueError`` where the body is no CAP message."""
    parser = etree.XMLParser(resolve_entities=False, no_network=True, load_dtd=False, huge_tree=False)
    try:
        root = etree.fromstring(body, parser)
    except etree.XMLSyntaxError as error:
        raise ValueError(f"answer: expected a CAP message, got {body[:80]!r} ({error})") from error
    if root.tag != f"{{{NAMESPACE}}}alert":
        raise ValueError(f"answer: expected a CAP 1.2 alert, got the element {root.tag}")

    def text(name: str) -> str:
        return (root.findtext(f"{{{NAMESPACE}}}{name}") or "").strip()

    triples = [each.split(",") for each in text("references").split()]
    return Answer(
        msg_type=text("msgType"),
        identifier=text("identifier"),
        sender=text("sender"),
        source=text("source"),
        sent=_time(text("sent")),
        note=text("note"),
        references=tuple(triple[1] for triple in triples if len(triple) == 3),
    )


def _time(text: str) -> int | None:
    try:
        return int(dt.datetime.fromisoformat(text).timestamp() * 1000)
    except ValueError:
        return None
