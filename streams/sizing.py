"""How large a city's installation must be: a pure model over figures that `citybrain bench capacity` measures.

What a worker costs is told by three numbers: what it takes when it has nothing to do, the processor time of a reading,
and that of a point in a second whether it sends or not (ticks, silence, snapshots). A city of many slow points is
dominated by the last.
"""

import math

import msgspec

from streams.snapshots import BLOCKS, PART_BYTES

GIGA, MEGA = 1e9, 1e6
DAY_S = 86_400

#: A topic has at least so many partitions, so that a city can grow to as many workers without moving its series.
LEAST_PARTITIONS = 4


class Figures(msgspec.Struct, frozen=True, kw_only=True):
    """What was measured; the defaults are of a shared machine of two cores, and where from (docs/sizing.md).

    Microseconds of processor time: ``reading_us`` a reading in a worker, ``point_us`` a point and second,
    ``broker_us`` a reading in the broker. Bytes: ``log_bytes`` a reading on the log, ``state_bytes`` a point's memory
    in a snapshot, ``point_bytes`` a point in a worker's memory, ``history_bytes`` a reading in Parquet. A worker that
    has hardly any point keeps ``base_cores`` of a core busy and has ``base_mb`` once it has worked off a backlog.
    """

    base_cores: float = 0.1
    reading_us: float = 4.9
    point_us: float = 5.0
    broker_us: float = 1.4
    log_bytes: float = 270.0
    state_bytes: float = 1_400.0
    point_bytes: float = 5_000.0
    history_bytes: float = 13.0
    base_mb: float = 600.0


class City(msgspec.Struct, frozen=True, kw_only=True):
    """``points`` report every ``interval_s`` seconds. The log is kept ``retention_days``, on ``replication`` brokers,
    the history ``history_days``. ``headroom`` is how many times the mean load all of it must bear. ``largest_site`` is
    the share of the traffic that the site with most points has.
    """

    points: int
    interval_s: float
    retention_days: float = 7.0
    history_days: float = 30.0
    replication: int = 3
    headroom: float = 2.0
    largest_site: float = 0.0


class Sizing(msgspec.Struct, frozen=True, kw_only=True):
    """What the city needs. ``worker_load_cores`` is the mean load; ``workers`` and ``broker_cores`` have the headroom.

    ``worker_memory_mb`` is one worker's with its share of those of one that has failed. ``hot_partition_per_s`` is the
    rate of the partition with the largest site, ``one_partition_per_s`` what one core can judge of it.
    ``catch_up_h`` is how long an outage of an hour takes to be worked off.
    """

    readings_per_s: float
    partitions: int
    workers: int
    worker_load_cores: float
    worker_memory_mb: int
    broker_cores: float
    log_gb: float
    history_gb: float
    state_gb: float
    network_mb_per_s: float
    hot_partition_per_s: float
    one_partition_per_s: float
    catch_up_h: float
    notes: list[str]


def size(city: City, figures: Figures | None = None) -> Sizing:
    """The installation for a city by these figures."""
    given = figures or Figures()
    rate = city.points / city.interval_s
    judging = judging_load(city.points, rate, given)
    partitions = _partitions(city, judging, given)
    workers = min(partitions, max(1, math.ceil(judging * city.headroom / (1 - given.base_cores))))
    load = judging + workers * given.base_cores
    # One of several may be away: the others have its points too.
    share = city.points / max(1, workers - 1)
    one_partition = 1e6 / given.reading_us
    hot = rate * (city.largest_site + (1 - city.largest_site) / partitions)
    spare = workers - load
    return Sizing(
        readings_per_s=round(rate, 1),
        partitions=partitions,
        workers=workers,
        worker_load_cores=round(load, 3),
        worker_memory_mb=math.ceil(given.base_mb + share * given.point_bytes / MEGA),
        broker_cores=round(rate * given.broker_us * city.replication * city.headroom / 1e6, 2),
        log_gb=round(rate * DAY_S * city.retention_days * given.log_bytes * city.replication / GIGA, 1),
        history_gb=round(rate * DAY_S * city.history_days * given.history_bytes / GIGA, 1),
        # Compaction keeps an old copy of each block beside the new one for a while.
        state_gb=round(2 * city.points * given.state_bytes * city.replication / GIGA, 2),
        # In from the sources, to the other replicas, and out to workers and history.
        network_mb_per_s=round(rate * given.log_bytes * (city.replication + 2) / MEGA, 2),
        hot_partition_per_s=round(hot, 1),
        one_partition_per_s=round(one_partition),
        catch_up_h=round(judging / spare, 2) if spare > 0 else math.inf,
        notes=_notes(city, workers, hot, one_partition, hot / rate),
    )


def judging_load(points: int, readings_per_s: float, figures: Figures) -> float:
    """Cores that judging keeps busy, without what each worker takes when it has nothing to do."""
    return (readings_per_s * figures.reading_us + points * figures.point_us) / 1e6


def _partitions(city: City, load: float, figures: Figures) -> int:
    """Enough that each worker has one, that none has more than half a core's load, and that a block of a partition's
    memory is one record of a snapshot; a multiple of four."""
    by_load = load * city.headroom * 2
    by_state = city.points * figures.state_bytes / (BLOCKS * PART_BYTES)
    return LEAST_PARTITIONS * max(1, math.ceil(max(by_load, by_state) / LEAST_PARTITIONS))


def _notes(city: City, workers: int, hot: float, one_partition: float, share: float) -> list[str]:
    if hot * city.headroom > one_partition:
        return [
            f"the partition of the largest site has {hot:,.0f} readings/s, and a core judges {one_partition:,.0f}/s "
            f"with headroom {city.headroom:g}: register that site as several; more workers or partitions do not help"
        ]
    if workers * share > 1:
        return [
            f"the partition of the largest site has {share:.0%} of the traffic: more than {1 / share:.1f} workers "
            "are partly idle"
        ]
    return []
