"""Screens of this part of the entrance."""
