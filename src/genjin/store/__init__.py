"""The database. One file per noun; plain functions whose first argument is the transaction."""
