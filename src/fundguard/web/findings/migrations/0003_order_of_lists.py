"""Lists of findings are read in the order of an index, the key last: a page needs no sorting."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("findings", "0002_counting"),
    ]

    operations = [
        migrations.RemoveIndex(
            model_name="finding",
            name="finding_counted",
        ),
        migrations.RemoveIndex(
            model_name="finding",
            name="finding_amount",
        ),
        migrations.RemoveIndex(
            model_name="finding",
            name="finding_day",
        ),
        migrations.AddIndex(
            model_name="finding",
            index=models.Index(fields=["-counted_fen", "finding_key"], name="finding_by_counted"),
        ),
        migrations.AddIndex(
            model_name="finding",
            index=models.Index(fields=["-amount_fen", "finding_key"], name="finding_by_amount"),
        ),
        migrations.AddIndex(
            model_name="finding",
            index=models.Index(fields=["-occurred_from", "finding_key"], name="finding_by_day"),
        ),
    ]
