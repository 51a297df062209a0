"""Sums by place that triggers keep up, and an index in the order of the day."""

from django.db import migrations, models

from fundguard.web.core.sums import triggers

COLUMNS = ("region", "insured_region", "fixmedins_code", "institution_name", "level", "rule_code", "cause", "verdict")
PLACE = {name: f"{{row}}.{name}" for name in (*COLUMNS, "state")}


def count(apps, schema_editor):
    vendor = schema_editor.connection.vendor
    for statement in triggers(vendor, "findings_finding", "findings_findingcount", PLACE, "counted_fen"):
        schema_editor.execute(statement)
    if vendor == "postgresql":  # what SQLite reads backwards
        schema_editor.execute("CREATE INDEX finding_day_last ON findings_finding (occurred_from DESC NULLS LAST)")


class Migration(migrations.Migration):
    dependencies = [("findings", "0001_initial")]
    operations = [
        migrations.CreateModel(
            name="FindingCount",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("region", models.CharField(max_length=6, verbose_name="就医地区划")),
                ("insured_region", models.CharField(max_length=6, verbose_name="参保地区划")),
                ("fixmedins_code", models.CharField(max_length=40, verbose_name="定点机构编号")),
                ("institution_name", models.CharField(max_length=200, verbose_name="定点机构名称")),
                ("level", models.CharField(max_length=4, verbose_name="机构等级")),
                ("rule_code", models.CharField(max_length=8, verbose_name="规则编码")),
                ("cause", models.CharField(max_length=8, verbose_name="原因判断")),
                ("verdict", models.CharField(max_length=8, verbose_name="结果类型")),
                ("state", models.CharField(max_length=12, verbose_name="状态")),
                ("number", models.BigIntegerField(verbose_name="条数")),
                ("fen", models.BigIntegerField(verbose_name="计入合计金额")),
            ],
            options={"verbose_name": "疑点合计"},
        ),
        migrations.RunPython(count, migrations.RunPython.noop),
    ]
