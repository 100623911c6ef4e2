"""Staff who sign in, and the units of the organisation they belong to."""

from __future__ import annotations

from django.contrib.auth.models import AbstractBaseUser, UserManager
from django.db import models
from django.utils.translation import gettext_lazy as _

from zhike.kernel.ids import uuid7


class Unit(models.Model):
    """An organisational unit. `path` holds the ids of all units above and itself, so that "below" is a prefix."""

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    name = models.CharField(_("name"), max_length=120)
    parent = models.ForeignKey("self", models.PROTECT, null=True, blank=True, related_name="+")
    path = models.CharField(max_length=1000, unique=True, db_collation=None)
    region = models.CharField(_("region"), max_length=60, blank=True)
    version = models.PositiveIntegerField(default=1)

    class Meta:
        ordering = ("path",)
        constraints = [models.UniqueConstraint(fields=["parent", "name"], name="unit_name_in_parent")]

    def __str__(self) -> str:
        return self.name


class User(AbstractBaseUser):
    """A member of staff who signs in. `roles` are names in `config/roles.yaml`.

    `lists` holds by the name of a list how its owner wants it: the view it opens with, the widths of its columns.
    """

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    username = models.CharField(_("user name"), max_length=150, unique=True)
    email = models.EmailField(_("e-mail"), blank=True)
    name = models.CharField(_("name"), max_length=120)
    unit = models.ForeignKey(Unit, models.PROTECT, null=True, blank=True, related_name="+")
    roles = models.JSONField(default=list)
    locale = models.CharField(max_length=10, default="zh-hans")
    theme = models.CharField(max_length=10, default="auto")
    density = models.CharField(max_length=12, default="comfortable")
    lists = models.JSONField(default=dict)
    is_active = models.BooleanField(_("active"), default=True)
    must_change_password = models.BooleanField(default=False)
    created_at = models.DateTimeField()
    version = models.PositiveIntegerField(default=1)

    USERNAME_FIELD = "username"
    EMAIL_FIELD = "email"
    REQUIRED_FIELDS = ["name"]

    objects = UserManager()

    class Meta:
        ordering = ("name", "id")

    def __str__(self) -> str:
        return self.name or self.username

    def get_full_name(self) -> str:
        """The name as shown."""
        return self.name
