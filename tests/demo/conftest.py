from casework.testing.committed import own_database

__all__ = ["own_database"]
