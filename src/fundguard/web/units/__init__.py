"""Who answers for whom: a chain's head office for its shops, a township hospital for its village clinics, with days."""
