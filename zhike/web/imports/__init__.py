"""Bringing files in and taking lists out, as screens, through the registry: entrances know nothing of each other."""
