"""What the company sells: some two hundred things for the home, the office and the guest room."""

from __future__ import annotations

import csv
from dataclasses import dataclass
from functools import lru_cache

import numpy as np
from numpy.typing import NDArray

from zhike.feeds.demo.words import DATA

_VARIANTS = (("", 1.0), ("（升级款）", 1.35), ("（家庭装）", 1.9))


@dataclass(frozen=True, slots=True)
class Product:
    """One thing with its code, name, category and price in yuan."""

    code: str
    name: str
    category: str
    price: float


@dataclass(frozen=True, slots=True)
class Catalogue:
    """All products with how often homes and firms choose each (sums to one)."""

    products: tuple[Product, ...]
    prices: NDArray[np.float64]
    homes: NDArray[np.float64]
    firms: NDArray[np.float64]


@lru_cache(maxsize=1)
def catalogue() -> Catalogue:
    """The products, the same in every demo."""
    products: list[Product] = []
    homes: list[float] = []
    firms: list[float] = []
    with (DATA / "products.csv").open(encoding="utf-8", newline="") as lines:
        rows = list(csv.DictReader(lines))
    for row in rows:
        for rank, thing in enumerate(row["things"].split("|")):
            name, price = thing.split()
            # A plain thing and, of every other one, a better one; of a few a large pack too.
            for kind, (suffix, times) in enumerate(_VARIANTS[: 1 + (rank % 2 == 0) + (rank % 5 == 1)]):
                charm = (
                    round(int(price) * times)
                    if float(price) < 20
                    else round(int(price) * times / 10) * 10 - 1
                )
                code = f"{row['letters']}{rank + 1:02d}{kind + 1}"
                products.append(Product(code, name + suffix, row["category"], float(charm)))
                share = 1 / (rank + 2.5) / (1 + 1.3 * kind) / (float(price) / 40) ** 0.35
                homes.append(float(row["home"]) * share)
                firms.append(float(row["firm"]) * share)
    prices = np.array([product.price for product in products])
    return Catalogue(tuple(products), prices, _shares(homes), _shares(firms))


def _shares(weights: list[float]) -> NDArray[np.float64]:
    found = np.array(weights)
    return np.asarray(found / found.sum(), dtype=np.float64)
