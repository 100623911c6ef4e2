"""What the knowledge part keeps in the database; the figures themselves are in the warehouse."""

from zhike.feeds.knowledge.models.customer_key import CustomerKey
from zhike.feeds.knowledge.models.policy import Policy
from zhike.feeds.knowledge.models.purchase_import import PurchaseImport

__all__ = ["CustomerKey", "Policy", "PurchaseImport"]
