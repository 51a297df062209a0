"""What follows a step of the finding workflow: papers to the institution, money in the fund book (`web/wiring`)."""
