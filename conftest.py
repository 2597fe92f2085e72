"""The project's own tests use the test kit that it ships."""

pytest_plugins = ["casework.testing.fixtures"]
