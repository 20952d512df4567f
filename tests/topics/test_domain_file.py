"""Packs: the product's own load, a fifth is a file and no code, a broken one is refused by file and key."""

import datetime as dt
from pathlib import Path

import pytest

from topics.catalog import catalog
from topics.domain_file import FOLDER, load_domain, load_domains
from topics.errors import ConfigurationError

FIXTURES = Path(__file__).parent / "fixtures"
BROKEN = FIXTURES / "broken"

#: Fault (the file's name) → the line that the user sees, after the file's name.
REFUSALS = {
    "bad-name": "name: expected str matching regex '^[a-z][a-z0-9-]{1,30}$', got 'Tourism 2'",
    "code-with-a-slash": 'quantities.visitors/all: expected a code of letters, digits, "_", "." and "-", got '
    "'visitors/all'",
    "detector-not-declared": "quantities.visitors.detectors: expected names from [detectors] ['limit', 'missing'], "
    "got 'stuck'",
    "duplicate-key": "line 13, column 11: expected TOML in UTF-8, got: Cannot overwrite a value",
    "fact-without-source": "facts.capacity.sight-01.source: expected where the fact comes from, got None",
    "group-across-sites": "groups.crowd.per: expected one of ['site', 'device'], because only what one site measures "
    "lies in one partition, got 'district'",
    "group-key-unknown": "groups.crowd.every: expected a key that packs have, got an unknown one",
    "group-named-as-a-quantity": "groups.visitors: expected a name that no quantity and no family has, got 'visitors'",
    "group-of-unknown-quantity": "groups.crowd.quantities: expected some of ['visitors'], got 'queue'",
    "group-of-wrong-points": "groups.crowd.points: expected patterns \"site/device\", got 'sight-01'",
    "guidance-for-nothing": 'guidance.vistors: expected a quantity, group, sequence, family or "default", '
    "got 'vistors'",
    "guidance-missing": 'guidance.quality: expected guidance for every family (or "default"), got nothing',
    "infinite-span": "quantities.visitors.span[1]: expected a finite number, got inf",
    "language-missing": "title.en: expected a text, got an empty one",
    "limit-outside-the-span": "quantities.visitors.limits[2].value: expected a value within the span 0.0 to 200000.0, "
    "got 900000.0",
    "milder-beyond-the-severer": "quantities.visitors.limits[2].severity: expected the further limit to be the more "
    "severe, got HH 10000.0 blue beside H 8000.0 yellow",
    "negative-interval": "quantities.visitors.interval_s: expected float > 0.0, got -5",
    "not-toml": "line 1, column 5: expected TOML in UTF-8, got: Expected '=' after a key in a key/value pair",
    "overlapping-editions": "quantities.visitors.limits[1].valid_from: expected editions that do not overlap, got "
    "2025-01-01 while limits[0] (LB/T 034 2014) holds 2015-04-01 to for ever",
    "reversed-span": "quantities.visitors.span: expected [low, high] with low < high, got [200000.0, 0.0]",
    "reversed-validity": "quantities.visitors.limits[0].valid_to: expected a day after valid_from 2015-04-01, "
    "got 2014-01-01",
    "route-of-unknown-family": "routes[0].families: expected some of ['limit', 'quality', 'anomaly', 'model'], "
    "got 'limits'",
    "route-to-unknown-severity": "routes[0].min_severity: expected one of ['red', 'orange', 'yellow', 'blue'], "
    "got 'amber'",
    "unit-missing": "quantities.visitors.unit: expected a value, got nothing",
    "unknown-key": "quantities.visitors.sensor_clas: expected a key that packs have, got an unknown one",
    "unknown-key-of-a-limit": "quantities.visitors.limits[0].hold_seconds: expected a key that packs have, "
    "got an unknown one",
    "unknown-scheme": "scheme: expected one of ['four-colours'], got 'five-colours'",
    "unknown-severity": "quantities.visitors.limits[2].severity: expected one of ['red', 'orange', 'yellow', 'blue'], "
    "got 'purple'",
    "wall-of-unknown-quantity": "wall[0].quantities: expected some of ['visitors'], got 'visitor'",
    "wrong-type-of-interval": "quantities.visitors.interval_s: expected float, got 'a minute'",
    "wrong-type-of-limit-value": "quantities.visitors.limits[0].value: expected float, got '8000'",
}


