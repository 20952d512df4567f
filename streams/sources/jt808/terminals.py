"""What terminals must show, and which vehicle each one is in.

A terminal is in the vehicle whose device in the registry bears its phone number as id or alias; the vehicle's name is
the device's id. Codes and addresses stand in a file of their own, as they are secrets: never logged, nor in ``repr``.
"""

import hmac
import ipaddress
import tomllib
from collections.abc import Mapping
from pathlib import Path
from typing import Literal, TypeAlias

import msgspec

from topics.errors import ConfigurationError

_Network: TypeAlias = ipaddress.IPv4Network | ipaddress.IPv6Network


class TerminalKey(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """``auth`` is the code with which it shows itself, handed out at registration where ``registers``; ``peers`` are
    addresses or networks it may come from, empty = any.
    """

    auth: str
    registers: bool = True
    peers: tuple[str, ...] = ()

    def __repr__(self) -> str:
        return "TerminalKey(…)"

    @property
    def networks(self) -> tuple[_Network, ...]:
        return tuple(ipaddress.ip_network(each, strict=False) for each in self.peers)


class _File(msgspec.Struct, forbid_unknown_fields=True):
    unlisted: Literal["take", "refuse"] = "take"
    terminals: dict[str, TerminalKey] = {}


class Terminals:
    """By phone number without leading zeros. ``unlisted``: what becomes of one that is not in it."""

    def __init__(
        self, keys: Mapping[str, TerminalKey] | None = None, unlisted: Literal["take", "refuse"] = "take"
    ) -> None:
        self._keys = {phone.lstrip("0"): key for phone, key in (keys or {}).items()}
        self.unlisted = unlisted

    def __repr__(self) -> str:
        return f"Terminals({len(self._keys)})"

    def code(self, phone: str) -> str | None:
        """The code to hand out at registration; ``None`` where none is. Who is asked for none gets its own number."""
        key = self._keys.get(phone)
        if key is None:
            return phone if self.unlisted == "take" else None
        return key.auth if key.registers else None

    def must_show(self, phone: str) -> bool:
        """Whether it must have shown its code on this connection before it is believed."""
        return phone in self._keys or self.unlisted == "refuse"

    def shown(self, phone: str, code: str) -> bool:
        """Whether this is its code."""
        key = self._keys.get(phone)
        if key is None:
            return self.unlisted == "take"
        return hmac.compare_digest(key.auth.encode(), code.encode())

    def comes_from(self, phone: str, host: str) -> bool:
        """Whether it may come from this address."""
        key = self._keys.get(phone)
        if key is None or not key.peers:
            return True
        try:
            address = ipaddress.ip_address(host.partition("%")[0])
        except ValueError:
            return False
        return any(address in network for network in key.networks)


def load_terminals(path: Path) -> Terminals:
    """Read the file: ``unlisted`` at the top, a table ``[terminals."<phone>"]`` for each. Raises ``ConfigurationError``
    naming file and key, never a secret.
    """
    try:
        read = msgspec.convert(tomllib.loads(path.read_text(encoding="utf-8")), _File)
    except OSError as error:
        raise ConfigurationError(f"{path}: expected a file of terminals, got: {error.strerror}") from error
    except (tomllib.TOMLDecodeError, UnicodeDecodeError):
        raise ConfigurationError(f"{path}: expected TOML in UTF-8") from None
    except msgspec.ValidationError as error:
        raise ConfigurationError(f"{path}: {error}") from error
    for phone, key in read.terminals.items():
        if not phone.isdecimal() or len(phone) > 20:
            raise ConfigurationError(f"{path}: terminals: expected phone numbers of up to 20 digits, got {phone!r}")
        if not key.auth:
            raise ConfigurationError(f"{path}: terminals.{phone}.auth: expected a code, got an empty one")
        try:
            _ = key.networks
        except ValueError as error:
            raise ConfigurationError(f"{path}: terminals.{phone}.peers: {error}") from error
    return Terminals(read.terminals, read.unlisted)
