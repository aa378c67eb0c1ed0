"""What tests stand on: which tiers this machine allows, databases, a browser, a camera, a server."""
