"""The operator's page: served by the API server, imported at its first request."""
