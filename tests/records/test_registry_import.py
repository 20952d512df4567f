"""Import of sites and devices: good lines go in, each bad one says line, column, what was required and what came."""

import json
from pathlib import Path
from zoneinfo import ZoneInfo

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from records.registry import Registry, Site, registry_of
from records.registry_columns import COLUMNS
from records.registry_import import Import, plan_import
from records.registry_rows import Form

ZONE = ZoneInfo("Asia/Shanghai")
DOMAINS = ("pollution", "hazardous-cargo")
HEADER = "id,domain,title_zh,title_en,firm,district,lat,lon,credit_code,valid_from,site,kind,quantity,unit,statistics"
SITE = "s1,pollution,一号排口,Outlet one,某厂,120116,39.0,117.7,91330100799655058B,2015-08-01,,,,,"
DEVICE = "MN1,,,,,,,,,,s1,hj212,w01018,mg/L,Rtd Avg"


def plan(*lines: str, registry: Registry | None = None, header: str = HEADER) -> Import:
    return plan_import("\n".join((header, *lines)).encode(), "csv", registry or Registry(), DOMAINS, ZONE)


def test_sites_and_devices_come_out_of_a_csv_in_any_order() -> None:
    result = plan(DEVICE, SITE, DEVICE.replace("w01018", "w21003"))
    assert result.refusals == []
    registry = registry_of(result.records)
    site, device = registry.site("s1"), registry.device("MN1")
    assert site is not None
    assert device is not None
    assert site.valid_from == 1_438_358_400_000, "a day begins at the city's midnight"
    assert site.title.zh == "一号排口"
    assert set(device.quantities) == {"w01018", "w21003"}
    assert device.quantities["w01018"].unit == "mg/L"
    assert device.quantities["w01018"].statistics == ("Rtd", "Avg")


@pytest.mark.parametrize(
    ("line", "column", "required", "got"),
    [
        (SITE.replace("39.0", "117.7"), "lat", "3 to 54", "'117.7'"),
        (SITE.replace("39.0", "nan"), "lat", "3 to 54", "'nan'"),
        (SITE.replace("120116", "12011"), "district", "six digits", "'12011'"),
        (SITE.replace("pollution", "polution"), "domain", "hazardous-cargo, pollution", "'polution'"),
        (SITE.replace("一号排口", ""), "title_zh", "the name in Chinese", "nothing"),
        (SITE.replace("058B", "058C"), "credit_code", "check character is B", "'91330100799655058C'"),
        (SITE.replace("2015-08-01", "1.8.2015"), "valid_from", "ISO 8601", "'1.8.2015'"),
        (SITE.replace("2015-08-01", "1815-08-01"), "valid_from", "2000 to 2100", "'1815-08-01'"),
        (SITE.replace("s1", "s/1"), "id", "without /", "'s/1'"),
        (SITE.replace("s1", "~s1"), "id", "not starting with ~", "'~s1'"),
        (DEVICE.replace("s1", "s9"), "site", "a site of the registry", "'s9'"),
        (DEVICE.replace("hj212", ""), "kind", "what it is", "nothing"),
        (DEVICE.replace("MN1,,", "MN1,pollution,"), "domain", "nothing, as this line is a device", "'pollution'"),
        (SITE + ",surplus", "", "15 cells", "16"),
    ],
)
def test_a_bad_line_is_refused_with_its_reason_and_the_others_go_in(
    line: str, column: str, required: str, got: str
) -> None:
    result = plan(line, "", SITE.replace("s1", "good"))
    assert [record.id for record in result.records] == ["good"]
    (refusal,) = result.refusals
    assert (refusal.line, refusal.column, refusal.got) == (2, column, got)
    assert required in refusal.required


def test_all_faults_of_a_line_are_told_at_once() -> None:
    result = plan(SITE.replace("120116", "x").replace("117.7", "east"))
    assert [refusal.column for refusal in result.refusals] == ["district", "lon"]
    assert str(result.refusals[0]) == "line 2, district: required six digits (GB/T 2260), got 'x'"


