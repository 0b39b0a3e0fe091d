"""Requests: what one officer asks and another decides.

What waits is kept in the words in which it was asked. It was tried when it was asked, so that
its maker hears at once what the books refuse, and whoever decides sees the entries it makes.
"""
