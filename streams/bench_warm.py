"""What the benchmark's worker starts from: the state and the models that two days of its workload leave behind.

Without them most of the default chain would be silent in the few minutes of event time that a backlog holds:
no forest, no table of hours, no calibrated spread; and the figure would be of a chain that nobody runs.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import islice

import numpy as np

from detectors.backtest import Step, backtest, model_ref, sampling_kernel
from detectors.base import Columns, FloatArray, SeriesSpec
from detectors.fitting import fit
from detectors.kernel import Kernel
from load_tests.workload import Workload
from records.registry import Device, Site, registry_of
from streams.clients import sure_producer
from streams.side_by_side import side_by_side
from streams.snapshots import BLOCKS, digest_of, pack
from streams.specs import SpecBook
from streams.state_partition import StatePartition
from topics.codec import encode
from topics.connection import KafkaConnection
from topics.domain import Domain
from topics.reading import Control

#: Rounds of a minute each: the hour-of-day table speaks after two days, and its cells have filled.
ROUNDS = 2 * 1440 + 120

#: Of the workload's values; the backlog has lot 0.
LOT = 1


@dataclass(frozen=True, slots=True)
class Warm:
    """``blocks`` are the 64 of each partition, packed; ``models`` is the bundle for the ``models`` topic."""

    domain: Domain
    blocks: list[list[bytes]]
    models: bytes


def warmed(workload: Workload, domain: Domain, records: Sequence[Site | Device], until_ms: int) -> Warm:
    """Run the kernels of all partitions over ``ROUNDS`` rounds up to ``until_ms``. Equal seeds, equal bytes."""
    with side_by_side() as pool:
        waiting = [
            pool.submit(warmed_partition, workload, domain, records, until_ms, partition)
            for partition in range(workload.partitions)
        ]
        done = [each.result() for each in waiting]
    # One partition's readings teach the models as well as all of them would.
    return Warm(domain, [blocks for blocks, _ in done], fit(domain.name, done[0][1], until_ms, workload.seed))


def warmed_partition(
    workload: Workload, domain: Domain, records: Sequence[Site | Device], until_ms: int, partition: int
) -> tuple[list[bytes], dict[str, FloatArray]]:
    """One partition's blocks and the feature rows it has sampled; to be called in a process of its own."""
    kernel, samples = sampling_kernel(domain, partition)
    book = SpecBook(registry_of(records), domain)
    for _ in backtest(kernel, _steps(workload, book, kernel, partition, until_ms - ROUNDS * workload.interval_ms)):
        pass
    return [pack(kernel.export(block)) for block in range(BLOCKS)], samples.rows()


def _steps(
    workload: Workload, book: SpecBook, kernel: Kernel, partition: int, start_ms: int
) -> Iterator[Columns | Step]:
    numbers = [number for number in range(workload.series) if workload.partition(number) == partition]
    specs = [book.look_up(workload.series_id(number), start_ms)[0] for number in numbers]
    slots = np.array([kernel.bind(spec) for spec in specs if isinstance(spec, SeriesSpec)], np.intp)
    chosen, there, offset = np.array(numbers, np.intp), np.ones(len(numbers), np.bool_), 0
    for time_ms, values in islice(workload.values(start_ms, LOT), ROUNDS):
        yield Step(Control("~tick", time_ms), offset)
        times = np.full(len(numbers), time_ms, np.int64)
        offsets = np.arange(offset + 1, offset + 1 + len(numbers))
        yield Columns(slots, times, values[chosen], there, ~there, offsets, times)
        offset += len(numbers) + 1


async def put_in_force(connection: KafkaConnection, warm: Warm, at_ms: int) -> None:
    """Publish the models, and begin every partition with the word to use them; the input must be empty."""
    producer = sure_producer(connection)
    await producer.start()
    try:
        await producer.send_and_wait("models", warm.models, key=warm.domain.name.encode())
        word = encode(Control("~model", at_ms, ref=model_ref(warm.domain.name, warm.models)))
        for partition in range(len(warm.blocks)):
            await producer.send_and_wait(warm.domain.topic, word, partition=partition)
    finally:
        await producer.stop()


async def start_from(connection: KafkaConnection, group: str, warm: Warm) -> None:
    """Write the first snapshots of the consumer group ``group``, as of offset 0."""

    async def safe() -> None:
        """Nothing came of the input before offset 0."""

    for partition, bodies in enumerate(warm.blocks):
        state = StatePartition(connection, group, f"state.{warm.domain.name}", partition)
        await state.open()
        try:
            changed = [(block, 0, body, digest_of(body)) for block, body in enumerate(bodies)]
            await state.write(changed, [0] * BLOCKS, (0, {"controls": []}), safe)
        finally:
            await state.close()
