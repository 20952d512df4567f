"""Declarations of dangerous goods at the desk: entered and checked, answered by authorities, followed to the gate."""
