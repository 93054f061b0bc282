"""The supporters' pages, over HTTP: read a form, call one verb of runner/supporters, show a page. Nothing else.

No cookie is set, no address is logged, nothing comes from elsewhere, and no page depends on the Host header. What a
page says to whoever asks does not tell whether an address is known.
"""
