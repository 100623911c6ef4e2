"""The web entrance: its parts and screens."""
