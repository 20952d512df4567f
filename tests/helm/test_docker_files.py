"""Dockerfile and compose.yaml are in step with the packages, the parts and the settings. They are read, not built."""

import re
import tomllib

import yaml

from streams.__main__ import COMMANDS
from streams.settings import SETTINGS
from tests.helm.conftest import ROOT

DOCKERFILE = (ROOT / "Dockerfile").read_text(encoding="utf-8")
COMPOSE = yaml.safe_load((ROOT / "compose.yaml").read_text(encoding="utf-8"))


def test_every_package_is_copied_and_nothing_hides_it() -> None:
    wheel = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["tool"]["hatch"]["build"]["targets"]
    packages = set(wheel["wheel"]["packages"])
    assert set(re.findall(r"^COPY (\w+) \1$", DOCKERFILE, re.M)) == packages
    let_in = set(re.findall(r"^!(\S+)$", (ROOT / ".dockerignore").read_text(encoding="utf-8"), re.M))
    assert packages | {"pyproject.toml", "constraints.txt", "README.md"} == let_in


def test_images_are_pinned_and_the_last_word_is_not_root() -> None:
    bases = re.findall(r"^FROM (\S+)", DOCKERFILE, re.M)
    assert len(bases) == 2
    images = [*bases, *(each["image"] for each in COMPOSE["services"].values())]
    assert all(re.search(r":\d+\.\d+", image) for image in images), images
    assert re.findall(r"^USER (\S+)$", DOCKERFILE, re.M)[-1] == "10001:10001"


def test_all_parts_of_one_machine_run_as_commands_of_ours() -> None:
    ours = {name: each for name, each in COMPOSE["services"].items() if each["image"].startswith("citybrain:")}
    commands = {command.name for command in COMMANDS}
    assert {each["command"][0] for each in ours.values()} <= commands
    up = (ROOT / "streams" / "commands" / "up.py").read_text(encoding="utf-8")
    line = re.search(r"names = \(([^)]*)\)", up)
    assert line is not None
    assert set(re.findall(r'"([\w-]+)"', line[1])) <= set(ours)
    known = {setting.variable for setting in SETTINGS}
    for name, each in ours.items():
        assert set(each["environment"]) <= known, name
        assert each["read_only"], name
