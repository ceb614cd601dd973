"""What one does with scenarios, in Python and on the command line: name, run, look at."""
