"""Real runners and a real ledger, hit at every moment; a mail server that forgets nothing is the witness."""
