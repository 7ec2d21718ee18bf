"""From profiles to what people read: words, tables, colour, JSON. No arithmetic on samples."""
