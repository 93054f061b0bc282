"""yagmail as its documentation uses it: one SMTP object, `.send()` for every letter."""

import csv
import sys
from pathlib import Path

import jinja2
import yagmail

sheet, templates, port = sys.argv[1:]
plain = jinja2.Environment(undefined=jinja2.StrictUndefined)
rich = jinja2.Environment(undefined=jinja2.StrictUndefined, autoescape=True)
subject = plain.from_string(Path(templates, "subject.txt").read_text(encoding="utf-8"))
text = plain.from_string(Path(templates, "letter.txt").read_text(encoding="utf-8"))
html = rich.from_string(Path(templates, "letter.html").read_text(encoding="utf-8"))

yag = yagmail.SMTP(
    "letters@bench.internal", host="127.0.0.1", port=port, smtp_ssl=False, smtp_starttls=False, smtp_skip_login=True
)
with Path(sheet).open(encoding="utf-8", newline="") as fh:
    for row in csv.DictReader(fh):
        # The styles of our HTML are inlined already: prettify_html would only make yagmail slower.
        contents = [text.render(row), html.render(row)]
        yag.send(to=row["email"], subject=subject.render(row), contents=contents, prettify_html=False)
yag.close()
