"""How a refusal is said: one sentence, in the reader's language, or in both where nobody has chosen."""

from fastapi import HTTPException

from alerts.lifecycle import NotAllowed
from topics.finding import Text


def in_language(language: str | None, text: Text) -> str:
    """In the language the pages remember, in both where nobody has chosen."""
    return {"zh": text.zh, "en": text.en}.get(language or "", f"{text.zh} / {text.en}")


def not_allowed(language: str | None, error: NotAllowed) -> HTTPException:
    """409: the alarm's state does not take this action."""
    return HTTPException(409, in_language(language, error.text))
