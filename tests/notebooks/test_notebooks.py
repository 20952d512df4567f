"""The notebooks of docs/ run, say what they are kept with, and name no machine."""

import re
from pathlib import Path

import pytest

from tests.notebooks.played import ALONE, FOLDER, TOPICS, kept, played, said
from tests.notebooks.small_topics import laid_out

#: How the outputs are written anew.
AGAIN = "run `make notebooks` and look at what changed"


def test_every_notebook_is_played_by_one_of_these_tests() -> None:
    assert {path.name for path in FOLDER.glob("*.ipynb")} == {*ALONE, TOPICS}


@pytest.mark.parametrize("name", ALONE)
def test_a_notebook_says_what_it_is_kept_with(name: str, tmp_path: Path) -> None:
    assert said(played(name, tmp_path)) == said(kept(name)), AGAIN


@pytest.mark.kafka
def test_the_one_that_reads_topics_says_what_it_is_kept_with(kafka: str, tmp_path: Path) -> None:
    assert said(played(TOPICS, tmp_path, laid_out(kafka))) == said(kept(TOPICS)), AGAIN


@pytest.mark.parametrize("name", [*ALONE, TOPICS])
def test_outputs_are_kept_and_name_no_machine(name: str) -> None:
    notebook = kept(name)
    code = [cell for cell in notebook.cells if cell.cell_type == "code"]
    assert all(cell.execution_count for cell in code) and any(said(notebook))
    assert not re.search(r"/(work|home|root|tmp|usr)/|n[0-9a-f]{10}-", "".join(said(notebook)))
    assert not [out for cell in code for out in cell.outputs if out.get("name") == "stderr"]
