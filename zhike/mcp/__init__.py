"""The MCP entrance: agents act with the rights of the user whose token they hold."""
