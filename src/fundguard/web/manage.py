"""Django's administration commands: `python -m fundguard.web.manage COMMAND`."""

import os
import sys

from django.core.management import execute_from_command_line


def main(arguments: list[str] | None = None) -> None:
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "fundguard.web.settings.demo")
    execute_from_command_line(["manage", *(sys.argv[1:] if arguments is None else arguments)])


if __name__ == "__main__":
    main()
