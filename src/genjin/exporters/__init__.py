"""Take data out: everything of an organisation in a form of its own, or a whole database into another engine."""
