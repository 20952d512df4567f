"""Formal judgements of hours and days, as the law judges them: pure, in event time, revised by whatever comes later.

``book.py`` is the way in. Early warnings on live values are the limit detector's; what stands here is the second
tier: the valid hour or day mean against the limit in force at its time.
"""
