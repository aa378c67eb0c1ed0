"""The face with its statements counted, for the tests of this room."""

import pytest

from tests.web.conftest import app as app
from tests.web.conftest import application as application
from tests.web.conftest import cast as cast
from tests.web.conftest import enter as enter
from tests.web.conftest import ground_of_app as ground_of_app
from tests.web.conftest import queries as queries
from tests.web.conftest import visitor as visitor

engine_kind = pytest.fixture(lambda: "sqlite", scope="session")
"""How often a page asks does not depend on whom: one engine is enough."""
