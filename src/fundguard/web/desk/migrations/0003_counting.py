"""Sums by place that triggers keep up, and indexes in which a page of the queue is found without its rows."""

from django.db import migrations, models

PLACE = "workflow, region, state, rule_code, verdict"
COLUMNS = f"{PLACE}, assigned, number, fen"


def _row(name, sign):
    place = ", ".join(f"{name}.{column}" for column in PLACE.split(", "))
    told = f"{place}, {name}.assignee_id IS NOT NULL, {sign}1, {sign}{name}.counted_fen"
    return f"INSERT INTO desk_statecount ({COLUMNS}) VALUES ({told});"


def _set(name, sign):
    return (
        f"SELECT {PLACE}, assignee_id IS NOT NULL AS assigned, {sign}1 AS number, {sign}counted_fen AS fen FROM {name}"
    )


def _summed(source):
    return (
        f"INSERT INTO desk_statecount ({COLUMNS}) SELECT {PLACE}, assigned, sum(number), sum(fen) "
        f"FROM ({source}) AS told GROUP BY {PLACE}, assigned HAVING sum(number) <> 0 OR sum(fen) <> 0;"
    )


WATCHED = [*PLACE.split(", "), "assignee_id", "counted_fen"]
MOVED = " OR ".join(f"OLD.{column} IS NOT NEW.{column}" for column in WATCHED)
BEGIN_BOTH = f"BEGIN {_row('OLD', '-')} {_row('NEW', '')} END"
SQLITE = [
    f"CREATE TRIGGER desk_count_insert AFTER INSERT ON desk_staterow BEGIN {_row('NEW', '')} END",
    f"CREATE TRIGGER desk_count_delete AFTER DELETE ON desk_staterow BEGIN {_row('OLD', '-')} END",
    f"CREATE TRIGGER desk_count_update AFTER UPDATE OF {', '.join(WATCHED)} ON desk_staterow WHEN {MOVED} {BEGIN_BOTH}",
]
BOTH = f"{_set('fresh', '')} UNION ALL {_set('former', '-')}"
FUNCTION = f"""
CREATE FUNCTION desk_count() RETURNS trigger AS $$ BEGIN
  IF TG_OP = 'INSERT' THEN {_summed(_set("fresh", ""))}
  ELSIF TG_OP = 'DELETE' THEN {_summed(_set("former", "-"))}
  ELSE {_summed(BOTH)}
  END IF;
  RETURN NULL;
END $$ LANGUAGE plpgsql"""
EACH = "FOR EACH STATEMENT EXECUTE FUNCTION desk_count()"
POSTGRES = [
    FUNCTION,
    *(
        f"CREATE TRIGGER desk_count_{act.lower()} AFTER {act} ON desk_staterow REFERENCING {tables} {EACH}"
        for act, tables in (
            ("INSERT", "NEW TABLE AS fresh"),
            ("DELETE", "OLD TABLE AS former"),
            ("UPDATE", "OLD TABLE AS former NEW TABLE AS fresh"),
        )
    ),
]


def count(apps, schema_editor):
    """The triggers, and the sums of what is there already."""
    schema_editor.execute(_summed(_set("desk_staterow", "")))
    for statement in SQLITE if schema_editor.connection.vendor == "sqlite" else POSTGRES:
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
