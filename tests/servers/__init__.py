"""Mail servers for tests, on loopback and random ports: one that follows a script, one that is real (aiosmtpd)."""
