"""Reading IFC into Models, in a child process with limits."""
