"""The workshop's trade: diagnosis, sanitisation, certificates, reinstall, release to stock."""
