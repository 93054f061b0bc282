"""What we know of states: names in many languages, languages, time zones, working days, holidays."""
