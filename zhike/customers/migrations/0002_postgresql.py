"""What PostgreSQL does better when it is told: names sort by bytes, as their sort key is made to."""

from django.db import migrations


def sort_by_bytes(apps, schema_editor):
    if schema_editor.connection.vendor == "postgresql":
        schema_editor.execute(
            'ALTER TABLE customers_party ALTER COLUMN sort_name TYPE varchar(200) COLLATE "C"'
        )


class Migration(migrations.Migration):
    dependencies = [("customers", "0001_initial")]
    operations = [migrations.RunPython(sort_by_bytes, migrations.RunPython.noop)]
