"""Fetches as lists of the client's own records, made batch by batch in C and not record by record in Python.

aiokafka wraps each record in an object of eleven fields before it hands it over, which costs as much as decoding
the message does. The readings path needs four of the fields, and the record under the wrapping has them. What is
done here reaches into the client (0.14, pinned); ``tests/streams/test_whole_batches.py`` holds that the same
records come as without it, over transactions, gaps and seeks.
"""

from collections import OrderedDict
from functools import partial
from typing import Any

from aiokafka.consumer.fetcher import FetchResult, PartitionRecords

#: More than any fetch holds.
ALL = 1 << 60


def take_whole_batches(consumer: Any) -> None:
    """Have ``getmany`` of a started consumer that reads uncommitted give records without topic and partition."""
    consumer._fetcher._records = _Fetched()


class _Fetched(OrderedDict[Any, Any]):
    """The fetcher's results by partition; each is changed as it comes in."""

    def __setitem__(self, place: Any, result: Any) -> None:
        if isinstance(result, FetchResult):
            result._partition_records.__class__ = _Batches
            result.getall = partial(_getall, result)
        super().__setitem__(place, result)


class _Batches(PartitionRecords):  # type: ignore[misc]  # aiokafka ships no types
    """What is left of one partition's fetch: batches not yet opened, and records of the last that was."""

    next_fetch_offset: int
    _left: list[Any] | None = None
    _end = 0

    @property
    def empty(self) -> bool:
        return not self._left and not self._records.has_next()

    def take(self, most: int) -> list[Any]:
        """At most so many records; ``next_fetch_offset`` is then the offset of the one behind them."""
        taken, self._left = self._left or [], None
        while len(taken) < most and self._records.has_next():
            batch = self._records.next_batch()
            if batch.is_control_batch:
                pass  # the end of a transaction, which is no record
            elif batch.base_offset >= self.next_fetch_offset:
                taken += batch
            else:  # the fetch was asked for from within it
                taken += [record for record in batch if record.offset >= self.next_fetch_offset]
            self._end = batch.next_offset
        if len(taken) > most:
            self._left = taken[most:]
            del taken[most:]
        self.next_fetch_offset = self._left[0].offset if self._left else max(self._end, self.next_fetch_offset)
        return taken


def _getall(result: Any, max_records: int | None = None) -> list[Any]:
    """In place of ``FetchResult.getall``."""
    if not result.check_assignment(result._topic_partition) or not result.has_more():
        return []
    batches = result._partition_records
    taken: list[Any] = batches.take(ALL if max_records is None else max_records)
    result._update_position()
    if batches.empty:
        result._partition_records = None
    return taken
