"""The findings of the tests on what a determination asks for."""

from tests.web.desk.conftest import people, told  # noqa: F401  fixtures
from tests.web.handling.conftest import spread  # noqa: F401  a fixture
