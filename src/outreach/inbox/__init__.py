"""The mailbox (IMAP), mails in files, and mail servers' logs. Read-only but for one verb, `append`; never the ledger.

It says what it saw; what that means is for `rules.evidence`.
"""

from outreach.inbox.eml import read_mails
from outreach.inbox.mailbox import ImapMailbox
from outreach.inbox.server_log import read_logs

__all__ = ["ImapMailbox", "read_logs", "read_mails"]
