"""How a refusal is said: one sentence, in the reader's language, or in both where nobody has chosen."""

from topics.finding import Text


def in_language(language: str | None, text: Text) -> str:
    """In the language the pages remember, in both where nobody has chosen."""
    return {"zh": text.zh, "en": text.en}.get(language or "", f"{text.zh} / {text.en}")
