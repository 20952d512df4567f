"""Heads of the ledger that somebody outside the database holds: published lines, or warnings that bear one.

A file may hold, line by line, heads as JSON (as on the topic ``ledger-heads``) or as ``sequence:hash``; or be a CAP
message. A folder is read file by file.
"""

from collections.abc import Iterator
from pathlib import Path

import msgspec
from lxml import etree

from alerts.ledger.chain import Head, read_head
from alerts.warnings.cap import NAMESPACE
from topics.errors import ConfigurationError
from topics.ledger_head import LedgerHead


class KnownHead(msgspec.Struct, frozen=True):
    """A head, and ``where`` it is held. ``store`` is empty where the holder does not say of which store it is."""

    head: Head
    where: str
    store: str = ""


def heads_in(path: Path) -> Iterator[KnownHead]:
    """All heads of a file or of the files of a folder.

    Raises ``ConfigurationError`` for a file that is not there, or that holds something else.
    """
    try:
        files = sorted(each for each in path.iterdir() if each.is_file()) if path.is_dir() else [path]
        for file in files:
            content = file.read_bytes()
            yield from _of_cap(content, file) if content.lstrip().startswith(b"<") else _of_lines(content, file)
    except OSError as error:
        raise ConfigurationError(f"heads: {path}: {error.strerror}") from error


def from_published(published: LedgerHead, where: str) -> KnownHead:
    """A head as the topic gives it."""
    return KnownHead(Head(published.sequence, published.hash), where, published.store)


def _of_lines(content: bytes, file: Path) -> Iterator[KnownHead]:
    for number, line in enumerate(content.decode("utf-8", "replace").splitlines(), 1):
        where = f"{file.name}:{number}"
        if not line.strip():
            continue
        try:
            if line.lstrip().startswith("{"):
                published = msgspec.json.decode(line, type=LedgerHead)
                yield from_published(published, where)
            else:
                yield KnownHead(read_head(line), where)
        except (ValueError, msgspec.MsgspecError) as error:
            raise ConfigurationError(f"heads: {where}: expected a ledger head, got: {error}") from error


def _of_cap(content: bytes, file: Path) -> Iterator[KnownHead]:
    """A message says its head once for each language. Its identifier holds the name of the store."""
    parser = etree.XMLParser(resolve_entities=False, no_network=True, load_dtd=False)
    try:
        alert = etree.fromstring(content, parser)
    except etree.XMLSyntaxError as error:
        raise ConfigurationError(f"heads: {file}: expected a CAP message, got: {error}") from error
    names = {"c": NAMESPACE}
    identifier = alert.findtext("c:identifier", "", names)
    sender = alert.findtext("c:sender", "", names)
    store = identifier.removeprefix(f"{sender}-").partition("-")[0] if identifier.startswith(f"{sender}-") else ""
    for parameter in alert.iterfind("c:info/c:parameter", names):
        if parameter.findtext("c:valueName", "", names) == "ledger head":
            try:
                yield KnownHead(read_head(parameter.findtext("c:value", "", names)), f"{file.name} {identifier}", store)
            except ValueError as error:
                raise ConfigurationError(f"heads: {file}: {error}") from error
            return
