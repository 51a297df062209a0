"""Layer 1. Articles, dated parameters with regional overlays, working-day calendar. Knows no claim."""
