"""Carriage of goods by road and ship: where carriers may go, what they may, who holds what. Pure."""
