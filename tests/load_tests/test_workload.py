"""The workload: seeded, in the full schema, about 240 bytes a message, with breaches at the stated rate."""

from itertools import islice

from load_tests.pack import load_domain
from load_tests.workload import Message, Workload
from topics.codec import decode_fetch, partition_of, unknown_fields
from topics.reading import Reading

START = 1_767_225_600_000


def rounds(workload: Workload, number: int) -> list[Message]:
    return [message for round_ in islice(workload.rounds(START), number) for message in round_]


def readings(workload: Workload, number: int) -> list[Reading]:
    fetch = decode_fetch([message.value for message in rounds(workload, number)])
    assert not fetch.refused
    return [row for row in fetch.rows if not row.series.startswith("~")]


def test_equal_seeds_send_equal_bytes_and_others_do_not() -> None:
    assert rounds(Workload(7, 4, 50), 3) == rounds(Workload(7, 4, 50), 3)
    assert rounds(Workload(7, 4, 50), 3) != rounds(Workload(8, 4, 50), 3)


def test_messages_are_in_the_full_schema_and_about_240_bytes() -> None:
    bodies = [message.value for message in rounds(Workload(1, 4, 100), 2) if message.key]
    assert 230 <= sum(map(len, bodies)) / len(bodies) <= 260
    assert all(unknown_fields(body) == 0 for body in bodies)
    # All but `sent`, which only a source that converted a unit fills.
    assert bodies[0].count(b'":') == len(Reading.__struct_fields__) - 1


def test_each_round_begins_with_a_tick_in_every_partition_and_then_has_every_series_once() -> None:
    workload = Workload(1, 4, 30)
    first, second = islice(workload.rounds(START), 2)
    for round_ in (first, second):
        ticks, rest = round_[:4], round_[4:]
        assert [tick.partition for tick in ticks] == [0, 1, 2, 3]
        assert all(b"~tick" in tick.value for tick in ticks)
        assert len(rest) == 30
    times = [row.time for row in readings(workload, 2)]
    assert times == [START] * 30 + [START + 1000] * 30


def test_every_message_lies_in_its_site_s_partition() -> None:
    for message in rounds(Workload(1, 4, 200), 1):
        if message.key is not None:
            assert message.partition == partition_of(message.key.decode(), 4)


def test_one_reading_in_so_many_is_beyond_the_limit_and_no_other() -> None:
    workload = Workload(1, 4, 1_000, breach_every=200)
    limit = load_domain(workload).quantities["so2"].limits[0].value
    values = [row.value or 0.0 for row in readings(workload, 40)]
    beyond = [value for value in values if value > limit]
    assert 0.5 < len(beyond) / (len(values) / 200) < 1.5
    assert set(beyond) == {workload.breach}
    assert max(value for value in values if value <= limit) < 0.7 * limit


def test_a_hot_site_has_its_share_of_the_series_and_the_others_stay_as_large_as_they_were() -> None:
    workload = Workload(1, 4, 1_000, hot_share=0.3)
    sizes = [0] * workload.sites
    for number in range(workload.series):
        sizes[workload.site_of(number)] += 1
    assert sizes == [300] + [10] * 70
    assert Workload(1, 4, 1_000).sites == 100 and Workload(1, 4, 995).site_of(994) == 99


def test_slices_spread_a_round_over_its_interval() -> None:
    workload = Workload(1, 2, 120, interval_ms=60_000, slices=60)
    slices = list(islice(workload.rounds(START), 61))
    assert [len(each) for each in slices[:2]] == [2 + 2, 2 + 2]
    rows = [row for row in decode_fetch([each.value for part in slices for each in part]).rows if row.series[0] != "~"]
    assert [row.time - START for row in rows[:6]] == [0, 0, 1_000, 1_000, 2_000, 2_000]
    # A round has every series once; the next begins a minute later with the first ones again.
    assert len({row.series for row in rows[:120]}) == 120
    assert rows[120].series == rows[0].series and rows[120].time - rows[0].time == 60_000
