"""The database itself refuses to change or remove a row of the ledger."""

from django.db import migrations

SQLITE = [
    f"CREATE TRIGGER ledger_entry_no_{act.lower()} BEFORE {act} ON ledger_entry BEGIN SELECT RAISE(ABORT, 'ledger is append-only'); END"
    for act in ("UPDATE", "DELETE")
]
POSTGRES = [
    "CREATE FUNCTION ledger_entry_append_only() RETURNS trigger AS $$ BEGIN RAISE EXCEPTION 'ledger is append-only'; END $$ LANGUAGE plpgsql",
    "CREATE TRIGGER ledger_entry_append_only BEFORE UPDATE OR DELETE ON ledger_entry FOR EACH ROW EXECUTE FUNCTION ledger_entry_append_only()",
    "CREATE TRIGGER ledger_entry_no_truncate BEFORE TRUNCATE ON ledger_entry FOR EACH STATEMENT EXECUTE FUNCTION ledger_entry_append_only()",
]


def protect(apps, schema_editor):
    for statement in SQLITE if schema_editor.connection.vendor == "sqlite" else POSTGRES:
        schema_editor.execute(statement)


class Migration(migrations.Migration):
    dependencies = [("ledger", "0001_initial")]
    operations = [migrations.RunPython(protect, migrations.RunPython.noop)]
