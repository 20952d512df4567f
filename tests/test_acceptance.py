"""The page of acceptance rows names tests that are there, and no row that has none."""

import ast
import re
from functools import cache
from pathlib import Path

ROOT = Path(__file__).parents[1]
PAGE = ROOT / "docs" / "acceptance.md"

#: Rows of the guides' table; those of pollution sources and safety production must be held.
ROWS = {f"G{number}" for number in range(1, 41)}
HELD = {f"G{number}" for number in (1, 14, 15, 16, 17, 19, 20, 22, 23, 24, 25, 26, 27, 28)}

#: Calls that fail where something is not so, beside ``assert``.
CHECKS = {"pytest.raises", "expect"}


def rows(text: str) -> list[tuple[str, str, list[str]]]:
    """Row, what it asks and what holds it, of each line of the table."""
    lines = [line.split("|")[1:4] for line in text.splitlines() if line.startswith("| G")]
    return [(row.strip(), asks.strip(), re.findall(r"`(tests/[^`]+)`", held)) for row, asks, held in lines]


@cache
def named_in(file: str) -> frozenset[str]:
    """The names of the tests of a file that say anything at all."""
    tree = ast.parse((ROOT / file).read_text(encoding="utf-8"))
    kinds = (ast.FunctionDef, ast.AsyncFunctionDef)
    made = [each for each in ast.walk(tree) if isinstance(each, kinds) and each.name.startswith("test_")]
    return frozenset(each.name for each in made if _can_fail(each))


def _can_fail(test: ast.AST) -> bool:
    called = {ast.unparse(each.func) for each in ast.walk(test) if isinstance(each, ast.Call)}
    return any(isinstance(each, ast.Assert) for each in ast.walk(test)) or not called.isdisjoint(CHECKS)


def problems(text: str) -> list[str]:
    """What is wrong with the page, a sentence each."""
    found = []
    seen: set[str] = set()
    for row, asks, held in rows(text):
        if row not in ROWS or row in seen:
            found.append(f"{row}: expected a row of the table, once")
        seen.add(row)
        if not asks or not held:
            found.append(f"{row}: expected what it asks and a test")
        for each in held:
            file, _, name = each.partition("::")
            if not (ROOT / file).is_file() or not named_in(file):
                found.append(f"{row}: no file of tests {file}")
            elif name and name not in named_in(file):
                found.append(f"{row}: no test {name} in {file} that could fail")
    return found + [f"{row}: not on the page" for row in sorted(HELD - seen)]


def test_every_row_is_held_by_tests_that_are_there() -> None:
    assert problems(PAGE.read_text(encoding="utf-8")) == []


def test_a_test_that_is_gone_and_a_row_that_is_left_out_are_noticed() -> None:
    page = PAGE.read_text(encoding="utf-8")
    gone = page.replace("::test_g14_the_boundaries", "::test_g14_the_borders")
    assert [each.partition(":")[0] for each in problems(gone)] == ["G14"]
    without = "\n".join(line for line in page.splitlines() if not line.startswith("| G27"))
    assert problems(without) == ["G27: not on the page"]
    assert problems(page + "| G41 | nothing | |\n") == [
        "G41: expected a row of the table, once", "G41: expected what it asks and a test",
    ]  # fmt: skip
