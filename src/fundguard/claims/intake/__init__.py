"""Import of claims: files, folders, zips and databases into the store, with quarantine, marks and a quality report."""

from fundguard.claims.intake.quality import QualityReport, quality, write_excel
from fundguard.claims.intake.run import FileTotals, ImportResult, import_database, import_path

__all__ = ["FileTotals", "ImportResult", "QualityReport", "import_database", "import_path", "quality", "write_excel"]
