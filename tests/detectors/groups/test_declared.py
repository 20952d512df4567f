"""Groups in a pack: who belongs to which place, what a wrong setting is told, and what a model must be."""

import dataclasses
import pickle
import zlib
from typing import Any

import msgspec
import numpy as np
import pytest

from detectors.calibration import DEFAULT_RATE, STEPS
from detectors.fitting import fit
from detectors.groups.declared import DeclaredGroups
from detectors.groups.fitted import GroupModels, PlaceModel
from detectors.groups.in_force import judged_groups
from detectors.groups.members import MEMBERS
from detectors.kernel import Kernel
from detectors.models import unpacked
from detectors.registry import settings_problems
from tests.detectors.groups.tank_farm import NAMES, Farm, pack
from tests.detectors.small_pack import START, spec
from topics.channel_group import ChannelGroup
from topics.domain import Domain
from topics.finding import Text


def test_a_series_belongs_to_its_site_or_device_where_quantity_statistic_and_pattern_say_so() -> None:
    def places(domain: Domain, series: str) -> list[str]:
        return [subject for _, subject in DeclaredGroups(domain).of(spec(series))]

    assert places(pack(), "s0/t1/flow/Rtd") == ["s0/t1/tank"]
    assert places(pack(per="site"), "s0/t1/flow/Rtd") == ["s0/tank"]
    assert places(pack(), "s0/t1/flow/Avg") == places(pack(), "s0/t1/humidity/Rtd") == []
    assert places(pack(points=("s?/t1", "s9/*")), "s0/t1/flow/Rtd") == ["s0/t1/tank"]
    assert places(pack(points=("s?/t1", "s9/*")), "s0/t2/flow/Rtd") == []


def test_a_pack_that_another_process_was_handed_or_that_writes_a_default_out_declares_the_same_groups() -> None:
    """Its models would be left unused else: a demonstration that fitted its groups in another process judged none."""

    def signature(domain: Domain) -> str:
        (group,) = DeclaredGroups(domain).by_name.values()
        return group.signature

    handed = pickle.loads(pickle.dumps(pack()))
    written_out = pack(
        every_s=float("60"), detector="".join(("var_", "residual")), settings={}, points=("/".join("**"),)
    )
    assert signature(handed) == signature(written_out) == signature(pack())
    assert signature(pack(every_s=120)) != signature(pack())


def test_a_detector_or_a_setting_that_does_not_exist_is_refused_by_its_key() -> None:
    wrong: list[dict[str, Any]] = [
        {"detector": "var_residul"},
        {"settings": {"smoth": 0.1}},
        {"settings": {"smooth": 0}},
        {"settings": {"window": True}},
    ]
    assert [problem for given in wrong for problem in settings_problems(pack(**given))] == [
        f"groups.tank.detector: expected one of {sorted(MEMBERS)}, got 'var_residul'",
        "groups.tank.settings.smoth: expected settings among ['follow', 'most', 'ridge', 'smooth', 'window'], "
        "got 'smoth'",
        "groups.tank.settings.smooth: expected a number from 0.01 to 1, got 0",
        "groups.tank.settings.window: expected a number, got True",
    ]
    # A worker that is older than its pack leaves such a group out and judges the rest.
    assert not DeclaredGroups(pack(detector="of_tomorrow")).by_name
    assert Kernel(pack(detector="of_tomorrow"), "readings.trial", 0).force.groups == {}


@pytest.mark.parametrize("name", MEMBERS)
def test_a_member_says_the_bounds_of_each_setting_and_the_shapes_of_its_models(name: str) -> None:
    kind = MEMBERS[name]
    assert kind.BOUNDS.keys() == {each.name for each in dataclasses.fields(kind)}  # type: ignore[arg-type]
    for edge in (0, 1):
        made = kind(**{setting: bounds[edge] for setting, bounds in kind.BOUNDS.items()})
        assert np.isfinite(made.rows_a_score()).all()
    detector = kind()
    (gathered,) = Farm(1, 3).gathered(200).values()
    model = detector.fit(gathered.rows)
    assert detector.checked(model, 4) is model
    assert {key: array.shape for key, array in detector.fit(gathered.rows[:, :3]).items()} == detector.shapes(3)
    for key, array in model.items():
        with pytest.raises(ValueError, match=f"{name}: expected"):
            detector.checked(model | {key: np.full_like(array, np.nan)}, 4)
        with pytest.raises(ValueError, match=f"{name}: expected"):
            detector.checked({each: value for each, value in model.items() if each != key}, 4)


def test_neighbours_that_are_none_are_refused() -> None:
    (gathered,) = Farm(1, 3).gathered(200).values()
    model = MEMBERS["neighbours"]().fit(gathered.rows)
    with pytest.raises(ValueError, match="expected neighbours among 4 channels, got numbers up to 9"):
        MEMBERS["neighbours"]().checked(model | {"near": np.full_like(model["near"], 9.0)}, 4)


def test_groups_share_what_the_forest_leaves_them() -> None:
    """0.0005 alerts a day for each channel of one group; half of it where the series is in two."""
    once = pack()
    signature, channels = DeclaredGroups(once).by_name["tank"].signature, tuple(f"s0/t0/{name}/Rtd" for name in NAMES)
    place = PlaceModel("tank", channels, signature, START, {}, np.ones(2), 300)
    models = GroupModels({"s0/t0/tank": place}, {"tank": np.zeros(STEPS)})
    second = ChannelGroup(Text("再", "again"), NAMES, detector="hotelling")
    twice = msgspec.structs.replace(once, groups=once.groups | {"again": second})
    bounds = [
        {each.bound for each in judged_groups(DeclaredGroups(domain), models, DEFAULT_RATE).values()}
        for domain in (once, twice)
    ]
    assert [len(each) for each in bounds] == [1, 1]
    assert bounds[0].pop() == pytest.approx(-np.log10(4 * 0.0005 * 1.5 / 1440))
    assert bounds[1].pop() == pytest.approx(-np.log10(4 * 0.0005 * 1.5 / 2 / 1440))
    plain, grouped = (Kernel(each, "readings.trial", 0) for each in (msgspec.structs.replace(once, groups={}), once))
    for each in (plain, grouped):
        each.bind(spec("s0/t0/flow/Rtd"))
    np.testing.assert_allclose(grouped.force.forest_bounds - plain.force.forest_bounds, np.log10(2.0))
    np.testing.assert_array_equal(grouped.force.bounds, plain.force.bounds)


def test_a_bundle_from_before_there_were_groups_is_read() -> None:
    older = msgspec.msgpack.decode(zlib.decompress(fit("trial", {}, START)))
    del older["places"], older["group_rarity"]
    assert not unpacked(zlib.compress(msgspec.msgpack.encode(older))).groups.places, (
        "a bundle from before there were any"
    )
