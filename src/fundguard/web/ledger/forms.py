"""The filter of the ledger page."""

from __future__ import annotations

from django import forms

from fundguard.web.ledger.acts import ACTS


class LedgerFilter(forms.Form):
    actor = forms.CharField(label="账号", required=False, max_length=150)
    act = forms.ChoiceField(label="事项", required=False, choices=[("", "全部事项"), *ACTS.items()])
    since = forms.DateField(label="起", required=False, widget=forms.DateInput({"type": "date"}))
    until = forms.DateField(label="止", required=False, widget=forms.DateInput({"type": "date"}))
