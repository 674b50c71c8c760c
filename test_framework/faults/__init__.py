"""Faults on purpose: networks that fail (``tcp_proxy``), processes that freeze or die."""
