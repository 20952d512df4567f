"""Play all notebooks of docs/ and keep their outputs there: run it after what they call has changed.

make notebooks
"""

import tempfile
from pathlib import Path

import nbformat

from tests.notebooks.played import ALONE, FOLDER, TOPICS, played
from tests.notebooks.small_topics import laid_out
from topics.broker import EmbeddedKafka


def main() -> None:
    """Write each notebook anew, the one of topics over a broker of its own."""
    with tempfile.TemporaryDirectory() as folder:
        scratch = Path(folder)
        for name in ALONE:
            nbformat.write(played(name, scratch), FOLDER / name)  # type: ignore[no-untyped-call]
        with EmbeddedKafka(scratch / "kafka") as broker:
            with_topics = played(TOPICS, scratch, laid_out(broker.bootstrap))
            nbformat.write(with_topics, FOLDER / TOPICS)  # type: ignore[no-untyped-call]


if __name__ == "__main__":
    main()
