"""What is done so that the worst alarms keep their lane while a flood lasts, and nothing of the rest is lost."""
