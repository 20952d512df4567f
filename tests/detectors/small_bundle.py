"""Models of the trial domain, fitted from made-up features."""

import hashlib
from functools import cache

from detectors.fitting import fit
from tests.detectors.small_forest import features
from tests.detectors.small_pack import START


@cache
def models() -> bytes:
    return fit("trial", {"probe": features(9_000, 3)}, fitted_until=START)


MODELS_REF = f"trial@{hashlib.sha256(models()).hexdigest()}"
