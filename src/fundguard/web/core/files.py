"""A field of a form that takes several files."""

from __future__ import annotations

from django import forms


class Files(forms.ClearableFileInput):
    allow_multiple_selected = True
