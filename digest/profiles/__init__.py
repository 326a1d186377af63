"""A reader's profile: keys made from one root, the votes, and what they mean for the ranking. Pure."""
