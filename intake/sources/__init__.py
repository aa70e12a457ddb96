"""Where register rows come from by themselves: folders, databases and interfaces behind one port, and how that goes."""
