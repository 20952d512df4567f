"""First-station coding in the store: codes judged as custody events come, told, shown."""
