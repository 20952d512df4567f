"""Fitted models as plain arrays: what travels on the `models` topic, never pickled, always hashed and versioned."""

import dataclasses
import zlib
from collections.abc import Mapping
from typing import Any

import msgspec
import numpy as np

from detectors.calibration import FIRST, FUSED, STEPS, RarityTable
from detectors.forest import Forest
from detectors.groups.fitted import GroupModels, PlaceModel
from detectors.outlier_model import OutlierModel, Plan, library_version
from detectors.river_model import RiverPlan, river_version

SCHEMA_VERSION = 1

#: The largest bundle that is unpacked: a hundred classes with a forest each.
MOST_BYTES = 100_000_000


class Array(msgspec.Struct, frozen=True, array_like=True):
    """An array on the wire: numpy type, shape, bytes in C order."""

    kind: str
    shape: tuple[int, ...]
    body: bytes


class Outliers(msgspec.Struct, frozen=True):
    """The rows that taught an estimator of scikit-learn or river, as ``OutlierModel``."""

    estimator: str
    params: str
    arrays: dict[str, Array]


class Place(msgspec.Struct, frozen=True):
    """The model of one place's group of channels, as ``PlaceModel``."""

    name: str
    channels: tuple[str, ...]
    signature: str
    fitted_until: int
    arrays: dict[str, Array]
    limits: Array
    rows: int


class Bundle(msgspec.Struct, frozen=True):
    """One domain's models of one moment: the rarity table and a forest for each class that had enough rows, and the
    models of groups of channels by place with a rarity table for each group.

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
    outliers: dict[str, Outliers] = {}
    places: dict[str, Place] = {}
    group_rarity: dict[str, Array] = {}
    river_outliers: dict[str, Outliers] = {}
    #: Its version; empty where it is not installed.
    river: str = ""


class Models(msgspec.Struct, frozen=True):
    """A bundle unpacked for use; ``outliers`` by detector and class."""

    domain: str
    fitted_until: int
    table: Any
    forests: dict[str, Any]
    outliers: dict[str, dict[str, OutlierModel]] = {}
    groups: Any = GroupModels()


def packed(
    domain: str,
    fitted_until: int,
    table: RarityTable,
    forests: dict[str, Forest],
    outliers: Mapping[str, Mapping[str, OutlierModel]] | None = None,
    groups: GroupModels = GroupModels(),  # noqa: B008  # frozen
) -> bytes:
    """The bundle as bytes; equal models give equal bytes."""
    told = {
        name: {key: _outliers(each) for key, each in sorted(models.items())}
        for name, models in (outliers or {}).items()
    }
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
        library_version(),
        detectors=FUSED,
        outliers=told.get("sklearn_outlier", {}),
        places={subject: _place(each) for subject, each in sorted(groups.places.items())},
        group_rarity={name: _out(each) for name, each in sorted(groups.rarity.items())},
        river_outliers=told.get("river_outlier", {}),
        river=river_version(),
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
    forests = {name: _forest(each) for name, each in bundle.forests.items()}
    # Another version would make another estimator of the same rows: better none until the next fit.
    outliers = {
        "sklearn_outlier": _outlier_models(bundle.outliers, Plan, bundle.sklearn == library_version()),
        "river_outlier": _outlier_models(bundle.river_outliers, RiverPlan, bundle.river == river_version()),
    }
    return Models(bundle.domain, bundle.fitted_until, table, forests, outliers, _groups(bundle))


def _outliers(model: OutlierModel) -> Outliers:
    arrays = {key: _out(value) for key, value in model.arrays().items()}
    return Outliers(model.plan.estimator, model.plan.params, arrays)


def _outlier_models(told: dict[str, Outliers], kind: type[Plan], alike: bool) -> dict[str, OutlierModel]:
    return {name: _outlier_model(each, kind) for name, each in told.items() if alike}


def _outlier_model(told: Outliers, kind: type[Plan]) -> OutlierModel:
    if set(told.arrays) != set(OutlierModel.ARRAYS):
        raise ValueError(f"models: expected the arrays {OutlierModel.ARRAYS} of outliers, got {sorted(told.arrays)}")
    return OutlierModel(kind(told.estimator, told.params), **{key: _in(value) for key, value in told.arrays.items()})


def _place(model: PlaceModel) -> Place:
    arrays = {key: _out(value) for key, value in model.arrays.items()}
    return Place(
        model.name, model.channels, model.signature, model.fitted_until, arrays, _out(model.limits), model.rows
    )


def _groups(bundle: Bundle) -> GroupModels:
    places = {
        subject: PlaceModel(
            each.name, each.channels, each.signature, each.fitted_until,
            {key: _in(value) for key, value in each.arrays.items()}, _in(each.limits), each.rows,
        )
        for subject, each in bundle.places.items()
    }  # fmt: skip
    return GroupModels(places, {name: _in(each) for name, each in bundle.group_rarity.items()}).checked()


def _forest(arrays: dict[str, Array]) -> Forest:
    names = {each.name for each in dataclasses.fields(Forest)}
    if set(arrays) == names - {"beyond"}:  # from before it counted how far out a row lies
        arrays = arrays | {"beyond": _out(np.array([0.0, np.inf]))}
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
