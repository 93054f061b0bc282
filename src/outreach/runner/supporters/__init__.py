"""The supporters' verbs: approve a frame, act, confirm, let letters flow, tell, withdraw, moderate, forget."""
