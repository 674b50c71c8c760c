"""The pure part: records, rules and transitions, without clock, disk or process."""
