"""WSGI entry point; DJANGO_SETTINGS_MODULE chooses demo or production."""

from django.core.wsgi import get_wsgi_application

application = get_wsgi_application()
