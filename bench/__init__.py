"""Measurements as ratios: our time against a floor or a peer, on the same work in the same run."""
