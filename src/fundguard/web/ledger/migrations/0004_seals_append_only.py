"""The database refuses to change or remove a seal; SQLite also refuses to replace a row, which its triggers would not see."""

from django.db import migrations

SQLITE = [
    *(
        f"CREATE TRIGGER ledger_seal_no_{act.lower()} BEFORE {act} ON ledger_seal BEGIN SELECT RAISE(ABORT, 'ledger is append-only'); END"
        for act in ("UPDATE", "DELETE")
    ),
    *(
        f"CREATE TRIGGER {table}_no_replace BEFORE INSERT ON {table} WHEN EXISTS (SELECT 1 FROM {table} WHERE {key} = NEW.{key}) BEGIN SELECT RAISE(ABORT, 'ledger is append-only'); END"
        for table, key in (("ledger_entry", "id"), ("ledger_seal", "number"))
    ),
]
POSTGRES = [
    "CREATE TRIGGER ledger_seal_append_only BEFORE UPDATE OR DELETE ON ledger_seal FOR EACH ROW EXECUTE FUNCTION ledger_entry_append_only()",
    "CREATE TRIGGER ledger_seal_no_truncate BEFORE TRUNCATE ON ledger_seal FOR EACH STATEMENT EXECUTE FUNCTION ledger_entry_append_only()",
]


def protect(apps, schema_editor):
    for statement in SQLITE if schema_editor.connection.vendor == "sqlite" else POSTGRES:
        schema_editor.execute(statement)


class Migration(migrations.Migration):
    dependencies = [("ledger", "0003_seal")]
    operations = [migrations.RunPython(protect, migrations.RunPython.noop)]
