"""The ledger: what is owed to whom and every try of it, and the hash chain that makes all of the log tamper-evident."""

from alerts.ledger.deliveries import Due, Ledger, Tried

__all__ = ["Due", "Ledger", "Tried"]
