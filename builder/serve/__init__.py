"""The live preview (`carabin serve`): a course in memory (`desk`), its web server (`app`), its page (`static/`)."""
