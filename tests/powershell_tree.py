"""PowerShell as a syntax tree: what is in a script, without a PowerShell to run it.

The grammar (tree-sitter-pwsh) takes typographic quotes for letters, which PowerShell takes for quotes; ``parse`` makes
plain quotes of those that PowerShell would see as such.
"""

from collections.abc import Iterator

import tree_sitter_pwsh
from tree_sitter import Language, Node, Parser, Tree

__all__ = ["Node", "ancestors", "commands", "faults", "nodes", "parse", "plain_quotes", "text_of"]

_PARSER = Parser(Language(tree_sitter_pwsh.language()))
_TYPOGRAPHIC = str.maketrans(dict.fromkeys("‘’‚‛", "'") | dict.fromkeys("“”„", '"'))


def plain_quotes(script: str) -> str:
    """Return the script with typographic quotes as the quotes that PowerShell takes them for.

    Language specification 2.3.5.2: U+2018 to U+201B are single, U+201C to U+201E double quotes.
    """
    return script.translate(_TYPOGRAPHIC)


def parse(script: bytes) -> Tree:
    """Return the tree of a UTF-8 script."""
    return _PARSER.parse(script)


def nodes(tree: Tree) -> Iterator[Node]:
    """Return every node, parents before children."""
    waiting = [tree.root_node]
    while waiting:
        node = waiting.pop()
        yield node
        waiting.extend(reversed(node.children))


def faults(tree: Tree) -> list[str]:
    """Return what the grammar does not understand, each with its place; empty when the script parses."""
    return [
        f"{node.start_point.row + 1}:{node.start_point.column + 1} {(node.text or b'')[:60]!r}"
        for node in nodes(tree)
        if node.type == "ERROR" or node.is_missing
    ]


def ancestors(node: Node) -> Iterator[Node]:
    """Return the node's parents, the nearest first."""
    parent = node.parent
    while parent is not None:
        yield parent
        parent = parent.parent


def commands(tree: Tree) -> list[tuple[str, Node]]:
    """Return every command that is called, by its name as written."""
    return [
        (text_of(name), node)
        for node in nodes(tree)
        if node.type == "command" and (name := node.child_by_field_name("command_name")) is not None
    ]


def text_of(node: Node) -> str:
    """Return the node's own words."""
    return (node.text or b"").decode()
