from tests.web.desk.conftest import bare, found, people, told

__all__ = ["bare", "found", "people", "told"]
