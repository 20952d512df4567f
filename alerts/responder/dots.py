"""The stacks of a card's sketch."""

from collections.abc import Mapping

import numpy as np
from numpy.typing import NDArray

from alerts.responder.card import Dot
from records.goods_lines import Lines
from records.responder_card import RINGS_M
from topics.goods import GoodsEntry


def dots(lines: Lines, at: NDArray[np.float64], goods: Mapping[str, GoodsEntry]) -> tuple[Dot, ...]:
    """One dot for each stack within the widest ring; it must not be wetted if anything in it must not."""
    dry = np.array([(entry := goods.get(un)) is not None and entry.no_water for un in lines.words["un"].words], bool)
    wet = np.zeros(len(lines.boxes), bool)
    wet[lines.columns["box"][dry[lines.columns["un"]]]] = True
    within = np.hypot(at[:, 0], at[:, 1]) <= RINGS_M[-1]
    stacks, of = np.unique(at[within] @ (1, 1j), return_inverse=True)  # in order, east before north
    water = np.bincount(of, wet[within], len(stacks)) > 0
    found = zip(stacks.real.round(1).tolist(), stacks.imag.round(1).tolist(), water.tolist(), strict=True)
    return tuple(Dot(*each) for each in found)
