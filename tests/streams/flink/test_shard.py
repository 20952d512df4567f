"""What is kept of a partition says its version, and no other version is taken for it."""

import msgspec
import pytest

from streams.flink.shard import SCHEMA, Meta, StateUnreadable, read_meta

KEPT = Meta(17, (3, 17, -1), b"shared")


def test_what_was_kept_is_read_back_and_so_is_what_a_later_version_of_it_adds() -> None:
    assert read_meta(msgspec.msgpack.encode(KEPT)) == KEPT
    longer = [*msgspec.msgpack.decode(msgspec.msgpack.encode(KEPT)), "a new field, which changes nothing before it"]
    assert read_meta(msgspec.msgpack.encode(longer)) == KEPT


@pytest.mark.parametrize("version", [SCHEMA + 1, 0, "1"])
def test_state_of_another_version_is_refused_with_what_to_do(version: object) -> None:
    other = msgspec.msgpack.encode([{"all": "different"}, 17, b"", version])
    with pytest.raises(
        StateUnreadable, match=f"version 1 to {SCHEMA}, got version {version}: .* savepoint of this one"
    ):
        read_meta(other)


@pytest.mark.parametrize("body", [b"", b"\xc1", msgspec.msgpack.encode([1, 2]), msgspec.msgpack.encode({"a": 1})])
def test_what_is_no_state_at_all_is_refused_alike(body: bytes) -> None:
    with pytest.raises(StateUnreadable, match="got version None"):
        read_meta(body)
