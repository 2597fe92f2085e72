"""The test kit: fixtures, factories and the contract of programs. Ships with the product, so that
a program's author tests as the core does."""
