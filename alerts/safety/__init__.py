"""Safety production work at the desk: commitments, permits, guarantors, grades, visits and hidden dangers."""
