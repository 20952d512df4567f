"""The embedded Kafka for a few minutes of tests: a real broker that compiles less, and gives up its dead sooner."""

from pathlib import Path
from typing import Any

from topics.broker import EmbeddedKafka


class BriefKafka(EmbeddedKafka):
    """As ``EmbeddedKafka``; over some minutes it takes half of its processor time. ``settings`` are lines of Kafka's
    own configuration.
    """

    start_within_s = 200.0  # whoever waits has nothing else to do, and all tests fail with it

    def __init__(self, folder: Path, settings: str = "", **more: Any) -> None:
        super().__init__(folder, **more)
        self.settings = settings

    def _command(self, java: Path, class_path: str) -> list[str]:
        # What the second compiler costs comes back after an hour. Of two equal options Java heeds the last.
        program, *words = super()._command(java, class_path)
        return [program, *words[:-2], "-XX:TieredStopAtLevel=1", *words[-2:]]

    def _write_config(self) -> Path:
        config = super()._write_config()
        config.write_text(f"{config.read_text()}{self.settings}\n")
        return config
