"""Data reads downward and imports point one way; the environment is read in one file."""

import ast
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent
#: Each package and the ones of ours that it may import; only streams imports all.
MAY = {
    "topics": set(),
    "records": {"topics"},
    "detectors": {"topics"},
    "alerts": {"topics", "records"},
    "load_tests": {"topics"},
    "grafana": {"topics"},
    "streams": {"topics", "records", "detectors", "alerts", "load_tests", "grafana"},
}
#: Words that make a file impure: no clock, no thread, no file, no network, no Kafka in the core.
IMPURE = {"time", "datetime.now", "threading", "asyncio", "socket", "kafka", "aiokafka", "httpx", "sqlite3", "random"}
LIFE_CYCLE = tuple(sorted(f"alerts/lifecycle/{path.name}" for path in (ROOT / "alerts/lifecycle").glob("*.py")))
JUDGING = tuple(f"detectors/{name}.py" for name in ("kernel", "sound_times", "live_rows", "episodes", "base", "writes"))
PURE = (*JUDGING, *LIFE_CYCLE, "records/yard.py")


def _imports(path: Path) -> set[str]:
    names = set()
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            names |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom) and node.level == 0 and node.module:
            names.add(node.module)
    return names


@pytest.mark.parametrize("package", sorted(MAY))
def test_imports_point_one_way(package: str) -> None:
    files = list((ROOT / package).rglob("*.py"))
    assert files
    for path in files:
        ours = {name.split(".")[0] for name in _imports(path)} & set(MAY) - {package}
        assert ours <= MAY[package], f"{path.relative_to(ROOT)} imports {sorted(ours - MAY[package])}"


def test_relative_imports_are_not_used() -> None:
    for package in MAY:
        for path in (ROOT / package).rglob("*.py"):
            for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
                assert not (isinstance(node, ast.ImportFrom) and node.level), f"{path}: line {node.lineno}"


@pytest.mark.parametrize("name", PURE)
def test_the_core_has_no_clock_and_no_wire(name: str) -> None:
    assert not _imports(ROOT / name) & IMPURE


def test_the_environment_is_read_in_one_file() -> None:
    readers = {
        str(path.relative_to(ROOT))
        for package in MAY
        for path in (ROOT / package).rglob("*.py")
        if {"environ", "getenv"}
        & {node.attr for node in ast.walk(ast.parse(path.read_text())) if isinstance(node, ast.Attribute)}
    }
    assert readers <= {"streams/settings.py"}
