"""The risk of firms in four colours: who is worst now, and by which reasons."""
