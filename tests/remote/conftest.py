from tests.remote.house import house

__all__ = ["house"]
