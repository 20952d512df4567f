"""Priming: the kernel run over days of healthy readings at full speed, so that a city starts with models.

Its days are generated; `streams/fitting_days.py` runs over both these and those that have been kept. What the kernel
learnt becomes each partition's first snapshot, and the models fitted from it go to the `models` topic and are put in
force by the first record of every partition.
"""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from detectors.backtest import model_ref, sampling_kernel
from detectors.base import Columns
from detectors.fitting import fit
from detectors.groups.fitting import fit_groups
from detectors.kernel import Kernel
from records.registry import registry_of
from streams.artefacts import IN_FORCE
from streams.clients import sure_producer
from streams.fitting_days import DAY_MS, TICK_MS, run_days
from streams.side_by_side import side_by_side
from streams.snapshots import BLOCKS, digest_of, pack
from streams.sources.simulator.city import City
from streams.sources.simulator.day import Day
from streams.sources.simulator.script import Script
from streams.specs import SpecBook
from streams.state_partition import StatePartition
from topics.codec import encode, partition_of
from topics.connection import KafkaConnection
from topics.domain import Domain
from topics.reading import Control

#: Newest vectors of a place that teach its groups, two days of minutes: they are followed one by one, and a city that
#: is primed must not wait for a week of them.
GROUP_VECTORS = 2_880


@dataclass(frozen=True, slots=True)
class Primed:
    """What one domain has learnt: the bundle of models, and the blocks of each partition as packed states."""

    domain: str
    models: bytes
    blocks: dict[int, dict[int, bytes]]
    readings: int

    @property
    def ref(self) -> str:
        """How controls name the bundle."""
        return model_ref(self.domain, self.models)


def prime_all(
    domains: Sequence[Domain], city: City, until_ms: int, days: int, say: Callable[[str], None]
) -> list[Primed]:
    """Prime every domain of a model city with ``days`` generated days before ``until_ms``, on two cores."""
    with side_by_side() as pool:
        waiting = [pool.submit(prime_domain, domain, city, until_ms, days) for domain in domains]
        primed = []
        for each in waiting:
            primed.append(each.result())
            say(f"primed {primed[-1].domain} with {primed[-1].readings:,} readings")
        return primed


def prime_domain(domain: Domain, city: City, until_ms: int, days: int) -> Primed:
    """Prime one domain of a model city; to be called in a process of its own."""
    return prime(domain, city, until_ms - days * DAY_MS, until_ms)


def prime(domain: Domain, city: City, start_ms: int, end_ms: int) -> Primed:
    """Run the kernel over the city's healthy readings of this domain. Deterministic."""
    kernel, samples = sampling_kernel(domain)
    samples.groups.most = GROUP_VECTORS
    book = SpecBook(registry_of(city.registry_records()), domain)
    names, times, values = Day(city, Script("healthy", domain.title, ())).history(start_ms, end_ms)
    mine = [place for place, series in enumerate(city.series) if series.domain == domain.name]
    slots = []
    for place in mine:
        spec, rest = book.look_up(names[place], end_ms)
        if isinstance(spec, str):
            raise ValueError(f"priming {names[place]}: {spec}: {rest}")
        slots.append(kernel.bind(spec))
    count = run_days(kernel, _batches(np.array(slots, np.intp), times[mine], values[mine]))
    groups = fit_groups(domain, samples.groups.gathered(), end_ms)
    models = fit(domain.name, samples.rows(), end_ms, asked=kernel.force.asked_outliers, groups=groups)
    return Primed(domain.name, models, _blocks(kernel, domain), count)


def _batches(slots: Any, times: Any, values: Any) -> Iterator[Columns]:
    """Columns of one tick's length each; ``times`` and ``values`` are (series, n)."""
    width = TICK_MS // 60_000
    offset = 0
    for first in range(0, times.shape[1], width):
        part = slice(first, first + width)
        t, x = times[:, part].T.ravel(), values[:, part].T.ravel()
        m = len(t)
        row_slots = np.tile(slots, len(t) // len(slots))
        there = np.ones(m, np.bool_)
        yield Columns(row_slots, t, x, there, ~there, np.arange(offset, offset + m), np.zeros(m, np.int64))
        offset += m


def _blocks(kernel: Kernel, domain: Domain) -> dict[int, dict[int, bytes]]:
    """One kernel has judged all partitions' sites: each partition gets the series of its own sites."""
    found: dict[int, dict[int, bytes]] = {partition: {} for partition in range(domain.partitions)}
    for block in range(BLOCKS):
        # Nobody was told of what was odd while priming: it must not go on in the live day.
        # The models of groups come in force with the first record: their vectors begin anew.
        state = kernel.export(block) | {"episodes": [], "lost": [], "groups": {}}
        homes = [partition_of(spec["site"], domain.partitions) for spec in state["specs"]]
        for partition, blocks in found.items():
            chosen = [place for place, home in enumerate(homes) if home == partition]
            blocks[block] = pack(_part(state, len(homes), chosen))
    return found


def _part(state: Any, count: int, chosen: list[int]) -> Any:
    """The chosen series of a block's state: of every list and every last axis of that length."""
    if isinstance(state, dict):
        return {name: _quiet(name, _part(value, count, chosen)) for name, value in state.items()}
    if isinstance(state, np.ndarray) and state.shape[-1] == count:
        return state[..., chosen]
    if isinstance(state, list) and len(state) == count:
        return [state[place] for place in chosen]
    return state


def _quiet(name: str, value: Any) -> Any:
    """No series has an open episode."""
    return np.zeros_like(value) if name in ("rank", "calm") else value


async def put_in_force(
    connection: KafkaConnection, group: str, domains: Sequence[Domain], primed: Sequence[Primed], at_ms: int
) -> None:
    """Write the first snapshots, publish the models, and begin every partition with the word to use them."""
    by_name = {domain.name: domain for domain in domains}
    producer = sure_producer(connection)
    await producer.start()
    try:
        for each in primed:
            domain = by_name[each.domain]
            word = encode(Control("~model", at_ms, ref=each.ref))
            await producer.send_and_wait("models", each.models, key=each.domain.encode())
            for partition, blocks in each.blocks.items():
                await _first_snapshot(StatePartition(connection, group, f"state.{domain.name}", partition), blocks)
                await producer.send_and_wait(domain.topic, word, partition=partition)
            await producer.send_and_wait("models", word, key=f"{domain.name}{IN_FORCE}".encode())
    finally:
        await producer.stop()


async def _first_snapshot(state: StatePartition, blocks: dict[int, bytes]) -> None:
    async def safe() -> None:
        """Nothing came of the input before offset 0."""

    empty = pack({})
    changed = [(block, 0, blocks.get(block, empty), digest_of(blocks.get(block, empty))) for block in range(BLOCKS)]
    await state.open()
    try:
        await state.write(changed, [0] * BLOCKS, (0, {"controls": []}), safe)
    finally:
        await state.close()
