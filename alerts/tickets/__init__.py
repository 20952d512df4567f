"""Supervision tickets at the desk: issued by judgements or by hand, answered with attachments, reviewed, closed."""
