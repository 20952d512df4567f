"""What devices must show and share with us: password, addresses they may come from, key of their data areas.

A file of its own, not the registry: that is a topic which every part reads and the console shows, and these
are secrets. They are never logged, and ``repr`` hides them.
"""

import ipaddress
import tomllib
from collections.abc import Mapping
from pathlib import Path
from typing import Any, Literal, TypeAlias

import msgspec

from streams.sources.hj212.sm4 import KEY_BYTES
from topics.errors import ConfigurationError
from topics.finding import Text

_Network: TypeAlias = ipaddress.IPv4Network | ipaddress.IPv6Network


class DeviceKey(msgspec.Struct, frozen=True):
    """One device's secrets; empty = not asked for."""

    password: str = ""
    peers: tuple[_Network, ...] = ()
    sm4_key: bytes = b""

    def __repr__(self) -> str:
        return "DeviceKey(…)"


class DeviceKeys:
    """By MN. ``unlisted`` says what becomes of a device that is not in it: ``take`` (as it comes) or ``refuse``."""

    def __init__(
        self, keys: Mapping[str, DeviceKey] | None = None, unlisted: Literal["take", "refuse"] = "take"
    ) -> None:
        self._keys = dict(keys or {})
        self.unlisted = unlisted
        self.asks_nothing = not self._keys and unlisted == "take"

    def __repr__(self) -> str:
        return f"DeviceKeys({len(self._keys)} devices)"

    def of(self, mn: str) -> DeviceKey | None:
        """The key of a device by its MN, ``None`` where the file has none."""
        return self._keys.get(mn)

    def fault(self, mn: str, password: str, host: str) -> Text | None:
        """What is wrong with who speaks for this MN, ``None`` where nothing is. Says nothing of what was expected."""
        key = self._keys.get(mn)
        if key is None:
            if self.unlisted == "take":
                return None
            return Text("设备不在密钥文件中", "the device is not in the file of device keys")
        if key.password and password != key.password:
            return Text("设备口令（PW）不符", "the password (PW) is not the device's")
        if key.peers and not _within(host, key.peers):
            return Text(f"来源地址 {host} 不是该设备登记的地址", f"{host} is no address of this device")
        return None


def _within(host: str, networks: tuple[_Network, ...]) -> bool:
    try:
        address = ipaddress.ip_address(host.partition("%")[0])
    except ValueError:
        return False
    return any(address in network for network in networks)


def load_device_keys(path: Path) -> DeviceKeys:
    """Read the file. Raises ``ConfigurationError`` naming file and key, never a secret.

    ``unlisted = "refuse"`` at the top; for each device a table ``[devices."<MN>"]`` with any of ``password``,
    ``peers`` (addresses or networks), ``sm4_key`` (32 hex digits or 16 characters).
    """
    try:
        raw = tomllib.loads(path.read_text(encoding="utf-8"))
    except OSError as error:
        raise ConfigurationError(f"{path}: expected a file of device keys, got: {error.strerror}") from error
    except (tomllib.TOMLDecodeError, UnicodeDecodeError):
        raise ConfigurationError(f"{path}: expected TOML in UTF-8") from None
    unlisted, devices = raw.get("unlisted", "take"), raw.get("devices", {})
    if unlisted not in ("take", "refuse"):
        raise ConfigurationError(f"{path}: unlisted: expected take or refuse, got {unlisted!r}")
    if unknown := set(raw) - {"unlisted", "devices"}:
        raise ConfigurationError(f"{path}: expected unlisted and devices, got {sorted(unknown)}")
    if not isinstance(devices, dict) or not all(isinstance(each, dict) for each in devices.values()):
        raise ConfigurationError(f'{path}: devices: expected a table for each MN, [devices."<MN>"]')
    return DeviceKeys({mn: _key(each, f"{path}: devices.{mn}") for mn, each in devices.items()}, unlisted)


def _key(table: dict[str, Any], where: str) -> DeviceKey:
    if unknown := set(table) - {"password", "peers", "sm4_key"}:
        raise ConfigurationError(f"{where}: expected password, peers and sm4_key, got {sorted(unknown)}")
    password, peers, secret = table.get("password", ""), table.get("peers", []), table.get("sm4_key", "")
    if not isinstance(password, str) or not isinstance(secret, str) or not isinstance(peers, list):
        raise ConfigurationError(f"{where}: expected password and sm4_key as text, peers as a list")
    try:
        networks = tuple(ipaddress.ip_network(str(peer), strict=False) for peer in peers)
    except ValueError as error:
        raise ConfigurationError(f"{where}: peers: {error}") from error
    return DeviceKey(password, networks, _sm4_key(secret, where))


def _sm4_key(secret: str, where: str) -> bytes:
    if not secret:
        return b""
    if len(secret) == 2 * KEY_BYTES:
        try:
            return bytes.fromhex(secret)
        except ValueError:
            pass
    key = secret.encode()
    if len(key) != KEY_BYTES:
        raise ConfigurationError(f"{where}: sm4_key: expected 32 hex digits or {KEY_BYTES} characters")
    return key
