"""Who takes part: accounts, guests, people sent by a panel, invitations."""
