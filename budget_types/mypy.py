"""Hands over the plugin, for `plugins = ["budget_types.mypy"]`. Programs never import this module."""

from mypy_plugin import __version__, plugin

__all__ = ["__version__", "plugin"]
