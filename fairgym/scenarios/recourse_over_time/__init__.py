"""What the scenarios about acting on recourse share: the rules, the world, what is tracked and how it is measured."""
