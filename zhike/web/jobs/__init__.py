"""Background work as people see it."""
