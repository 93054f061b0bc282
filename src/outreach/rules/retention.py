"""How long what a supporter gave us is kept."""

from __future__ import annotations

from datetime import timedelta

UNCONFIRMED = timedelta(days=7)  #: nobody has proved the address: then it is not ours to keep
UNSENT = timedelta(days=183)  #: half a year after it was confirmed, what has not left is taken back
FINISHED = timedelta(days=28)  #: after the last letter has left, where the campaign says nothing else
REMIND_AFTER = timedelta(days=3)  #: one reminder, while the link still works
OWN_MAIL = timedelta(days=30)  #: a letter from somebody's own mailbox, where the campaign says nothing else
LINK_TO_MANAGE = timedelta(days=90)  #: the links of receipts
LINK_ON_REQUEST = timedelta(hours=24)  #: the link that a person asked for
