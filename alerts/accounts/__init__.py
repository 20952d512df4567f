"""Who may do what: accounts, how they prove who they are, roles, jurisdictions, and the record of every act."""
