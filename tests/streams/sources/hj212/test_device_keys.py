"""The file of device keys: what it takes, what it says when it is wrong, and that it keeps its secrets."""

from pathlib import Path

import pytest

from streams.sources.hj212.device_keys import DeviceKeys, load_device_keys
from topics.errors import ConfigurationError

FILE = """
unlisted = "refuse"
[devices."OUTLET1"]
password = "geheim"
peers = ["10.1.0.0/16", "192.0.2.7", "2001:db8::/32"]
sm4_key = "30303030303030303030303030303030"
[devices."OPEN1"]
"""


def loaded(tmp_path: Path, text: str) -> DeviceKeys:
    path = tmp_path / "devices.toml"
    path.write_text(text, encoding="utf-8")
    return load_device_keys(path)


def test_who_may_speak(tmp_path: Path) -> None:
    keys = loaded(tmp_path, FILE)
    key = keys.of("OUTLET1")
    assert key is not None and key.sm4_key == b"0" * 16
    for host in ("10.1.2.3", "192.0.2.7", "2001:db8::1"):
        assert keys.fault("OUTLET1", "geheim", host) is None
    assert keys.fault("OPEN1", "anything", "203.0.113.1") is None
    for mn, password, host, words in (
        ("OUTLET1", "123456", "10.1.2.3", "password"),
        ("OUTLET1", "geheim", "203.0.113.1", "203.0.113.1 is no address"),
        ("NOBODY", "geheim", "10.1.2.3", "not in the file"),
    ):
        fault = keys.fault(mn, password, host)
        assert fault is not None and words in fault.en and fault.zh and "geheim" not in f"{fault}"


def test_without_a_file_everybody_may(tmp_path: Path) -> None:
    assert DeviceKeys().fault("ANY", "", "unknown") is None


def test_secrets_are_not_shown(tmp_path: Path) -> None:
    keys = loaded(tmp_path, FILE)
    assert "geheim" not in f"{keys!r} {keys.of('OUTLET1')!r} {keys.of('OUTLET1')}"


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("unlisted = 'perhaps'", "unlisted: expected take or refuse"),
        ("devices = 3", "expected a table for each MN"),
        ("wrong = 1", "expected unlisted and devices"),
        ("[devices.A]\npasword = 'x'", "devices.A: expected password, peers and sm4_key"),
        ("[devices.A]\npeers = ['10.0.0.300']", "devices.A: peers"),
        ("[devices.A]\nsm4_key = 'geheim'", "devices.A: sm4_key: expected 32 hex digits or 16 characters"),
        ("[devices.A", "expected TOML"),
    ],
)
def test_a_wrong_file_is_one_sentence_without_a_secret(tmp_path: Path, text: str, words: str) -> None:
    with pytest.raises(ConfigurationError) as told:
        loaded(tmp_path, text)
    assert words in str(told.value) and "geheim" not in str(told.value)
