"""Results on disk: where the doing wing and the knowing wing meet.

Import from the files: `names` is light enough for `list`, the others need xarray.
"""
