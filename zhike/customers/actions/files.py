"""Files of a customer."""

from __future__ import annotations

import hashlib
from typing import Annotated
from uuid import UUID

from django.conf import settings
from django.core.files.base import ContentFile
from django.core.files.storage import default_storage
from django.db import transaction
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from pydantic import Base64Bytes, StringConstraints

from zhike.customers.actions.contacts import Added, Customer
from zhike.customers.models import FileItem
from zhike.customers.records import conclude, open_party, part_of, require_seen
from zhike.customers.sniff import safe_name, sniff
from zhike.kernel.actions import about, action
from zhike.kernel.actor import Context
from zhike.kernel.errors import Invalid
from zhike.kernel.ids import uuid7
from zhike.kernel.saved import Saved

FileName = Annotated[str, StringConstraints(min_length=1, max_length=500), about(gettext_lazy("File name"))]


def largest_file() -> int:
    """How many bytes a file of a customer may have at most."""
    most: int = settings.ZHIKE_LARGEST_FILE
    return most


@action(
    "customers.add_file", resource="customers", label=gettext_lazy("Add file"), permission="customers.file"
)
def add_file(
    context: Context,
    customer: Customer,
    name: FileName,
    content: Annotated[Base64Bytes, about(gettext_lazy("Content"))],
) -> Added:
    """Keep a file with a customer. Its kind is read from its bytes, not from its name."""
    party = open_party(context, customer)
    require_seen(context, "file")
    most = largest_file()
    if not content or len(content) > most:
        raise Invalid(
            {"content": _("A file has at most %(size)s MB and is not empty.") % {"size": most >> 20}}
        )
    row = FileItem(
        id=uuid7(), party=party, name=safe_name(name), content_type=sniff(content[:8192], name),
        size=len(content), digest=hashlib.sha256(content).hexdigest(), author_id=context.actor.id,
        author_name=context.actor.name[:120], created_at=context.now,
    )  # fmt: skip
    # The bytes are on the disk before the row says so; a row without its file could not be mended.
    row.path = default_storage.save(f"customers/{row.id.hex[-2:]}/{row.id.hex}", ContentFile(content))
    try:
        row.save(force_insert=True)
        saved = conclude(context, party, "customers.file_added", changes={"file": (None, row.name)})
    except BaseException:
        default_storage.delete(row.path)
        raise
    return Added(row.pk, saved.version)


@action(
    "customers.remove_file",
    resource="customers",
    label=gettext_lazy("Remove file"),
    permission="customers.file",
)
def remove_file(
    context: Context, customer: Customer, file: Annotated[UUID, about(gettext_lazy("File"))]
) -> Saved:
    """Remove a file; its bytes are deleted once that is certain."""
    party = open_party(context, customer)
    require_seen(context, "file")
    row = part_of(party, FileItem, file)
    row.delete()
    transaction.on_commit(lambda: default_storage.delete(row.path))
    return conclude(context, party, "customers.file_removed", changes={"file": (row.name, None)})
