"""Fitted models as plain arrays: what travels on the `models` topic, never pickled, always hashed and versioned."""

import dataclasses
import importlib.metadata
import zlib
from typing import Any

import msgspec
import numpy as np

from detectors.calibration import FIRST, FUSED, STEPS, RarityTable
from detectors.forest import Forest

SCHEMA_VERSION = 1

#: The largest bundle that is unpacked: a hundred classes with a forest each.
MOST_BYTES = 100_000_000


class Array(msgspec.Struct, frozen=True, array_like=True):
    """An array on the wire: numpy type, shape, bytes in C order."""

    kind: str
    shape: tuple[int, ...]
    body: bytes


class Bundle(msgspec.Struct, frozen=True):
    """One domain's models of one moment: the rarity table and a forest for each class that had enough rows.

    ``fitted_until`` is the event time (ms UTC) of the last row that taught it.
    """

    domain: str
    fitted_until: int
    classes: tuple[str, ...]
    known: tuple[bool, ...]
    parts: Array
    fused: Array
    forests: dict[str, dict[str, Array]]
    numpy: str
    sklearn: str
    schema: int = SCHEMA_VERSION
    #: The detectors of ``parts``, in its order; bundles from before there were more of them do not say.
    detectors: tuple[str, ...] = FIRST


class Models(msgspec.Struct, frozen=True):
    """A bundle unpacked for use."""

    domain: str
    fitted_until: int
    table: Any
    forests: dict[str, Any]


def packed(domain: str, fitted_until: int, table: RarityTable, forests: dict[str, Forest]) -> bytes:
    """The bundle as bytes; equal models give equal bytes."""
    bundle = Bundle(
        domain,
        fitted_until,
        table.classes,
        tuple(bool(each) for each in table.known),
        _out(table.parts),
        _out(table.fused),
        {
            name: {key: _out(value) for key, value in forest.arrays().items()}
            for name, forest in sorted(forests.items())
        },
        np.__version__,
        importlib.metadata.version("scikit-learn"),
        detectors=FUSED,
    )
    return zlib.compress(msgspec.msgpack.encode(bundle), 6)


def unpacked(body: bytes) -> Models:
    """A bundle for use. Raises ``ValueError`` naming what is wrong with it."""
    try:
        whole = zlib.decompressobj()
        # A bound, because a few bytes can be made to unpack to any size.
        bundle = msgspec.msgpack.decode(whole.decompress(body, MOST_BYTES), type=Bundle)
    except (zlib.error, msgspec.DecodeError, UnicodeDecodeError) as error:
        raise ValueError(f"models: expected a bundle, got {error}") from error
    known = np.array(bundle.known, np.bool_)
    told, count = _in(bundle.parts), len(bundle.classes)
    expected = (count, len(bundle.detectors), STEPS)
    table = RarityTable(bundle.classes, np.full((count, len(FUSED), STEPS), np.nan), _in(bundle.fused), known)
    if told.shape != expected or table.fused.shape != (count, STEPS) or len(known) != count or not count:
        raise ValueError(f"models: expected rarity tables of shape {expected}, got {told.shape}")
    for place, name in enumerate(bundle.detectors):
        if name in FUSED:  # one that is gone has no say any more
            table.parts[:, FUSED.index(name)] = told[:, place]
    return Models(
        bundle.domain, bundle.fitted_until, table, {name: _forest(each) for name, each in bundle.forests.items()}
    )


def _forest(arrays: dict[str, Array]) -> Forest:
    names = {each.name for each in dataclasses.fields(Forest)}
    if set(arrays) != names:
        raise ValueError(f"models: expected the arrays {sorted(names)} of a forest, got {sorted(arrays)}")
    return Forest(**{key: _in(value) for key, value in arrays.items()}).checked()


def _out(array: Any) -> Array:
    whole = np.ascontiguousarray(array)
    return Array(whole.dtype.str, whole.shape, whole.tobytes())


def _in(array: Array) -> Any:
    if array.kind not in ("<f8", "<i8"):
        raise ValueError(f"models: expected numbers of 8 bytes, got type {array.kind!r}")
    return np.frombuffer(array.body, np.dtype(array.kind)).reshape(array.shape)
