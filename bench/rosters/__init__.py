"""Made-up rosters in the manner of OneRoster, to measure the validator with: any size, the same for the same seed.

`tables` makes the rows of orgs, users, classes and enrollments, `writing` writes them in any form that a sender might
choose, `damage` plants wrong rows and says exactly which (`kinds` lists them). `dataset` holds the schemas.
`python -m bench.rosters users --rows 1000000 users.csv` writes a file.

`vendors` makes whole districts in the form of each bundled dataset, sound or damaged.
"""

from __future__ import annotations

from pathlib import Path

#: The folder of the dataset that these files follow.
DATASET = Path(__file__).parent / "dataset"
