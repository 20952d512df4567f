"""A log written while a group of Faust workers grows from two to three and shrinks to two again."""

import asyncio
from collections.abc import Sequence

import msgspec

from tests.streams.flink.rig import put
from tests.streams.trial import Trial, end
from topics.pulse import Pulse

#: One record of the log: partition, key, value.
Line = tuple[int, bytes | None, bytes | None]

#: The middle of the log goes out in so many pieces, one in so many seconds: a rebalance falls between them.
PIECES = 20
EVERY_S = 0.2


async def write_and_judge(trial: Trial, log: Sequence[Line]) -> set[str]:
    """Write the log while workers come and go, return once all is judged; the names of those that judged any of it."""
    third = len(log) // 3
    first, second = trial.worker(), trial.worker()
    workers = [first, second]
    try:
        for each in workers:
            await asyncio.to_thread(each.wait_ready)
        await put(trial, iter(log[:third]))
        late = trial.worker()
        workers.append(late)
        async with asyncio.TaskGroup() as group:
            group.create_task(_trickle(trial, log[third : 2 * third]))
            group.create_task(asyncio.to_thread(late.wait_ready))
        async with asyncio.TaskGroup() as group:
            group.create_task(_trickle(trial, log[2 * third :]))
            group.create_task(asyncio.to_thread(end, first))
        await trial.judged()
        for each in (second, late):
            await asyncio.to_thread(end, each)
    finally:
        for each in workers:
            each.stop()
    return await _judged_by(trial)


async def _trickle(trial: Trial, log: Sequence[Line]) -> None:
    size = len(log) // PIECES + 1
    for start in range(0, len(log), size):
        await put(trial, iter(log[start : start + size]))
        await asyncio.sleep(EVERY_S)  # a log that comes bit by bit, so that each worker is given some of it


async def _judged_by(trial: Trial) -> set[str]:
    """Workers that say in a pulse that they have judged readings of the trial."""
    pulses = [msgspec.json.decode(record.value, type=Pulse) for record in await trial.log("pulse")]
    return {each.worker for each in pulses if each.domain == trial.domain.name and each.readings > 0}
