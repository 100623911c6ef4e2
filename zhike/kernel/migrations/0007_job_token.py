from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("kernel", "0006_titles_and_groups")]

    operations = [
        migrations.AddField(model_name="job", name="token_id", field=models.UUIDField(null=True)),
    ]
