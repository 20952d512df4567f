"""What a record's state does not allow: one error for accidents, tickets, recalls, declarations and alarms."""

from topics.finding import Text


class Refused(ValueError):
    """An act that the state of what it is about does not allow; ``text`` says why, in one sentence of each language.

    The interface answers it with status 409 in the reader's language (alerts/errors_api.py), wherever it rises.
    """

    def __init__(self, text: Text) -> None:
        super().__init__(text.en)
        self.text = text
