"""A notebook of docs/ played from its first cell to its last, as a reader would, and what its cells say."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import nbformat
import pytest
from nbclient import NotebookClient

ROOT = Path(__file__).parent.parent.parent
FOLDER = ROOT / "docs" / "notebooks"
#: Those that need no broker, and the one that does.
ALONE = ("own-detector.ipynb", "tune-a-pack.ipynb")
TOPICS = "topics-in-pandas.ipynb"


def kept(name: str) -> Any:
    """The notebook as it stands in docs/, outputs and all."""
    return nbformat.read(FOLDER / name, as_version=4)  # type: ignore[no-untyped-call]


def played(name: str, scratch: Path, parameters: Mapping[str, str] | None = None) -> Any:
    """The notebook with fresh outputs; ``parameters`` are assigned where its cell tagged ``parameters`` has been.

    Raises ``nbclient.exceptions.CellExecutionError`` where a cell fails. Jupyter's own files go to ``scratch``.
    """
    notebook = kept(name)
    tagged = [cell for cell in notebook.cells if "parameters" in cell.metadata.get("tags", ())]
    assert bool(parameters) == bool(tagged), f"{name}: expected parameters for {len(tagged)} cells, got {parameters}"
    sources = [cell.source for cell in tagged]
    for cell in tagged:
        cell.source += "\n" + "\n".join(f"{key} = {value!r}" for key, value in (parameters or {}).items())
    with pytest.MonkeyPatch.context() as patch:
        for variable in ("JUPYTER_RUNTIME_DIR", "JUPYTER_DATA_DIR", "JUPYTER_CONFIG_DIR", "IPYTHONDIR"):
            patch.setenv(variable, str(scratch / variable.lower()))
        client = NotebookClient(notebook, timeout=None, kernel_name="python3", record_timing=False)
        client.execute(cwd=str(FOLDER))
    for cell, source in zip(tagged, sources, strict=True):
        cell.source = source
    return notebook


def said(notebook: Any) -> list[str]:
    """What each cell of code shows, as text."""
    return [
        "".join(out.get("text") or out["data"]["text/plain"] for out in cell.outputs)
        for cell in notebook.cells
        if cell.cell_type == "code"
    ]
