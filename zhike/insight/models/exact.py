"""Exact money in arrays: decimal(18,4) of Arrow as int64 counts of 1/10,000, and back."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt
import pyarrow as pa

Integers = npt.NDArray[np.int64]

EXACT = 10_000
MONEY = pa.decimal128(18, 4)


def counts(values: pa.ChunkedArray | pa.Array) -> Integers:
    """Decimals with four places as whole counts of 1/10,000. There must be no nulls."""
    chunks = values.chunks if isinstance(values, pa.ChunkedArray) else [values]
    return np.concatenate([_low_words(chunk) for chunk in chunks]) if chunks else np.zeros(0, np.int64)


def decimals(values: Integers) -> pa.Array:
    """Counts of 1/10,000 as decimals with four places."""
    words = np.empty((len(values), 2), dtype=np.int64)
    words[:, 0] = values
    words[:, 1] = values >> 63
    return pa.Array.from_buffers(MONEY, len(values), [None, pa.py_buffer(words)])


def _low_words(chunk: pa.Array) -> Integers:
    # A decimal128 is 16 bytes, little end first; 18 digits fit into the low eight with their sign.
    words = np.frombuffer(chunk.buffers()[1], dtype=np.int64)
    return np.ascontiguousarray(words[2 * chunk.offset : 2 * (chunk.offset + len(chunk)) : 2])
