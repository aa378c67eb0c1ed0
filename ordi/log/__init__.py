"""The public log: every event's hash, in one order, under one root that the organisation signs and gives away.

`tree` is the mathematics (RFC 9162), `leaves` the order, `sealing` the one job that extends it, `heads` what is signed,
`proofs` what anyone may ask, `sidecars` the proof beside a certificate, `rebuilding` the audit on the server.
"""
