"""What a custody event says, whatever it is called: its content's hash."""

import sqlalchemy as sa
from alembic import op

revision = "0015"
down_revision = "0014"


def upgrade() -> None:
    op.add_column("custody_event", sa.Column("content", sa.Text(), nullable=False, server_default=""))
    op.create_index("custody_event_by_content", "custody_event", ["content"])


def downgrade() -> None:
    op.drop_index("custody_event_by_content", "custody_event")
    op.drop_column("custody_event", "content")
