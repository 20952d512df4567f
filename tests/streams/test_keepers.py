"""The contract of judges beside the worker: each is in the table, and its findings are nobody else's."""

import importlib
import inspect
import pkgutil
from typing import Any

import pytest

import streams
from detectors.registry import DETECTORS
from streams.commands import __name__ as commands
from streams.keeper import Keeper
from streams.keepers import KEEPERS, told_beside


def _members(kind: type[Any]) -> set[type[Any]]:
    below: list[type[Any]] = kind.__subclasses__()
    return set(below).union(*(_members(each) for each in below))


def test_every_judge_is_in_the_table() -> None:
    for module in pkgutil.iter_modules(streams.__path__):
        if module.name.endswith("_keeper"):
            importlib.import_module(f"streams.{module.name}")
    ours = {each for each in _members(Keeper) if each.__module__.startswith("streams.")}
    assert {each for each in ours if not inspect.isabstract(each)} == set(KEEPERS.values())


@pytest.mark.parametrize("name", KEEPERS)
def test_a_judge_has_a_command_and_rules_of_its_own(name: str) -> None:
    importlib.import_module(f"{commands}.{name.replace('-', '_')}")
    mine = KEEPERS[name].rules
    assert mine
    others = [rule for other, keeper in KEEPERS.items() if other != name for rule in keeper.rules]
    assert not [rule for rule in mine for other in others if rule.startswith(other)]


def test_what_the_worker_finds_is_not_told_beside_it() -> None:
    assert not [name for name in DETECTORS if told_beside(name)]
    assert told_beside("unit-vote") and told_beside("formal-hour") and told_beside("integrity/mass_balance")
