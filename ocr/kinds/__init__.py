"""One module for each family of papers: a sheet of words becomes sightings of fields. The labels stand on top."""
