"""A sweep of simulated images through DIALS: does it find what was simulated?"""
