"""Nothing acknowledged is lost, nothing happens twice, nobody overwrites anybody silently."""
