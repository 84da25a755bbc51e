"""Types, IFC and file formats of a building model; imports no sibling package."""
