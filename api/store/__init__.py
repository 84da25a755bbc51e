"""Tables, records and blobs."""