def test_a_series_id_never_changes() -> None:
    registry = registry_of(plan(SITE, SITE.replace("s1", "s2"), DEVICE).records)
    moved = plan(DEVICE.replace("s1", "s2"), registry=registry)
    assert moved.records == []
    assert "series ids never change" in moved.refusals[0].required
    changed = plan(SITE.replace("pollution", "hazardous-cargo"), registry=registry)
    assert changed.records == []
    assert "'pollution' as before" in changed.refusals[0].required
    respelt = plan(DEVICE.replace("MN1", "mn1"), registry=registry)
    assert respelt.records == []
    assert respelt.refusals[0].required == "'MN1' as it is known"


def test_importing_again_changes_nothing_and_never_takes_a_quantity_away() -> None:
    registry = registry_of(plan(SITE, DEVICE).records)
    again = plan(SITE, DEVICE, registry=registry)
    assert (again.records, again.unchanged, again.refusals) == ([], 2, [])
    more = plan(DEVICE.replace("w01018", "w21003"), registry=registry)
    assert set(registry_of(more.records).devices()[0].quantities) == {"w01018", "w21003"}


def test_twice_in_a_file_and_lines_that_disagree_are_refused() -> None:
    result = plan(SITE, SITE, DEVICE, DEVICE, DEVICE.replace("w01018", "w21003").replace("hj212", "tag"))
    assert [(refusal.line, refusal.column) for refusal in result.refusals] == [(3, "id"), (5, "quantity"), (6, "")]
    assert len(result.records) == 2


def test_an_unknown_column_is_told_and_the_lines_still_go_in() -> None:
    result = plan(SITE + ",x", header=HEADER + ",colour")
    assert [(refusal.line, refusal.column) for refusal in result.refusals] == [(1, "colour")]
    assert len(result.records) == 1


def test_retired_needs_the_moment_it_was() -> None:
    result = plan(SITE + ",true", header=HEADER + ",retired")
    assert result.refusals[0].column == "valid_to"
    assert result.records == []


def test_a_spreadsheet_in_gb18030_is_read() -> None:
    result = plan_import(f"{HEADER}\n{SITE}".encode("gb18030"), "csv", Registry(), DOMAINS, ZONE)
    assert isinstance(result.records[0], Site)
    assert result.records[0].firm == "某厂"


@pytest.mark.parametrize("lines", [False, True])
def test_what_the_registry_shows_can_be_imported_again(lines: bool) -> None:
    registry = registry_of(plan(SITE, DEVICE).records)
    objects = [json.loads(value) for _, value in registry.to_messages()]
    text = "\n".join(map(json.dumps, objects)) if lines else json.dumps(objects, indent=2)
    again = plan_import(text.encode(), "json", Registry(), DOMAINS, ZONE)
    assert again.refusals == []
    assert registry_of(again.records).to_messages() == registry.to_messages()


def test_bad_json_lines_are_refused_alone() -> None:
    registry = registry_of(plan(SITE).records)
    good = registry.to_messages()[0][1].decode()
    text = f'{{"id":\n{good}\n[1]\n{good.replace("39.0", "NaN")}\n'
    result = plan_import(text.encode(), "json", Registry(), DOMAINS, ZONE)
    assert [(refusal.line, refusal.column) for refusal in result.refusals] == [(1, ""), (3, ""), (4, "lat")]
    assert len(result.records) == 1


CELL = st.one_of(st.none(), st.integers(), st.floats(), st.text(max_size=8), st.lists(st.text(max_size=3), max_size=2))
ROWS = st.lists(
    st.dictionaries(st.sampled_from([*COLUMNS, "title", "quantities", "other"]), CELL, max_size=8), max_size=5
)


@given(
    st.one_of(st.binary(max_size=200), ROWS.map(lambda rows: json.dumps(rows).encode())),
    st.sampled_from(["csv", "json"]),
)
def test_no_file_makes_the_import_fail(data: bytes, form: Form) -> None:
    result = plan_import(data, form, Registry(), DOMAINS, ZONE)
    for refusal in result.refusals:
        assert refusal.line >= 1
        assert refusal.required
        assert refusal.got
    for record in result.records:
        assert msgspec.json.decode(msgspec.json.encode(record), type=type(record)) == record


def test_the_documents_table_is_the_columns() -> None:
    page = (Path(__file__).parents[2] / "docs" / "registry.md").read_text(encoding="utf-8")
    for column in COLUMNS.values():
        row = next(line for line in page.splitlines() if line.startswith(f"| `{column.name}` |"))
        assert row.endswith(f"| {column.required} |")
