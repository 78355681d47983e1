"""The journal's history of shapes: one numbered file each in `versions/`, applied in order, never changed later."""
