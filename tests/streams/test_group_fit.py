"""Models of groups from the history: fitted with the others, kept where nothing new is known, equal for equal files."""

from pathlib import Path

import pytest

from detectors.backtest import Step
from detectors.base import SeriesSpec
from detectors.models import Models, unpacked
from records.registry import Device, Registry, SeriesMeta, Site, registry_of
from streams.fit_report import fit_report, fresh_classes, lines
from streams.fitting_days import Fitted, fit_from_history
from streams.group_choice import with_groups
from streams.history_days import HistoryDays
from streams.history_folder import HistoryFolder
from tests.detectors.groups.tank_farm import NAMES, Farm, pack
from tests.detectors.small_pack import MINUTE, START
from tests.streams.drifting_works import table
from topics.finding import Text
from topics.reading import Reading

MINUTES = 1_140


def registry(farm: Farm) -> Registry:
    title = Text("厂", "Works")
    sites = [Site(each, "trial", title, "Firm", "120116", 39.0, 117.7) for each in ("s0", "s1")]
    quantities = {name: SeriesMeta() for name in NAMES}
    return registry_of(
        [*sites, *(Device(f"t{tank}", f"s{tank // 2}", "tank", quantities) for tank in range(farm.process.places))]
    )


def kept(root: Path, farm: Farm, count: int) -> None:
    """So many minutes in the history."""
    readings = [
        Reading(farm.names[slot], time, value)
        for each in farm.steps(count)
        if not isinstance(each, Step)
        for slot, time, value in zip(each.slot.tolist(), each.time_ms.tolist(), each.value.tolist(), strict=True)
    ]
    with HistoryFolder(root / "trial", farm.domain.topic) as folder:
        folder.append(table(readings, 0), {})


def fitted(root: Path, farm: Farm, before: Models | None = None, minutes: int = MINUTES) -> Fitted:
    with HistoryDays(root, "trial") as history:
        window = (START, START + minutes * MINUTE)
        return fit_from_history(farm.domain, registry(farm), history, window, 1, before)


def test_groups_are_fitted_from_the_history_and_keep_what_they_have(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("detectors.calibration.LEAST_SCORES", 1_000)
    farm = Farm(3, 5)
    kept(tmp_path, farm, MINUTES)
    found = fitted(tmp_path, farm)
    models, report = unpacked(found.models), fit_report(found, None)
    assert found.series == 12, "all channels of the groups, though one series of a class would be enough"
    assert report["groups"] == {"tank": {"places": 3, "fitted": 3, "kept": 0}}
    assert "group tank" in fresh_classes(report) and "group tank: 3 places, 3 fitted, 0 kept" in lines(report)
    place = models.groups.places["s0/t1/tank"]
    assert place.channels == tuple(f"s0/t1/{name}/Rtd" for name in sorted(NAMES)) and place.rows > MINUTES - 20
    few = fitted(tmp_path, farm, models, minutes=200)
    again = fit_report(few, models)
    assert again["groups"] == {"tank": {"places": 3, "fitted": 0, "kept": 3}} and fresh_classes(again) == []
    assert unpacked(few.models).groups.places.keys() == models.groups.places.keys()


def test_places_are_taken_whole_or_left_out() -> None:
    farm = Farm(4, 1)
    specs = farm.specs()
    one = [specs[0]]
    assert with_groups(one, specs, pack()) == sorted(specs, key=lambda each: each.series)
    few = with_groups(one, specs, pack(), most=9)
    whole = {each.device for each in few if count(few, each.device) == len(NAMES)}
    assert len(whole) == 2 and {each.device for each in few} <= whole | {"t0"}
    assert with_groups(one, specs, pack(points=("s9/*",))) == one


def count(specs: list[SeriesSpec], device: str) -> int:
    return sum(each.device == device for each in specs)
