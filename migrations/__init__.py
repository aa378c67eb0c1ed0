"""Versions of the database. They never import `ordi`: what a table was then is written here, in SQLAlchemy's own types."""
