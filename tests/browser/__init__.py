"""The real player in Chromium, inside the simulated LMS and inside one that others wrote."""
