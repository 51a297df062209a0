"""WSGI entry point; DJANGO_SETTINGS_MODULE chooses demo or production."""

import gc

from django.core.wsgi import get_wsgi_application
from django.urls import get_resolver

gc.disable()  # loading makes objects that stay: looking for garbage among them costs a fifth of the start
application = get_wsgi_application()
get_resolver().url_patterns  # noqa: B018 loads the pages now, not while the first visitor waits
gc.freeze()
gc.enable()
