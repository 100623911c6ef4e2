"""Signing in: the way in, the second factor, one's own sessions."""