def test_every_broken_pack_is_in_the_table() -> None:
    assert {path.stem for path in BROKEN.glob("*.toml")} == set(REFUSALS)


@pytest.mark.parametrize("fault", REFUSALS)
def test_a_broken_pack_is_refused_with_file_key_required_and_got(fault: str) -> None:
    with pytest.raises(ConfigurationError) as refusal:
        load_domain(BROKEN / f"{fault}.toml")
    assert str(refusal.value).split("\n")[0] == f"{fault}.toml: {REFUSALS[fault]}"
    assert refusal.value.exit_status == 2


def test_all_that_is_wrong_is_told_at_once() -> None:
    with pytest.raises(ConfigurationError) as refusal:
        load_domain(BROKEN / "guidance-missing.toml")
    told = [line.split(": ")[1] for line in str(refusal.value).split("\n")]
    assert told == ["guidance.quality", "guidance.anomaly", "guidance.model"]


def test_a_file_that_is_not_there_is_told(tmp_path: Path) -> None:
    with pytest.raises(ConfigurationError, match=r"none\.toml: expected a readable file, got No such file"):
        load_domain(tmp_path / "none.toml")
    with pytest.raises(ConfigurationError, match="expected at least one pack"):
        load_domains(tmp_path)


def test_a_name_is_given_once(tmp_path: Path) -> None:
    text = (FIXTURES / "tourism.toml").read_text(encoding="utf-8")
    (tmp_path / "a.toml").write_text(text, encoding="utf-8")
    (tmp_path / "b.toml").write_text(text, encoding="utf-8")
    with pytest.raises(
        ConfigurationError, match=r"b\.toml: name: expected a name of its own, got 'tourism' as in a\.toml"
    ):
        load_domains(tmp_path)


def test_the_product_has_four_packs_with_limits_and_guidance_for_every_family() -> None:
    domains = load_domains()
    assert [domain.name for domain in domains] == ["pollution", "cargo", "safety", "food"]
    for domain in domains:
        assert any(quantity.limits for quantity in domain.quantities.values())
        assert all(family in domain.guidance or "default" in domain.guidance for family in domain.families)
        assert domain.wall


@pytest.mark.parametrize(
    "day, value", [("2015-08-12", 75.0), ("2026-02-28", 75.0), ("2026-03-01", 60.0), ("2031-01-01", 50.0)]
)
def test_the_edition_is_that_of_the_events_day(day: str, value: float) -> None:
    limits = load_domain(FOLDER / "pollution.toml").quantities["a34004"].limits
    held = [limit for limit in limits if limit.level == "H" and limit.in_force(dt.date.fromisoformat(day))]
    assert [limit.value for limit in held] == [value]


def test_what_is_from_memory_is_not_confirmed() -> None:
    for domain in load_domains():
        for code, quantity in domain.quantities.items():
            for limit in quantity.limits:
                remembered = "memory" in limit.source or "default of ours" in limit.source
                assert not (remembered and limit.confirmed) or "agree" in limit.source or "day from" in limit.source, (
                    code
                )


def test_a_fifth_domain_is_a_file_and_no_code(tmp_path: Path) -> None:
    for path in (*FOLDER.glob("*.toml"), FIXTURES / "tourism.toml"):
        (tmp_path / path.name).write_text(path.read_text(encoding="utf-8"), encoding="utf-8")
    domains = load_domains(tmp_path)
    assert domains[-1].name == "tourism"
    names = {topic.name: topic for topic in catalog(domains)}
    assert names["readings.tourism"].partitions == names["state.tourism"].partitions == 2
    assert "events.tourism" not in names
