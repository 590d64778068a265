"""What agent frameworks do with what a program hands them. Tables, no logic; a project adds contexts of its own.

Every name is the one that a thing is defined under. `tests/test_frameworks.py` holds each to the installed package.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

__all__ = ["CONTEXTS", "LENT", "VALIDATORS", "WORKERS"]

CONTEXTS: Final = frozenset(
    {
        "agents.run_context.RunContextWrapper",
        "crewai.flow.runtime.Flow",
        "langgraph.prebuilt.tool_node.ToolRuntime",
        "langgraph.runtime.Runtime",
        "pydantic_ai._run_context.RunContext",
    }
)
"""Classes of the object that a run gives to everything it calls: tools, nodes, hooks.

A model that calls one tool three times in a turn starts three tasks with one context. So nobody owns what hangs off
it: it is lent to each of them (rules, section 4), whatever the type arguments say.
"""

VALIDATORS: Final = frozenset({"pydantic.functional_validators.model_validator"})
"""Decorators of methods that are called for an object that is being made, and whose `return self` gives that back."""

WORKERS: Final = frozenset(
    {
        "agents.agent.AgentBase",
        "agents.guardrail.InputGuardrail",
        "agents.guardrail.OutputGuardrail",
        "agents.handoffs.Handoff",
        "agents.lifecycle.AgentHooksBase",
        "agents.lifecycle.RunHooksBase",
        "langchain_core.runnables.base.Runnable",
        "langgraph.graph.state.StateGraph",
    }
)
"""Classes that are made once and run many times: their type arguments say what a run is given, not what they hold."""

LENT: Final[Mapping[str, str]] = {
    "agents.run.Runner.run": "context",
    "agents.run.Runner.run_sync": "context",
    "langgraph.pregel.protocol.PregelProtocol.ainvoke": "context",
    "langgraph.pregel.protocol.PregelProtocol.invoke": "context",
    "pydantic_ai.agent.abstract.AbstractAgent.run": "deps",
    "pydantic_ai.agent.abstract.AbstractAgent.run_sync": "deps",
}
"""By full name of a method: the parameter by which a run is lent its context, to be had back when it is over.

What streams goes on after it has been awaited, and takes what it is given by move.
"""
