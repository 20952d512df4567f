"""Fitted models as plain arrays: what travels on the `models` topic, never pickled, always hashed and versioned."""

from typing import Any

import msgspec
import numpy as np
import sklearn

from detectors.calibration import RarityTable
from detectors.isolation_forest import Forest

SCHEMA_VERSION = 1


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


class Models(msgspec.Struct, frozen=True):
    """A bundle unpacked for use."""

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
        str(sklearn.__version__),
    )
    return msgspec.msgpack.encode(bundle)


def unpacked(body: bytes) -> Models:
    """A bundle for use. Raises ``ValueError`` naming what is wrong with it."""
    try:
        bundle = msgspec.msgpack.decode(body, type=Bundle)
    except (msgspec.DecodeError, UnicodeDecodeError) as error:
        raise ValueError(f"models: expected a bundle, got {error}") from error
    table = RarityTable(bundle.classes, _in(bundle.parts), _in(bundle.fused), np.array(bundle.known, np.bool_))
    forests = {
        name: Forest(**{key: _in(value) for key, value in arrays.items()}) for name, arrays in bundle.forests.items()
    }
    return Models(bundle.fitted_until, table, forests)


def _out(array: Any) -> Array:
    whole = np.ascontiguousarray(array)
    return Array(whole.dtype.str, whole.shape, whole.tobytes())


def _in(array: Array) -> Any:
    if np.dtype(array.kind).hasobject:
        raise ValueError(f"models: expected numbers, got type {array.kind}")
    return np.frombuffer(array.body, np.dtype(array.kind)).reshape(array.shape)
