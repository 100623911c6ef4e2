"""The ASGI application: the web and the API through Django, MCP beside it."""

from __future__ import annotations

import os

from django.core.asgi import get_asgi_application

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "zhike.config.settings")

application = get_asgi_application()
