"""The form in which a domain pack travels on the topic ``config``, and its way there and back.

A pack is known by the hash of its content: logs name it by that, so a replay finds the very rules they were judged by.
"""

import hashlib
from typing import Annotated, Any

import msgspec

from topics.domain import Domain
from topics.reading import SCHEMA_VERSION, TimeMs


class PublishedPack(msgspec.Struct, frozen=True, omit_defaults=True):
    """A pack as it travels on ``config``: its content, that content's hash and when it takes effect.

    ``domain`` is the pack as JSON, not yet a ``Domain``: a worker older than the pack reads it too.
    """

    name: str
    hash: Annotated[str, msgspec.Meta(pattern="^[0-9a-f]{64}$", description="SHA-256 of the content")]
    effective: TimeMs
    domain: dict[str, Any]
    schema: Annotated[int, msgspec.Meta(ge=1)] = SCHEMA_VERSION

    @property
    def ref(self) -> str:
        """What a ``~config`` control message calls it."""
        return f"domain/{self.name}@{self.hash}"


def content_hash(domain: Domain | dict[str, Any]) -> str:
    """SHA-256 (hex) of a pack's content: independent of the order of keys, comments and layout of its file, of what
    its file says though it is the default, and of the process that a ``Domain`` was handed to."""
    content = _said(domain) if isinstance(domain, Domain) else domain
    return hashlib.sha256(msgspec.json.encode(content, order="sorted")).hexdigest()


def publish_form(domain: Domain, effective_ms: int) -> PublishedPack:
    """The pack as a message that takes effect at ``effective_ms`` of city time."""
    content = msgspec.json.decode(msgspec.json.encode(_said(domain)))  # as a reader will find it
    return PublishedPack(domain.name, content_hash(content), effective_ms, content)


def from_published(pack: PublishedPack) -> Domain:
    """The domain of a message; keys that this version does not know are left out (D14).

    Raises ``ValueError`` if the content does not match its hash or does not fit.
    """
    found = content_hash(pack.domain)
    if found != pack.hash:
        raise ValueError(f"config domain/{pack.name}: hash: expected {pack.hash}, got {found}")
    return msgspec.convert(_known(pack.domain, Domain), Domain)


def _said(value: Any) -> Any:
    """``value`` with each struct as a dict of what differs from its default.

    ``omit_defaults`` does not do it: it leaves out what *is* the default object, and in another process none is.
    """
    if isinstance(value, msgspec.Struct):
        fields = msgspec.structs.fields(value)
        return {
            field.encode_name: _said(each) for field in fields if (each := getattr(value, field.name)) != _usual(field)
        }
    if isinstance(value, dict):
        return {key: _said(each) for key, each in value.items()}
    return [_said(each) for each in value] if isinstance(value, (list, tuple)) else value


def _usual(field: msgspec.structs.FieldInfo) -> Any:
    """The default of a field; a thing that equals nothing where it has none."""
    return field.default if field.default_factory is msgspec.NODEFAULT else field.default_factory()


def _known(value: Any, kind: Any) -> Any:
    """``value`` without the keys that the structs of ``kind`` do not have."""
    if isinstance(value, (list, tuple)):
        item = getattr(kind, "__args__", (Any,))[0]
        return [_known(each, item) for each in value]
    if not isinstance(value, dict):
        return value
    if isinstance(kind, type) and issubclass(kind, msgspec.Struct):
        types = {field.encode_name: field.type for field in msgspec.structs.fields(kind)}
        return {key: _known(each, types[key]) for key, each in value.items() if key in types}
    item = getattr(kind, "__args__", (Any, Any))[-1]
    return {key: _known(each, item) for key, each in value.items()}
