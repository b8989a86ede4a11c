"""Campaigns: suites of many cases through several engines, judged against a committed baseline, sealed."""
