"""The reads of the customers room."""

from zhike.customers.resource import CUSTOMERS

__all__ = ["CUSTOMERS"]
