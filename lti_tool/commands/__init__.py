"""Groups of the `undertone` command that do what the administrator's pages do; `cli` adds them to the rest.

Each command opens the installation, calls a service and prints what it did. Imports are inside the functions, so that
`undertone --help` is quick.
"""

from lti_tool.commands import caring as caring  # its commands join the group `institution`
from lti_tool.commands import controlling as controlling  # so does this one
from lti_tool.commands.administrators import admin
from lti_tool.commands.backup import backup, backups, restore
from lti_tool.commands.breach import breach_report
from lti_tool.commands.corrections import corrections
from lti_tool.commands.course import course
from lti_tool.commands.documents import docs
from lti_tool.commands.events import events
from lti_tool.commands.institution import institution
from lti_tool.commands.keys import keys
from lti_tool.commands.ledger import ledger
from lti_tool.commands.looking import audit
from lti_tool.commands.model import model
from lti_tool.commands.platform import platform
from lti_tool.commands.privacy_report import privacy_report
from lti_tool.commands.register import register
from lti_tool.commands.requests import request
from lti_tool.commands.retention import retention
from lti_tool.commands.switching import switch

GROUPS = (
    admin,
    audit,
    backup,
    backups,
    breach_report,
    corrections,
    course,
    docs,
    events,
    institution,
    keys,
    ledger,
    model,
    platform,
    privacy_report,
    register,
    request,
    restore,
    retention,
    switch,
)
