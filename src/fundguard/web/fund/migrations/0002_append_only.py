"""The database itself refuses to change or remove a booking, a line or an instalment."""

from django.db import migrations

TABLES = ("fund_booking", "fund_line", "fund_instalment")
SQLITE = [
    f"CREATE TRIGGER {table}_no_{act.lower()} BEFORE {act} ON {table} BEGIN SELECT RAISE(ABORT, 'the book is append-only'); END"
    for table in TABLES
    for act in ("UPDATE", "DELETE")
]
POSTGRES = [
    "CREATE FUNCTION fund_append_only() RETURNS trigger AS $$ BEGIN RAISE EXCEPTION 'the book is append-only'; END $$ LANGUAGE plpgsql",
    *(
        f"CREATE TRIGGER {table}_append_only BEFORE UPDATE OR DELETE ON {table} FOR EACH ROW EXECUTE FUNCTION fund_append_only()"
        for table in TABLES
    ),
    *(
        f"CREATE TRIGGER {table}_no_truncate BEFORE TRUNCATE ON {table} FOR EACH STATEMENT EXECUTE FUNCTION fund_append_only()"
        for table in TABLES
    ),
]


def protect(apps, schema_editor):
    for statement in SQLITE if schema_editor.connection.vendor == "sqlite" else POSTGRES:
        schema_editor.execute(statement)


class Migration(migrations.Migration):
    dependencies = [("fund", "0001_initial")]
    operations = [migrations.RunPython(protect, migrations.RunPython.noop)]
