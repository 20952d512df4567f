"""The ways warnings leave the house: one explicit table. A domain pack names them in its routes' ``channels``."""

from collections.abc import Callable

from alerts.sinks.addresses import Addresses
from alerts.sinks.alertmanager import AlertmanagerSink
from alerts.sinks.base import Receipt, Sink
from alerts.sinks.cap import CapSink
from alerts.sinks.folder import FolderSink
from alerts.sinks.gbt35965 import Gbt35965Sink
from alerts.sinks.kafka import KafkaSink
from alerts.sinks.mail import EmailSink
from alerts.sinks.webhook import WebhookSink

__all__ = ["SINKS", "Addresses", "Receipt", "Sink", "open_sinks"]


#: A new channel is one line here, one file beside cap.py, and one set-up in tests/alerts/sinks/.
SINKS: dict[str, Callable[[Addresses], Sink]] = {
    "cap": lambda where: CapSink(where.bureau_url),
    "folder": lambda where: FolderSink(where.folder),
    "webhook": lambda where: WebhookSink(where.webhook_url, where.webhook_secret),
    "email": lambda where: EmailSink(
        where.smtp_url,
        where.email_from,
        where.email_to,
        username=where.smtp_username,
        password=where.smtp_password,
        mail_of=where.mail_of,
    ),
    "gbt35965": lambda where: Gbt35965Sink(where.gbt35965_url, where.gbt35965_sender, where.gb_names),
    "alertmanager": lambda where: AlertmanagerSink(where.alertmanager_url),
    "kafka": lambda where: KafkaSink(where.topic, where.publish),
}


def open_sinks(where: Addresses) -> dict[str, Sink]:
    """Every channel, ready to deliver. Raises ``ConfigurationError`` for an address that cannot be read."""
    return {name: make(where) for name, make in SINKS.items()}
