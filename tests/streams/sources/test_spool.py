"""The spool: order, bound, torn ends, and a process killed at any byte."""

import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from streams.sources.base import Record
from streams.sources.spool import Spool
from streams.sources.spool_segments import find_segments, framed, segment_path
from topics.errors import NotKept, PartMissing

ROOM = 1_000_000


def record(number: int, size: int = 20) -> Record:
    return Record("readings.pollution", f"site-{number % 3}", b"%06d" % number + b"x" * size, (("h", b"v"),))


def opened(folder: Path, room: int = ROOM, segment_bytes: int = ROOM) -> Spool:
    spool = Spool(folder, room, segment_bytes=segment_bytes)
    spool.open()
    return spool


async def drained(spool: Spool, most: int = 7) -> list[Record]:
    """All there is, as a drainer takes it."""
    found: list[Record] = []
    await spool.settle()
    while records := await spool.peek(most):
        found += records
        await spool.drop()
    return found


async def filled(folder: Path, count: int, **options: int) -> None:
    spool = opened(folder, **options)
    for number in range(count):
        await spool.append(record(number))
    await spool.close()


async def test_records_come_out_as_they_went_in(tmp_path: Path) -> None:
    spool = opened(tmp_path)
    for number in range(20):
        await spool.append(record(number))
    assert await drained(spool) == [record(number) for number in range(20)]
    assert spool.bytes == 0 and await spool.peek(1) == []
    await spool.close()


async def test_records_appended_at_once_share_their_fsync_and_keep_their_order(tmp_path: Path) -> None:
    spool = opened(tmp_path, segment_bytes=500)
    futures = [spool.append(record(number)) for number in range(100)]
    assert not any(future.done() for future in futures)
    await spool.settle()
    assert all(future.done() and future.exception() is None for future in futures)
    assert await drained(spool) == [record(number) for number in range(100)]
    await spool.close()


async def test_a_kept_record_is_on_the_disk(tmp_path: Path) -> None:
    spool = opened(tmp_path)
    await spool.append(record(1))
    assert segment_path(tmp_path, 1).read_bytes() == framed(record(1))
    await spool.close()


async def test_a_later_process_finds_what_is_left_and_no_more(tmp_path: Path) -> None:
    spool = opened(tmp_path, segment_bytes=200)
    for number in range(10):
        await spool.append(record(number))
    assert len(await spool.peek(2)) == 2  # taken, never said to be dropped
    first = await spool.peek(2)
    await spool.drop()
    await spool.close()
    again = opened(tmp_path, segment_bytes=200)
    assert first + await drained(again) == [record(number) for number in range(10)]
    await again.append(record(10))
    assert await drained(again) == [record(10)]
    await again.close()


async def test_full_is_not_kept_and_draining_makes_room(tmp_path: Path) -> None:
    size = len(framed(record(0)))
    spool = opened(tmp_path, room=3 * size + 1)
    for number in range(3):
        await spool.append(record(number))
    with pytest.raises(NotKept, match=rf"full, {3 * size} of {3 * size + 1} bytes"):
        await spool.append(record(3))
    assert len(await drained(spool)) == 3
    await spool.append(record(4))
    assert await drained(spool) == [record(4)]
    await spool.close()


async def test_what_waits_for_the_disk_counts_against_the_bound(tmp_path: Path) -> None:
    size = len(framed(record(0)))
    spool = opened(tmp_path, room=2 * size)
    kept = [spool.append(record(number)) for number in range(3)]
    await spool.settle()
    assert [future.exception() is None for future in kept] == [True, True, False]
    await spool.close()


async def test_a_drained_spool_leaves_no_segment(tmp_path: Path) -> None:
    await filled(tmp_path, 50, segment_bytes=300)
    assert len(find_segments(tmp_path)) > 5
    spool = opened(tmp_path)
    await drained(spool)
    await spool.close()
    assert find_segments(tmp_path) == {}


async def test_a_torn_tail_is_ignored_at_every_byte(tmp_path: Path) -> None:
    whole = framed(record(0)) + framed(record(1))
    for length in range(len(whole) + 1):
        folder = tmp_path / str(length)
        folder.mkdir()
        segment_path(folder, 1).write_bytes(whole[:length])
        spool = opened(folder)
        await spool.append(record(2))
        expected = [record(number) for number in range(length // len(framed(record(0))))] + [record(2)]
        assert await drained(spool) == expected
        assert spool.bytes == 0
        await spool.close()


async def test_a_spoilt_record_does_not_stop_the_spool(tmp_path: Path) -> None:
    await filled(tmp_path, 3)
    path = segment_path(tmp_path, 1)
    blob = bytearray(path.read_bytes())
    blob[len(framed(record(0))) + 12] ^= 1
    path.write_bytes(blob)
    spool = opened(tmp_path)
    await spool.append(record(3))
    assert await drained(spool) == [record(0), record(3)]
    assert spool.torn_bytes == 2 * len(framed(record(0)))
    await spool.close()


async def test_an_unreadable_mark_of_how_far_it_was_drained_drains_again(tmp_path: Path) -> None:
    await filled(tmp_path, 3)
    (tmp_path / "drained").write_bytes(b"")
    spool = opened(tmp_path)
    assert len(await drained(spool)) == 3
    await spool.close()


async def test_a_disk_that_fails_keeps_nothing_and_the_spool_goes_on(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    spool = opened(tmp_path)
    await spool.append(record(0))

    def full(_: int) -> None:
        raise OSError(28, "No space left on device")

    with monkeypatch.context() as broken:
        broken.setattr(os, "fsync", full)
        with pytest.raises(NotKept, match="No space left on device"):
            await spool.append(record(1))
    await spool.append(record(2))
    assert await drained(spool) == [record(0), record(2)]
    await spool.close()


async def test_one_process_per_folder(tmp_path: Path) -> None:
    spool = opened(tmp_path)
    with pytest.raises(PartMissing, match=r"^spool: expected a folder to write in"):
        opened(tmp_path)
    await spool.close()
    await opened(tmp_path).close()


WRITER = """
import asyncio, sys
from pathlib import Path
from streams.sources.spool import Spool
from streams.sources.base import Record

async def main():
    spool = Spool(Path(sys.argv[1]), 10**9, segment_bytes=20_000)
    spool.open()
    number = 0
    while True:
        batch = [spool.append(Record("t", "k", b"%09d" % (number + place) + b"x" * 200)) for place in range(7)]
        await asyncio.gather(*batch)
        number += 7
        print(number, flush=True)

asyncio.run(main())
"""


def killed_writer(folder: Path, kill_after: int) -> int:
    """Run a process that writes to the spool, kill it with SIGKILL, and return how many it said were kept."""
    process = subprocess.Popen([sys.executable, "-c", WRITER, str(folder)], stdout=subprocess.PIPE, text=True)
    assert process.stdout is not None
    said = 0
    for _ in range(kill_after):
        said = int(process.stdout.readline())
    process.send_signal(signal.SIGKILL)
    whole_lines = process.stdout.read().split("\n")[:-1]
    process.stdout.close()
    process.wait()
    return max([said, *map(int, whole_lines)])


@pytest.mark.parametrize("kill_after", [1, 40, 200])
async def test_kill_9_loses_nothing_that_was_said_to_be_kept(tmp_path: Path, kill_after: int) -> None:
    said = killed_writer(tmp_path, kill_after)
    spool = opened(tmp_path)
    found = [int(each.value[:9]) for each in await drained(spool, 500)]
    await spool.close()
    assert found[:said] == list(range(said))
    assert found == list(range(len(found)))  # what was written and not yet said comes too, in order
