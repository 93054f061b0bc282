"""The network, out: a letter in phases over one connection; the rehearsal server. Never the database."""
