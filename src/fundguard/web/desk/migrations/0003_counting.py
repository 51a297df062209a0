"""Sums by place that triggers keep up, and indexes in which a page of the queue is found without its rows."""

from django.db import migrations, models

from fundguard.web.core.sums import triggers

PLACE = {name: f"{{row}}.{name}" for name in ("workflow", "region", "state", "rule_code", "verdict")}
PLACE["assigned"] = "{row}.assignee_id IS NOT NULL"


def count(apps, schema_editor):
    for statement in triggers(
        schema_editor.connection.vendor, "desk_staterow", "desk_statecount", PLACE, "counted_fen"
    ):
        schema_editor.execute(statement)


class Migration(migrations.Migration):
    dependencies = [("desk", "0002_taking_back_and_capacity")]
    operations = [
        migrations.CreateModel(
            name="StateCount",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("workflow", models.CharField(max_length=20, verbose_name="流程")),
                ("region", models.CharField(max_length=6, verbose_name="区划")),
                ("state", models.CharField(max_length=24, verbose_name="环节")),
                ("rule_code", models.CharField(max_length=8, verbose_name="规则编码")),
                ("verdict", models.CharField(max_length=8, verbose_name="结果类型")),
                ("assigned", models.BooleanField(verbose_name="已分派")),
                ("number", models.BigIntegerField(verbose_name="条数")),
                ("fen", models.BigIntegerField(verbose_name="计入合计金额")),
            ],
            options={"verbose_name": "环节合计"},
        ),
        migrations.RemoveIndex(model_name="staterow", name="desk_score"),
        migrations.AddIndex(
            model_name="staterow",
            index=models.Index(fields=["workflow", "state", "-score", "id", "region"], name="desk_queue"),
        ),
        migrations.RemoveIndex(model_name="staterow", name="desk_due"),
        migrations.AddIndex(
            model_name="staterow",
            index=models.Index(fields=["due_at", "workflow", "state", "region", "counted_fen"], name="desk_due_sums"),
        ),
        migrations.AddIndex(model_name="staterow", index=models.Index(fields=["request"], name="desk_request")),
        migrations.RunPython(count, migrations.RunPython.noop),
    ]
