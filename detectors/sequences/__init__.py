"""Events whose order or absence is a finding: pure matching over happenings in event time. No I/O, no clock."""
