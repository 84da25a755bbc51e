"""The service: command line, HTTP and workers around the domain."""
