"""What the alert server needs for declarations: the desk with its rules, the reader of gate and yard, the publisher."""

from alerts.declarations.box import BoxSteps
from alerts.declarations.desk import Declarations
from streams.declaration_reader import DeclarationReader
from streams.declaration_words import DeclarationWords
from streams.declaring import DeclarationRules
from streams.server_parts import Ground, ServerParts, Work


class DeclarationParts(ServerParts):
    """``desk`` is for the interface; what it decides goes out as words."""

    def __init__(self, ground: Ground) -> None:
        self.desk = Declarations(ground.store, ground.city, ground.wall_ms, DeclarationRules())
        self._reader = DeclarationReader(ground.connection, ground.city, BoxSteps(self.desk), prefix=ground.prefix)
        self._words = DeclarationWords(ground.store, ground.put, ground.wall_ms, prefix=ground.prefix)

    def run(self) -> tuple[Work, ...]:
        """The reader of gate and yard, and the publisher."""
        return self._reader.run(), self._words.run()

    def on_time(self) -> None:
        """Deadlines of declarations."""
        self.desk.on_time()
