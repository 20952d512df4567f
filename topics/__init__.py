"""What travels: the topics, their messages and the domains that declare them. Imports none of ours."""
