"""What is odd: detectors, rules and the kernel that runs them. Pure: no I/O, no clock, no thread."""
