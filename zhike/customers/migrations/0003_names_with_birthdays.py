"""Names are looked up together with birthdays: a common name alone is that of many."""

from django.db import migrations, models

_LIVE = models.Q(deleted_at__isnull=True, merged_into__isnull=True)


class Migration(migrations.Migration):
    dependencies = [("customers", "0002_postgresql")]
    operations = [
        migrations.RemoveIndex("party", "party_pinyin"),
        migrations.AddIndex(
            "party",
            models.Index(condition=_LIVE, fields=["name_pinyin", "birthday"], name="party_pinyin"),
        ),
    ]
