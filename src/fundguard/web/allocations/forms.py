"""The form of a statement: one field a fund account, in yuan."""

from __future__ import annotations

from decimal import Decimal

from django import forms

from fundguard.findings.funds import PATIENT, fund_accounts


class AllocationForm(forms.Form):
    ground = forms.CharField(
        label="依据",
        max_length=500,
        widget=forms.Textarea(attrs={"rows": 3}),
        help_text="写明各账户金额的来源，如进销存核对、病例清算单；不写个人信息",
    )

    def __init__(self, data: object = None) -> None:
        super().__init__(data)
        for code, account in fund_accounts().items():
            if code != PATIENT:
                self.fields[code] = forms.DecimalField(
                    label=f"{account.name}（元）",
                    min_value=Decimal(0),
                    max_digits=14,
                    decimal_places=2,
                    required=False,
                )
        self.order_fields([*(code for code in fund_accounts() if code != PATIENT), "ground"])

    def amounts(self) -> dict[str, int]:
        """Fund account → fen."""
        told = {code: self.cleaned_data.get(code) for code in fund_accounts() if code != PATIENT}
        return {code: int(yuan * 100) for code, yuan in told.items() if yuan}
