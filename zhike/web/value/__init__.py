"""Customer value: pyramid, map, moves between tiers, the customers behind each figure, and where purchases come in."""
