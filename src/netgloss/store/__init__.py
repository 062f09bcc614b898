"""The study folder's ground: atomic files, tables, heat-map arrays, stage records and locks."""
