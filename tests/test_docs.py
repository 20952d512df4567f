"""Documents are true: generated pages are what the code says, tables are complete, links lead somewhere."""

import functools
import re
from pathlib import Path
from typing import Any

import click
import pytest
from typer.main import get_command

from streams.__main__ import COMMANDS, app
from streams.reference import PAGES

ROOT = Path(__file__).parent.parent
MARKDOWN = sorted(path for path in (*ROOT.glob("*.md"), *ROOT.glob("docs/**/*.md")))


@functools.cache
def _commands() -> dict[tuple[str, ...], set[str]]:
    """Every command by its words, with the options it takes."""
    found: dict[tuple[str, ...], set[str]] = {}

    def walk(command: Any, name: tuple[str, ...]) -> None:
        found[name] = {"--help"}.union(*([*each.opts, *each.secondary_opts] for each in command.params))
        for word, below in getattr(command, "commands", {}).items():
            walk(below, (*name, word))

    table: Any = get_command(app)
    context = click.Context(table)
    for command in COMMANDS:
        walk(table.get_command(context, command.name), (command.name,))
    return found


@pytest.mark.parametrize("path", PAGES, ids=str)
def test_a_generated_page_is_what_the_code_says(path: Path) -> None:
    assert (ROOT / path).read_text(encoding="utf-8") == PAGES[path](), f"{path} is stale: run `make docs`"


@pytest.mark.parametrize("page", MARKDOWN, ids=lambda page: str(page.relative_to(ROOT)))
def test_links_lead_somewhere(page: Path) -> None:
    for target in re.findall(r"\]\((?!https?:|#|mailto:)([^)#\s]+)", page.read_text(encoding="utf-8")):
        assert (page.parent / target).exists(), f"{page.relative_to(ROOT)} points to {target}, which is not there"


@pytest.mark.parametrize("page", MARKDOWN, ids=lambda page: str(page.relative_to(ROOT)))
def test_files_named_in_the_text_exist(page: Path) -> None:
    roots = "topics|records|detectors|alerts|streams|grafana|load_tests|tests"
    for target in re.findall(rf"`((?:{roots})/[\w/.-]+\.\w+)", page.read_text(encoding="utf-8")):
        assert (ROOT / target).exists(), f"{page.relative_to(ROOT)} speaks of {target}, which is not there"


def test_every_page_and_picture_is_reached_from_the_readme() -> None:
    reached: set[Path] = set()
    left = [ROOT / "README.md"]
    while left:
        path = left.pop()
        if path in reached:
            continue
        reached.add(path)
        if path.is_dir():
            left.append(path / "README.md")
        elif path.suffix == ".md":
            targets = re.findall(r"\]\((?!https?:|#|mailto:)([^)#\s]+)", path.read_text(encoding="utf-8"))
            left += [(path.parent / target).resolve() for target in targets]
    kept = {path for path in ROOT.glob("docs/**/*") if path.suffix in {".md", ".png", ".ipynb"}}
    assert not sorted(str(path.relative_to(ROOT)) for path in (kept | set(MARKDOWN)) - reached)


@pytest.mark.parametrize("page", MARKDOWN, ids=lambda page: str(page.relative_to(ROOT)))
def test_commands_in_the_text_are_there_with_their_options(page: Path) -> None:
    known = _commands()
    text = page.read_text(encoding="utf-8").replace("\\\n", " ")
    for said in re.findall(r"(?:`|^ *|\$ |bin/)citybrain ([^`\n|]+)", text, re.MULTILINE):
        words: list[str] = said.split(" #")[0].split()
        name: tuple[str, ...] = ()
        while words[len(name) :] and (*name, words[len(name)]) in known:
            name = (*name, words[len(name)])
        assert name, f"{page.relative_to(ROOT)}: no command `citybrain {said}`"
        below = {option for other, options in known.items() if other[: len(name)] == name for option in options}
        group = any(other[: len(name)] == name != other for other in known)
        rest = words[len(name)] if group and words[len(name) :] else ""
        assert not re.fullmatch(r"[a-z][a-z0-9-]*", rest), f"{page.relative_to(ROOT)}: no command `citybrain {said}`"
        unknown = {word.partition("=")[0] for word in words if re.match("--[a-z]", word)} - below
        assert not unknown, f"{page.relative_to(ROOT)}: `citybrain {said}` takes no {unknown}"


def test_the_readme_opens_with_the_wall_and_the_two_commands() -> None:
    head = (ROOT / "README.md").read_text(encoding="utf-8")[:1500]
    assert re.search(r"!\[[^\]]+\]\(docs/pictures/[\w.-]+\.png\)", head)
    assert "make demo" in head
    assert "make test" in head
