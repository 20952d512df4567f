"""Formal judgements at the desk: all versions kept, marks, statistics of a month, and the evidence of one period."""
