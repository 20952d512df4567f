"""The pages' words: gettext catalogues read with Babel at start, so no compiled file can be out of date."""

from dataclasses import dataclass
from pathlib import Path

from babel.messages.pofile import read_po

#: Languages of the desk; the first is what a browser gets that never chose.
LANGUAGES = ("zh", "en")
DEFAULT_LANGUAGE = LANGUAGES[0]
FOLDER = Path(__file__).parent.parent / "locale"


@dataclass(frozen=True, slots=True)
class Catalogue:
    """All words of one language: the English sentence in the source stands for its translation."""

    language: str
    messages: dict[str, str]

    def text(self, source: str) -> str:
        """The translation of ``source``; the source itself where the catalogue lacks it (a test forbids that)."""
        return self.messages.get(source, source)


def read_catalogue(language: str, folder: Path = FOLDER) -> Catalogue:
    """Read ``<folder>/<language>/pages.po``. Raises ``OSError`` or Babel's ``PoFileError`` where it is broken."""
    with (folder / language / "pages.po").open("rb") as file:
        catalogue = read_po(file, locale=language, abort_invalid=True)
    return Catalogue(
        language,
        {str(message.id): str(message.string) for message in catalogue if message.id and message.string},
    )


def choose_language(asked: str | None, remembered: str | None) -> str:
    """What the address asks for, else what the browser remembers, else the default; unknown ones are ignored."""
    for each in (asked, remembered):
        if each in LANGUAGES:
            return each
    return DEFAULT_LANGUAGE
