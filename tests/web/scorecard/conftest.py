from tests.web.desk.conftest import bare, found, people, told  # noqa: F401
