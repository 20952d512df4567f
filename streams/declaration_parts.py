"""What the alert server needs for declarations: the desk with its rules, the reader of gate and yard, the publisher."""

from collections.abc import Awaitable, Callable, Coroutine
from typing import Any

from alerts.city import City
from alerts.declarations.box import BoxSteps
from alerts.declarations.desk import Declarations
from alerts.store import Store
from streams.declaration_reader import DeclarationReader
from streams.declaration_words import DeclarationWords
from streams.declaring import DeclarationRules
from topics.connection import KafkaConnection


class DeclarationParts:
    """``desk`` for the interface, ``run`` for the event loop; ``prefix`` stands before the names of topics."""

    def __init__(
        self,
        connection: KafkaConnection,
        store: Store,
        city: City,
        put: Callable[[str, bytes, bytes], Awaitable[object]],
        wall_ms: Callable[[], int],
        *,
        prefix: str = "",
    ) -> None:
        self.desk = Declarations(store, city, wall_ms, DeclarationRules())
        self.reader = DeclarationReader(connection, city, BoxSteps(self.desk), prefix=prefix)
        self.words = DeclarationWords(store, put, wall_ms, prefix=prefix)

    def run(self) -> tuple[Coroutine[Any, Any, None], ...]:
        """The work that goes on beside the interface, each until cancelled."""
        return self.reader.run(), self.words.run()
