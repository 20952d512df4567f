"""HJ 212, the protocol of key pollution sources' automatic monitoring: 2005, 2017 and plain 2025 frames."""
