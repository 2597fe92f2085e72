from casework.testing.settled import settled, world

__all__ = ["settled", "world"]
