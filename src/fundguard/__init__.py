"""医保基金监管平台 FundGuard: supervision of the medical-insurance fund, from a claim to the money back."""

__version__ = "0.1.0"
