"""The WSGI application; the profile is named by DJANGO_SETTINGS_MODULE."""

from __future__ import annotations

from django.core.wsgi import get_wsgi_application

application = get_wsgi_application()
