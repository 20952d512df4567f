"""The fitter on a real broker: works that move for good are followed at the next event-time point, exactly there."""

import hashlib
from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from aiokafka.errors import ProducerFenced

from streams.batch import Record, decode
from streams.clients import fenced_producer
from streams.fit_once import fit_once
from streams.fitting_days import DAY_MS
from streams.fitting_process import FittingProcess
from streams.lane import Lane
from streams.model_release import BundleTooLarge, publish, put_in_force
from streams.model_shelf import ModelShelf
from tests.detectors.healthy_city import oddness
from tests.detectors.small_pack import START
from tests.streams.fitter_rig import FIT_DAYS, Rig, switches
from topics.codec import encode
from topics.errors import ConfigurationError
from topics.reading import Control


@pytest.fixture
async def rig(kafka: str, tmp_path: Path) -> AsyncIterator[Rig]:
    made = Rig(kafka, tmp_path)
    await made.prepare()
    await made.keeper.start()
    yield made
    await made.keeper.stop()


@pytest.mark.kafka
async def test_works_that_have_moved_are_followed_from_the_control_on(rig: Rig) -> None:
    name, process = rig.works.domain.name, FittingProcess(rig.settings, nice=0)
    async with rig.fitter(process) as fitter:
        await rig.play(FIT_DAYS)
        await fitter.step()
        assert fitter.shelf.in_force(name) is None, "the history has not come so far"
        await rig.kept()
        await fitter.step()
        first = fitter.shelf.in_force(name)
        fitter.fit = rig.fit_here
        await rig.play(FIT_DAYS, silent=frozenset({7, 17}))  # at another level, for good
        await rig.kept()
        await fitter.step()
        second = fitter.shelf.in_force(name)
        await fitter.step()
    assert first and second
    assert (first.time, second.time) == (START + FIT_DAYS * DAY_MS, START + 2 * FIT_DAYS * DAY_MS)
    same = await rig.fit_here(name, first.time)  # by another process, some days later
    assert first.ref == f"{name}/{first.time}@{hashlib.sha256(same.body).hexdigest()}"
    await rig.play(0.25, silent=frozenset({2, 12}))
    with pytest.raises(ConfigurationError, match="is in force"):
        await fit_once(rig.settings, rig.works.domain, second.time, release=True)
    by_hand = await fit_once(rig.settings, rig.works.domain, rig.works.now, release=True)
    async with rig.fitter() as fitter:  # a new one finds nothing to do
        await fitter.step()
    third = Control("~model", rig.works.now, ref=by_hand["in_force"])
    artefacts = await rig.artefacts()
    for partition, records in enumerate(await rig.log()):
        controls = switches(records)
        assert [control for _, control in controls] == [first, second, third]
        _switches_there(rig.lane(partition, artefacts), records, controls)


def _switches_there(lane: Lane, records: list[Record], controls: list[tuple[int, Control]]) -> None:
    """The lane judges with the first models up to the offset of the second control and with the second from it on;
    at that moment the new level is odd to the first and usual to the second."""
    (begin, first), (at, second), (end, _) = controls
    before = lane.judge(decode([record for record in records if record.offset < at]))
    odd = oddness(lane.kernel).mean()
    lane.judge(decode([record for record in records if record.offset == at]))
    usual = oddness(lane.kernel).mean()
    assert odd > usual + 0.3, (odd, usual)  # equal models on both sides would differ by nothing
    after = lane.judge(decode([record for record in records if at < record.offset < end]))
    assert not before.refused and not after.refused
    told = [each for each in before.findings if each.origin.last_offset > begin]
    for findings, ref in ((told, first.ref), (after.findings, second.ref)):
        assert {each.versions["models"] for each in findings} == {ref.rpartition("@")[2][:16]}


@pytest.mark.kafka
async def test_a_killed_fitter_goes_on_with_the_bundle_it_had_published(rig: Rig) -> None:
    """Killed between publishing and the controls, and, worse, in the midst of the controls."""
    domain, point = rig.works.domain, START + DAY_MS
    await rig.play(1)
    ref = await publish(rig.kafka, domain.name, point, b"a bundle")
    killed = fenced_producer(rig.kafka, f"citybrain-models-{domain.name}")
    await killed.start()
    await killed.begin_transaction()
    await killed.send_and_wait(domain.topic, encode(Control("~model", point, ref=ref)), partition=0)
    async with rig.fitter() as fitter:
        await fitter.step()
        assert fitter.shelf.in_force(domain.name) == Control("~model", point, ref=ref)
        assert not await put_in_force(rig.kafka, fitter.shelf, domain, Control("~model", point, ref="other"))
    with pytest.raises(ProducerFenced):  # it was only paused, and wakes up
        await killed.commit_transaction()
    await killed.stop()
    by_partition = [{each.ref for _, each in switches(records)} for records in await rig.log()]
    assert by_partition == [{ref}, {ref}]
    assert (await rig.artefacts()).get(ref) == b"a bundle"


@pytest.mark.kafka
async def test_too_few_rows_or_a_failed_fit_leave_what_is_in_force(rig: Rig, capfd: pytest.CaptureFixture[str]) -> None:
    name = rig.works.domain.name
    await rig.play(1)
    await rig.kept()
    for fit, words in ((rig.fit_here, "too_few_rows_to_fit"), (FittingProcess(rig.elsewhere, nice=0), "fit_failed")):
        async with rig.fitter(fit) as fitter:
            for _ in range(2):
                await fitter.step()
            assert fitter.shelf.in_force(name) is None
        assert capfd.readouterr().out.count(words) == 1
    assert [switches(records) for records in await rig.log()] == [[], []]
    with pytest.raises(BundleTooLarge, match="at most"):
        await publish(rig.kafka, name, START, bytes(9_000_000))


@pytest.mark.kafka
async def test_old_bundles_are_withdrawn_but_never_the_one_in_force(rig: Rig) -> None:
    domain = rig.works.domain
    for day in range(3):
        await publish(rig.kafka, domain.name, START + day * DAY_MS, b"bundle %d" % day)
    shelf = ModelShelf(rig.kafka)
    await shelf.start()
    first = shelf.version(domain.name, START)
    assert first is not None
    await put_in_force(rig.kafka, shelf, domain, Control("~model", START, ref=first.ref))
    assert shelf.outdated(domain.name, 3_600_000) == []
    assert shelf.outdated(domain.name, -1) == [f"{domain.name}/{START + day * DAY_MS}" for day in (1, 2)]
    await shelf.stop()
