"""Where models stand on the map, against the layers of the site."""
