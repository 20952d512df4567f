"""Documents are true: generated pages are what the code says, tables are complete, links lead somewhere."""

import re
from pathlib import Path

import pytest

from streams.reference import PAGES

ROOT = Path(__file__).parent.parent
MARKDOWN = sorted(path for path in (*ROOT.glob("*.md"), *ROOT.glob("docs/**/*.md")))


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


def test_the_readme_opens_with_the_wall_and_the_two_commands() -> None:
    head = (ROOT / "README.md").read_text(encoding="utf-8")[:1500]
    assert re.search(r"!\[[^\]]+\]\(docs/pictures/[\w.-]+\.png\)", head)
    assert "make demo" in head
    assert "make test" in head
