"""Gunicorn on a server of 1 GB: two processes of four threads behind the proxy's socket."""

# Where to listen is ordi-web.socket's: systemd hands the socket over.
worker_class = "gthread"
workers = 2
threads = 4
preload_app = False  # each process opens its own database connections
timeout = 90  # a long register as PDF
graceful_timeout = 30
keepalive = 5
max_requests = 5000  # whatever a library leaks goes with its process
max_requests_jitter = 500
forwarded_allow_ips = "*"  # only the proxy reaches the socket
accesslog = None  # who looked is in the application's own log, without addresses
errorlog = "-"
control_socket_disable = True
