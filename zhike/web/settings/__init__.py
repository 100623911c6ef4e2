"""Settings: people, units, roles, fields, tokens, the audit trail, one's own account."""
