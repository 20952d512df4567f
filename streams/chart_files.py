"""Files of the Helm chart that are written from the code: its topics, its rules, its dashboards."""

from collections.abc import Callable
from functools import partial
from pathlib import Path

import yaml

from grafana.render import RENDERED
from streams.packs import load_packs
from topics.catalog import catalog
from topics.declare import configs_of

FILES = Path("helm/citybrain/files")
RULES = RENDERED.parent / "rules" / "citybrain.yaml"


def topics_file() -> str:
    """The catalogue of the product's own packs, as Strimzi's KafkaTopic resources need it."""
    topics = [
        {"name": topic.name, "partitions": topic.partitions, "config": configs_of(topic)}
        for topic in catalog(load_packs())
    ]
    text: str = yaml.safe_dump({"topics": topics}, sort_keys=False)
    return "# Written from topics/catalog.py by `make docs`.\n" + text


def chart_files() -> dict[Path, Callable[[], str]]:
    """Path in the repository → what must stand there. A chart can read nothing outside itself, hence the copies."""
    walls = {FILES / "dashboards" / path.name: partial(path.read_text, "utf-8") for path in RENDERED.glob("*.json")}
    return {FILES / "topics.yaml": topics_file, FILES / "rules.yaml": partial(RULES.read_text, "utf-8"), **walls}
