"""The generated pages of docs/: lists of what there is, written from the code so that they cannot go stale.

``make docs`` writes them; tests/test_docs.py fails when one is not what the code says.
"""

from collections.abc import Callable
from pathlib import Path

import typer

from streams.__main__ import COMMANDS
from streams.api_reference import PAGE as OPENAPI
from streams.api_reference import openapi_page
from streams.chart_files import chart_files
from streams.detector_reference import detectors_page
from streams.metric_table import metrics_page
from streams.permission_reference import permissions_page
from streams.settings import PREFIX, SETTINGS
from streams.topic_reference import topic_pages
from streams.worker_metrics import flink_page

Page = Callable[[], str]


def settings_page() -> str:
    """docs/settings.md: the one table of settings."""
    lines = [
        "# Settings",
        "",
        "One table (`streams/settings_table.py`). A command's own option comes before the environment, the environment",
        "before the default. Units stand in the names.",
        "",
        "| environment | default | meaning |",
        "|---|---|---|",
    ]
    for setting in SETTINGS:
        default = "(none)" if setting.default == "" else f"`{setting.default}`"
        secret = " Never printed." if setting.secret else ""
        lines.append(f"| `{setting.variable}` | {default} | {setting.help}.{secret} |")
    return "\n".join([*lines, "", f"`JAVA_HOME` is honoured where `{PREFIX}JAVA_HOME` is empty.", ""])


def commands_page() -> str:
    """docs/commands.md: every command with its sub-commands."""
    lines = [
        "# Commands",
        "",
        "Every command takes `--help`. With `--json` it prints one JSON object on standard output and nothing else",
        "there. Exit status: 0 done, 1 the thing asked about is bad, 2 wrong use or a missing part.",
        "",
        "| command | what for |",
        "|---|---|",
    ]
    for command in COMMANDS:
        lines.append(f"| `citybrain {command.name}` | {command.help} |")
        loaded = command.load()
        if isinstance(loaded, typer.Typer):
            for sub in loaded.registered_commands:
                name = sub.name or (sub.callback.__name__ if sub.callback else "").replace("_", "-")
                text = sub.help or ((sub.callback.__doc__ or "") if sub.callback else "")
                first = text.strip().split("\n")[0]
                lines.append(f"| `citybrain {command.name} {name}` | {first} |")
    return "\n".join([*lines, ""])


PAGES: dict[Path, Page] = {
    Path("docs/settings.md"): settings_page,
    Path("docs/commands.md"): commands_page,
    Path("docs/metrics.md"): lambda: metrics_page() + flink_page(),
    Path("docs/detector-table.md"): detectors_page,
    OPENAPI: openapi_page,
    Path("docs/permissions.md"): permissions_page,
    **topic_pages(),
    **chart_files(),
}
