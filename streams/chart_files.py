"""Files of the Helm chart that are written from the code: topics, rules, dashboards, what settings may be."""

import json
from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import Any

import yaml

from grafana.render import RENDERED
from streams.packs import load_packs
from streams.setting import Setting
from streams.settings import SETTINGS
from topics.catalog import catalog
from topics.declare import configs_of

FILES = Path("helm/citybrain/files")
SCHEMA = FILES.parent / "values.schema.json"
RULES = RENDERED.parent / "rules" / "citybrain.yaml"


def topics_file() -> str:
    """The catalogue of the product's own packs, as Strimzi's KafkaTopic resources need it."""
    topics = [
        {"name": topic.name, "partitions": topic.partitions, "config": configs_of(topic)}
        for topic in catalog(load_packs())
    ]
    text: str = yaml.safe_dump({"topics": topics}, sort_keys=False)
    return "# Written from topics/catalog.py by `make docs`.\n" + text


#: Words of a setting that commands take in other ways too, in small letters say; a chart is to be plain.
CHOICES = {"log_level": ("DEBUG", "INFO", "WARNING", "ERROR")}
#: Bounds of a number that the table leaves open.
OPEN = (0, 1_000_000)
KINDS = {bool: "boolean", int: "integer", float: "number", str: "string"}


def values_schema() -> str:
    """The chart's schema as it stands, with kind, bounds and meaning of each setting that it offers by name."""
    schema = json.loads((RENDERED.parents[1] / SCHEMA).read_text(encoding="utf-8"))
    rows = {setting.name: setting for setting in SETTINGS}
    offered = schema["properties"]["settings"]
    offered["properties"] = {name: _shape(rows[name]) for name in offered["propertyNames"]["enum"]}
    return json.dumps(schema, indent=2, ensure_ascii=False) + "\n"


def _shape(setting: Setting) -> dict[str, Any]:
    kind = KINDS[type(setting.default)]
    shape: dict[str, Any] = {"type": kind, "description": setting.help[0].upper() + setting.help[1:] + "."}
    if choices := setting.choices or CHOICES.get(setting.name, ()):
        shape["enum"] = list(choices)
    elif kind == "string":
        shape["pattern"] = "^[^\\x00-\\x1f]*$"
    elif kind != "boolean":
        least, most = setting.between or OPEN
        shape |= {"minimum": least, "maximum": min(most, OPEN[1])}
    return shape


def chart_files() -> dict[Path, Callable[[], str]]:
    """Path in the repository → what must stand there. A chart can read nothing outside itself, hence the copies."""
    walls = {FILES / "dashboards" / path.name: partial(path.read_text, "utf-8") for path in RENDERED.glob("*.json")}
    written = {FILES / "topics.yaml": topics_file, SCHEMA: values_schema}
    return {**written, FILES / "rules.yaml": partial(RULES.read_text, "utf-8"), **walls}
