"""Of which settlements a demand asks: what stood on the demand as its one settlement becomes a portion of it."""

import django.db.models.deletion
from django.db import migrations, models


def bring_over(apps, schema_editor):
    Standing, Settlement, Portion = (apps.get_model("fund", name) for name in ("Standing", "Settlement", "Portion"))
    held = Standing.objects.exclude(demand__setl_id="").exclude(account="patient").select_related("demand")
    settlements = {one.demand.setl_id for one in held}
    Settlement.objects.bulk_create(Settlement(setl_id=setl_id) for setl_id in sorted(settlements))
    Portion.objects.bulk_create(
        Portion(demand=one.demand, setl_id=one.demand.setl_id, account=one.account, fen=one.determined) for one in held
    )


class Migration(migrations.Migration):
    dependencies = [("fund", "0003_way_and_suspension")]
    operations = [
        migrations.RemoveIndex(model_name="demand", name="fund_settlement"),
        migrations.CreateModel(
            name="Settlement",
            fields=[
                ("setl_id", models.CharField(max_length=80, primary_key=True, serialize=False, verbose_name="结算ID"))
            ],
            options={"verbose_name": "追回涉及的结算"},
        ),
        migrations.CreateModel(
            name="Portion",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("account", models.CharField(max_length=20, verbose_name="基金账户")),
                ("fen", models.BigIntegerField(verbose_name="金额")),
                (
                    "demand",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="portions",
                        to="fund.demand",
                        verbose_name="追回事项",
                    ),
                ),
                (
                    "setl",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="portions",
                        to="fund.settlement",
                        verbose_name="结算",
                    ),
                ),
            ],
            options={
                "verbose_name": "按结算分摊",
                "constraints": [
                    models.UniqueConstraint(fields=("demand", "setl", "account"), name="fund_one_portion"),
                    models.CheckConstraint(condition=models.Q(("fen__gte", 0)), name="fund_portion_not_negative"),
                ],
            },
        ),
        migrations.RunPython(bring_over, migrations.RunPython.noop),
    ]
