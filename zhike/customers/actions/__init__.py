"""The writes of the customers room."""

from zhike.customers.actions.create import Created, create, create_from
from zhike.customers.actions.update import update

__all__ = ["Created", "create", "create_from", "update"]
