"""The pseudonymous key of a customer in the warehouse."""

from __future__ import annotations

from django.db import models


class CustomerKey(models.Model):
    """One customer's key. Whoever has the warehouse alone cannot tell who stands behind it.

    `import_id` is the import of purchases that made the customer, empty for all others.
    """

    key = models.BigAutoField(primary_key=True)
    party_id = models.UUIDField(unique=True)
    import_id = models.UUIDField(null=True)

    class Meta:
        indexes = [
            models.Index(
                fields=["import_id"], name="customer_key_import", condition=models.Q(import_id__isnull=False)
            )
        ]
