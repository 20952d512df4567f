"""Signs of manipulated data: pure rules over days of one outlet. The table is `table.py`."""
