"""Page one: what a council decides by, as sentences, tiles and rows, before anything is drawn."""
