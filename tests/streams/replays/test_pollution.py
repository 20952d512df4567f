"""The generated month, at a tenth: kernel and oracle agree, and would not if either were wrong."""

import ast
import inspect

from detectors.rules.judgement.rules import rules_of
from streams.replays import pollution_oracle
from streams.replays.pollution import replay_month
from streams.replays.pollution_month import pollution_month
from topics.domain_file import load_domains

(RULES,) = [rules_of(domain) for domain in load_domains() if domain.name == "pollution"]


def test_kernel_and_oracle_agree_on_every_hour_and_day() -> None:
    result = replay_month(pollution_month(3, 2, 1, seed=11), RULES)
    assert result.differences == [] and result.kept
    assert result.marks > 0 and result.revised > 50 and result.periods > 200
    assert len(result.verdicts) > 6  # of all kinds, or nothing was tried


def test_another_truth_is_found_out() -> None:
    month = pollution_month(2, 1, 0, seed=3)
    (minutes,) = month.minutes.values()
    good = next(place for place in range(0, 2880, 60) if all(each.value for each in minutes[place : place + 60]))
    for minute in minutes[good : good + 60]:
        minute.value = (minute.value or 0.0) + 0.2
    result = replay_month(month, RULES)
    assert not result.kept and any("hour" in each for each in result.differences)


def test_the_oracle_knows_nothing_of_the_kernel() -> None:
    tree = ast.parse(inspect.getsource(pollution_oracle))
    modules = [node.module for node in ast.walk(tree) if isinstance(node, ast.ImportFrom)]
    assert modules == ["dataclasses"] and not any(isinstance(node, ast.Import) for node in ast.walk(tree))
