"""How questions are declared; imports no JAX."""
