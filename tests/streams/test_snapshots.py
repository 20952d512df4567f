"""Snapshots as bytes: what goes in comes out, parts fit together, and a torn or partial read is seen as such."""

from typing import Any

import numpy as np
import pytest

from streams.snapshots import (
    BLOCKS,
    PART_BYTES,
    SHARED_KEY,
    Gathering,
    Written,
    block_records,
    digest_of,
    pack,
    shared_record,
    unpack,
)


def state(seed: int, series: int = 3) -> dict[str, Any]:
    random = np.random.default_rng(seed)
    return {
        "series": [f"s{number}" for number in range(series)],
        "mean": random.normal(size=series),
        "table": random.normal(size=(24, series)),
        "seen": np.arange(series, dtype=np.int64),
        "flag": np.array([True] * series),
        "open": {"s1": {"id": "ab", "opened": 1_767_225_600_000, "value": None}},
    }


def write(gathering: Gathering, x: int, states: dict[int, Any], through: int | None = None) -> list[Written]:
    """One whole snapshot at offset ``x``, as the state partition writes it."""
    written = []
    for block in range(BLOCKS):
        body = pack(states.get(block, {}))
        for key, value in block_records(block, x, body):
            gathering.take(key, value)
        written.append(Written(x, x if through is None else through, digest_of(body), 10 * block))
    gathering.take(*shared_record(x, written, {"controls": [[5, "~model", "m@1"]]}))
    return written


def equal(one: Any, other: Any) -> bool:
    return pack(one) == pack(other)


def test_arrays_texts_and_numbers_come_back_bit_for_bit_and_writable() -> None:
    before = state(1) | {"odd": np.array([np.nan, -0.0, np.inf])}
    after = unpack(pack(before))
    assert equal(before, after)
    assert after["table"].shape == (24, 3) and after["table"].dtype == np.float64
    after["mean"][0] = 1.0  # must not raise: the kernel writes into what it loads


def test_equal_states_have_equal_digests_whatever_the_order_of_their_keys() -> None:
    forwards = state(1)
    backwards = dict(reversed(forwards.items()))
    assert digest_of(pack(forwards)) == digest_of(pack(backwards))
    assert digest_of(pack(forwards)) != digest_of(pack(state(2)))


def test_what_is_no_state_is_refused() -> None:
    with pytest.raises(TypeError, match="expected arrays"):
        pack({"object": object()})


def test_a_snapshot_comes_back_with_offset_and_blocks() -> None:
    gathering = Gathering()
    write(gathering, 700, {3: state(3)})
    restored = gathering.restored()
    assert restored is not None
    assert restored.start == 700 and restored.shared_at == 700
    assert equal(restored.shared, {"controls": [[5, "~model", "m@1"]]})
    assert equal(restored.blocks[3].state, state(3)) and restored.blocks[3].since == 700


def test_an_unchanged_block_is_right_up_to_where_the_shared_record_says() -> None:
    gathering = Gathering()
    written = write(gathering, 700, {3: state(3)})
    moved = [Written(each.x, 900, each.digest, each.place) for each in written]
    gathering.take(*shared_record(900, moved, {}))
    restored = gathering.restored()
    assert restored is not None and restored.start == 900 and restored.blocks[3].since == 900


def test_torn_blocks_start_at_the_oldest_and_keep_their_own_offsets() -> None:
    gathering = Gathering()
    written = write(gathering, 700, {3: state(3), 4: state(4)})
    for key, value in block_records(4, 950, pack(state(5))):
        gathering.take(key, value)
    written[4] = Written(950, 950, digest_of(pack(state(5))), 999)
    gathering.take(*shared_record(950, written, {}))
    restored = gathering.restored()
    assert restored is not None and restored.start == 700
    assert (restored.blocks[3].since, restored.blocks[4].since) == (700, 950)
    assert equal(restored.blocks[4].state, state(5))


def test_a_large_block_is_cut_into_parts_within_the_bound_and_put_together_again() -> None:
    big = state(1, series=5_000)
    records = block_records(7, 42, pack(big))
    assert len(records) > 1
    assert all(len(value) <= PART_BYTES + 100 for _, value in records)
    assert [key for key, _ in records][:2] == ["7", "7.1"]
    gathering = Gathering()
    write(gathering, 42, {7: big})
    restored = gathering.restored()
    assert restored is not None and equal(restored.blocks[7].state, big)


def test_left_over_parts_of_a_larger_snapshot_do_not_matter() -> None:
    gathering = Gathering()
    write(gathering, 42, {7: state(1, series=5_000)})
    write(gathering, 43, {7: state(2)})
    restored = gathering.restored()
    assert restored is not None and equal(restored.blocks[7].state, state(2))


@pytest.mark.parametrize("lost", ["7", "7.1", SHARED_KEY])
def test_a_missing_record_is_seen(lost: str) -> None:
    kept = Gathering()
    for key, value in _records({7: state(1, series=5_000)}):
        if key != lost:
            kept.take(key, value)
    assert kept.restored() is None


def test_a_part_of_another_snapshot_is_not_mistaken_for_its_own() -> None:
    gathering = Gathering()
    for key, value in _records({7: state(1, series=5_000)}):
        gathering.take(key, value)
    gathering.take(*block_records(7, 41, pack(state(2, series=5_000)))[1])
    assert gathering.restored() is None


def test_the_oldest_record_that_counts_says_where_reading_must_begin() -> None:
    gathering = Gathering()
    assert gathering.oldest is None
    write(gathering, 42, {})
    assert gathering.oldest == 0


def _records(states: dict[int, Any]) -> list[tuple[str, bytes]]:
    taken: list[tuple[str, bytes]] = []

    class Listening(Gathering):
        def take(self, key: str, value: bytes | None) -> None:
            taken.append((key, value or b""))

    write(Listening(), 42, states)
    return taken
