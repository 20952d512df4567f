"""The one error tree.

CityBrainError                 who, what was required, what came, where
├── ConfigurationError         a file, setting or pack that cannot be used (exit status 2)
├── PartMissing                a program or port the machine does not have (exit status 2)
├── NotKept                    a message that neither the broker nor the spool has taken; retriable
└── DeliveryError              a warning that did not reach its recipient; ``retriable`` says whether to try again
"""


class CityBrainError(Exception):
    """Root of all errors a person may see; its text is one clear sentence."""

    exit_status = 1
    retriable = False


class ConfigurationError(CityBrainError):
    """A file, setting or pack is wrong; the text names file, key, what was required and what was found."""

    exit_status = 2


class PartMissing(CityBrainError):
    """Something the machine should have is not there (Java, a free port, a broker that answers)."""

    exit_status = 2


class NotKept(CityBrainError):
    """A message was taken by neither broker nor spool; the sender must keep it and try again."""

    retriable = True


class DeliveryError(CityBrainError):
    """A warning did not reach its recipient; ``status`` is what was answered (HTTP or SMTP), ``retry_after_s`` how
    long the recipient asks to be left alone.
    """

    def __init__(
        self, message: str, *, retriable: bool, status: int | None = None, retry_after_s: float | None = None
    ) -> None:
        super().__init__(message)
        self.retriable = retriable
        self.status = status
        self.retry_after_s = retry_after_s
