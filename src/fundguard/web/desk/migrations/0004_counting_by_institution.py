"""The states of one institution are counted from an index alone."""

from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("desk", "0003_counting"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.AddIndex(
            model_name="staterow",
            index=models.Index(
                fields=["workflow", "fixmedins_code", "state", "region", "counted_fen"], name="desk_place"
            ),
        ),
    ]
