"""What a notice says to its holder, and the holder's receipt: signed by the word in the notice, without an account."""

from typing import Any

import msgspec
import sqlalchemy as sa

from alerts.custody.desk import Recalls
from alerts.custody.notices import STOPPED, Notice, by_token, last_told, read, revive, sign_alone
from records.recall_events import Notified, Signed, Withdrawn
from records.refused import Refused
from topics.finding import Text

WHAT_TO_DO = {
    "notified": Text(
        "立即停止销售和使用下列货物，就地封存，签收本通知，并报告持有、找回和销毁的数量。",
        "Stop selling and using these goods at once, keep them where they are, sign for this notice, and report how "
        "much you hold, found and destroyed.",
    ),
    "withdrawn": Text(
        "经更正，下列货物不再属于本次召回。", "By a correction these goods are no longer part of the recall."
    ),
}


class Message(msgspec.Struct, frozen=True):
    """What a holder gets, as JSON. Times are city time, ms UTC. ``acknowledge`` is the page on which a person signs,
    ``acknowledge_api`` takes a program's POST of ``{"who": "…"}``; both are empty where this server has no public
    address.
    """

    notice: str
    kind: str
    recall: str
    level: str
    opened: int
    time: int
    reason: Text
    holder: str
    title: Text
    elements: tuple[str, ...]
    what_to_do: Text
    acknowledge: str = ""
    acknowledge_api: str = ""
    simulated: bool = False
    schema: int = 1


def message_of(recalls: Recalls, notice: Notice, public_url: str = "") -> Message:
    """The message of a notice; equal notices give equal messages. Raises ``LookupError`` for no such recall."""
    opened, said = recalls.said(notice.recall, notice.number)
    assert isinstance(said, Notified | Withdrawn)  # a notice's number is that of the event that says it
    page = f"{public_url}/recall-receipt?notice={notice.token}" if public_url else ""
    program = f"{public_url}/api/public/recall-receipts/{notice.token}" if public_url else ""
    return Message(
        notice.identifier, notice.kind, notice.recall, opened.level, opened.time, said.time,
        opened.text, notice.holder, recalls.city.site_title(notice.holder), said.elements,
        WHAT_TO_DO[notice.kind], page, program, recalls.city.simulated,
    )  # fmt: skip


class Receipts:
    """Receipts of the notices of ``recalls``."""

    def __init__(self, recalls: Recalls) -> None:
        self.recalls = recalls

    def view(self, token: str) -> dict[str, Any]:
        """The notice that this word signs for, and who has signed. Raises ``LookupError`` where there is none."""
        row = self._row(token)
        said: dict[str, Any] = msgspec.to_builtins(message_of(self.recalls, read(row)))
        return said | {"signed": row.signed, "signed_by": row.signed_by}

    def sign(self, token: str, who: str) -> dict[str, Any]:
        """Sign for a notice; a second time changes nothing. Where the holder has been told more since, it has signed
        for this notice alone and still owes the others. Raises ``LookupError`` where there is no such notice.
        """

        def work(connection: sa.Connection) -> None:
            row = by_token(connection, token)
            if row is None or row.signed is not None:
                return
            notice, now = read(row), self.recalls.city.time
            if last_told(connection, notice.recall, notice.holder) == notice.number:
                try:
                    self.recalls.add(connection, notice.recall, Signed(now, notice.holder, who))
                    return
                except Refused:  # the recall is over; the receipt is kept all the same
                    pass
            sign_alone(connection, notice, now, who)

        self.recalls.write(self._row(token).recall_id, work)
        return self.view(token)

    def send_again(self, recall: str, number: int) -> bool:
        """Send a notice again that was given up; false where there is none."""
        return self.recalls.store.write(lambda connection: revive(connection, STOPPED, recall, number)) == 1

    def _row(self, token: str) -> sa.Row[Any]:
        with self.recalls.store.read() as connection:
            row = by_token(connection, token)
        if row is None:
            raise LookupError("no notice by this word")
        return row
