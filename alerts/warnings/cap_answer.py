"""Receipts in CAP, both ways: what a recipient answers to our messages, and how we acknowledge those of others."""

import datetime as dt
import hashlib

import msgspec
from lxml import etree

from alerts.warnings.cap import NAMESPACE, clean


class Answer(msgspec.Struct, frozen=True):
    """A CAP message that came in, mostly an Ack or Error. ``source`` is the operator or device that answered
    (CAP 3.2.1), ``sent`` in ms UTC and ``sent_text`` as it stood there; ``references`` holds the identifiers it
    refers to.
    """

    msg_type: str
    identifier: str
    sender: str
    source: str
    sent: int | None
    note: str
    references: tuple[str, ...]
    sent_text: str = ""


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
        sent_text=text("sent"),
    )


def _time(text: str) -> int | None:
    try:
        return int(dt.datetime.fromisoformat(text).timestamp() * 1000)
    except ValueError:
        return None


def to_ack(message: Answer, sender: str) -> bytes:
    """The CAP Ack of a message that was kept; its ``sent`` is theirs, so that a repeat gets the same bytes."""
    alert = etree.Element(f"{{{NAMESPACE}}}alert", nsmap={None: NAMESPACE})  # type: ignore[dict-item]  # as in cap.py
    name = hashlib.sha256(f"{message.sender},{message.identifier}".encode()).hexdigest()
    fields = {
        "identifier": f"{sender}-ack-{name[:16]}",
        "sender": sender,
        "sent": message.sent_text,
        "status": "System",
        "msgType": "Ack",
        "scope": "Private",
        "addresses": f'"{message.sender}"',
        "references": f"{message.sender},{message.identifier},{message.sent_text}",
    }
    for name, value in fields.items():
        etree.SubElement(alert, f"{{{NAMESPACE}}}{name}").text = clean(value)
    return bytes(etree.tostring(alert, xml_declaration=True, encoding="UTF-8"))
