"""The suite: one file per behaviour, real databases, a small cast."""
