"""Models of customers: each a pure function `model(data, *, options) -> frozen result`."""
