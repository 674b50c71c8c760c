"""The gateway's side of the agent process: its life, what it is asked, what it may ask."""
