"""The first screen: what waits for me, whom I looked after last, what needs care."""
