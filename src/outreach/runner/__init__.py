"""The campaign runner: one verb, one file, one public function. It orders; the rooms do; the rules decide.

The rooms are handed in by `office` and known here only as the protocols of `ports`.
"""
