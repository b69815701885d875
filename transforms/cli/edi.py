"""`aso edi`: X12 files without a night around them: check, explain, show, convert, answer."""

from transforms.cli import edi_check, edi_convert, edi_copy, edi_guides, edi_look
from transforms.cli.edi_messages import new_group

app = new_group(
    "X12 files without a night around them: what they hold, what is wrong, what answers them."
)
for part in (edi_check, edi_look, edi_convert, edi_copy, edi_guides):
    part.add_commands(app)
