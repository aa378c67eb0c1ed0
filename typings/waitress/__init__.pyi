"""The one call that Ordi makes of it."""

from _typeshed.wsgi import WSGIApplication

def serve(app: WSGIApplication, *, listen: str, threads: int, ident: str | None) -> None: ...
