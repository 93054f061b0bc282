"""The mailbox (IMAP), mails and documents in files, and mail servers' logs. Never the ledger.

Read-only but for one verb, `append`.

It says what it saw; what that means is for `rules.evidence`.
"""

from outreach.inbox.document import read_document
from outreach.inbox.eml import read_mails
from outreach.inbox.eml_source import EmlSource
from outreach.inbox.imap_source import ImapSource
from outreach.inbox.mailbox import ImapMailbox
from outreach.inbox.maildir_source import MaildirSource
from outreach.inbox.mbox_source import MboxSource
from outreach.inbox.message import read_message
from outreach.inbox.server_log import read_logs

__all__ = [
    "EmlSource",
    "ImapMailbox",
    "ImapSource",
    "MaildirSource",
    "MboxSource",
    "read_document",
    "read_logs",
    "read_mails",
    "read_message",
]
