"""A score against its own past, counted in steps, against counting one by one; and alerts that are news."""

import doctest
import math

import numpy as np

from detectors import conformal, cool_down
from detectors.conformal import OwnPast
from detectors.cool_down import CoolDown


def test_the_examples_in_the_text_are_true() -> None:
    assert doctest.testmod(conformal).failed == 0
    assert doctest.testmod(cool_down).failed == 0


def test_it_counts_what_came_before_and_nothing_after() -> None:
    noise = np.random.default_rng(2)
    scores = np.exp(noise.standard_normal((400, 2)))
    scores[noise.random((400, 2)) < 0.1] = np.nan
    past = OwnPast(2)
    for tick, score in enumerate(scores):
        got = past.rarity(score)
        for line in range(2):
            mine = score[line]
            if math.isnan(mine):
                assert math.isnan(got[line])
                continue
            before = scores[:tick, line][~np.isnan(scores[:tick, line])]
            # A step is less than 1 % wide, and all of a step count as being as high.
            most, least = (before >= mine * 0.99).sum(), (before >= mine).sum()
            assert -math.log10((most + 1) / (len(before) + 1)) <= got[line] + 1e-12
            assert got[line] <= -math.log10((least + 1) / (len(before) + 1)) + 1e-12
        past.add(score)


def test_a_lone_past_cannot_call_anything_rarer_than_its_length() -> None:
    past = OwnPast(1)
    for _ in range(99):
        past.add(np.array([1.0]))
    assert past.rarity(np.array([1e30]))[0] == 2.0
    assert past.rarity(np.array([0.0]))[0] == 0.0


def test_one_episode_is_told_once_and_again_only_if_it_gets_worse() -> None:
    cool = CoolDown(1, rows=3)
    story = [0.1, 5.0, 4.0, 4.0, 6.0, 5.0, 5.0, 5.0, 5.0, 5.0]
    #                              worse, then three rows of silence, then it is told anew
    told = [float(cool.news(np.array([score]))[0]) for score in story]
    assert told == [0.1, 5.0, 0.0, 0.0, 6.0, 0.0, 0.0, 0.0, 5.0, 0.0]


def test_a_row_without_a_value_is_no_news_and_ends_no_cool_down() -> None:
    cool = CoolDown(1, rows=2)
    told = [float(cool.news(np.array([score]))[0]) for score in [5.0, math.nan, math.nan, math.nan, 1.0, 1.0]]
    assert told == [5.0, 0.0, 0.0, 0.0, 1.0, 0.0]
