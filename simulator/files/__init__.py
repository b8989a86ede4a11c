"""Formats that nanoBragg reads and writes."""
