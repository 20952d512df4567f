"""The model city: its size, its registry, and that it agrees with the domain packs."""

from collections import Counter
from pathlib import Path

import pytest

from records.registry import Device, Site, registry_of
from streams.sources.simulator.city import FOLDER, load_city
from tests.streams.sources.simulator.limits import PACKS
from topics.errors import ConfigurationError

CITY = load_city()


def test_the_size_of_the_city() -> None:
    sites = Counter(site.domain for site in CITY.sites)
    assert sites == {"pollution": 27, "safety": 14, "cargo": 5, "food": 19}
    assert 250 <= len(CITY.series) <= 300
    assert len({site.district for site in CITY.sites}) == 16
    assert {each.wire for each in CITY.series} == {"hj212", "http", "topic", "epcis"}


def test_every_line_says_its_source_and_its_title_says_simulated() -> None:
    assert CITY.city.source and all(each.source for each in CITY.sites)
    assert all(each.source for each in CITY.signals.values()) and all(each.source for each in CITY.kinds.values())
    assert all("模拟" in site.title.zh and "simulated" in site.title.en for site in CITY.sites)


def test_every_series_is_in_the_registry_and_in_its_domains_pack() -> None:
    records = CITY.registry_records()
    registry = registry_of(records)
    assert len(registry.sites()) == len([each for each in records if isinstance(each, Site)]) == 65
    assert len(registry.devices()) == len([each for each in records if isinstance(each, Device)]) == 96
    for series in CITY.series:
        known = registry.knows(series.id)
        assert not isinstance(known, str), series.id
        quantity = PACKS[series.domain].quantities[series.quantity]
        assert series.statistic in known.meta.statistics
        assert known.meta.unit == quantity.unit or known.meta.sensor_class is not None
        low, high = quantity.span
        assert low <= series.signal.base <= high


def test_devices_speak_at_different_seconds() -> None:
    offsets = Counter(CITY.device_offsets_ms.values())
    assert all(0 <= each < 60_000 and each % 1000 == 0 for each in offsets)
    assert max(offsets.values()) <= 2


def test_a_broken_file_is_refused_by_name(tmp_path: Path) -> None:
    text = (FOLDER / "city.toml").read_text(encoding="utf-8")
    path = tmp_path / "city.toml"
    path.write_text(text.replace('w01018 = "cod"', 'w01018 = "code"', 1), encoding="utf-8")
    with pytest.raises(ConfigurationError, match=r"city\.toml: kinds\.water-outlet.*code"):
        load_city(path)
    path.write_text(text.replace('kind = "stack"', 'kind = "stick"', 1), encoding="utf-8")
    with pytest.raises(ConfigurationError, match=r"expected a kind of .*'stick'"):
        load_city(path)
    path.write_text(text.replace('id = "outlet-02"', 'id = "outlet-01"', 1), encoding="utf-8")
    with pytest.raises(ConfigurationError, match="each site id once"):
        load_city(path)
    path.write_text(text.replace("[24, 1.2]]", "[23.5, 1.2]]", 1), encoding="utf-8")
    with pytest.raises(ConfigurationError, match=r"rising hours from 0 to 24, got .*23\.5"):
        load_city(path)
    path.write_text(text.replace("sd = 0.9", 'sd = "small"', 1), encoding="utf-8")
    with pytest.raises(ConfigurationError, match=r"signals.*sd"):
        load_city(path)
