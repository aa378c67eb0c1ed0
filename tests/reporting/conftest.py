"""The cast, for the tests of figures."""

from tests.cast import cast as cast
