"""What runs say of a number: intervals, tests of the side on which it lies, equivalence."""
