"""Construction plans in the formats that planners export."""
