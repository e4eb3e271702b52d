"""Every path through a scenario, explored at build: what is reached, where one is stuck, which path is the best.

A node is all that decides what can still happen: the scene, the state as far as conditions read it, and which choices
with points were taken, as far as they could be taken again. Numbers are cut where no condition could tell them apart
any more; the player does not cut them there, and no path differs.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from heapq import heapify, heappop, heappush

from builder.questions._state import LEAST, MOST, Change, Test, changed, holds

LARGEST = 20_000
"""Most nodes that are explored."""

Step = tuple[int, int]
"""The index of a scene, and that of one of its choices."""
Path = tuple[Step, ...]


@dataclass(frozen=True, slots=True)
class Option:
    """A choice: the index of the scene it leads to, what it changes, when it is offered, and what it is worth."""

    to: int
    changes: tuple[Change, ...] = ()
    when: Test | None = None
    points: float = 0


@dataclass(frozen=True, slots=True)
class Plot:
    """Scenes as their choices, the first scene starts; one without choices is an end.

    `texts` are conditions under which words of a scene are shown, by the scene's index.
    """

    scenes: tuple[tuple[Option, ...], ...]
    texts: Mapping[int, tuple[Test, ...]] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Stuck:
    """A place from which no path leads to an end: its scene, the state there, the shortest path to it."""

    scene: int
    state: Mapping[str, int]
    path: Path


@dataclass(frozen=True, slots=True)
class Proof:
    """What is so on every path. `is_whole` false: there was too much to explore, and nothing else is said.

    `offered`: the choices that some path offers; `shown`: the texts, as scene and index, that some path shows; `dead`:
    one place a scene where no choice is left; `endless`: a place from which one can only go round and round. `best` is
    the shortest of the paths worth `worth`; `longest` and `paths` are None where a path can go round.
    """

    is_whole: bool
    reached: frozenset[int] = frozenset()
    offered: frozenset[Step] = frozenset()
    shown: frozenset[tuple[int, int]] = frozenset()
    dead: tuple[Stuck, ...] = ()
    endless: Stuck | None = None
    best: Path = ()
    worth: float = 0
    shortest: int = 0
    longest: int | None = None
    paths: int | None = None


@dataclass(frozen=True, slots=True)
class _Edge:
    """A choice taken at a node: where it leads, and what it adds to the points of the path."""

    option: int
    to: int
    gain: float


@dataclass(slots=True)
class _Graph:
    """Nodes in the order of their shortest paths; `origins` is the step by which each was first reached."""

    scenes: list[int] = field(default_factory=list)
    states: list[Mapping[str, int]] = field(default_factory=list)
    edges: list[tuple[_Edge, ...]] = field(default_factory=list)
    origins: list[tuple[int, int]] = field(default_factory=list)

    def path(self, node: int) -> Path:
        steps: list[Step] = []
        while node:
            node, option = self.origins[node]
            steps.append((self.scenes[node], option))
        return tuple(reversed(steps))

    def stuck(self, node: int) -> Stuck:
        return Stuck(self.scenes[node], self.states[node], self.path(node))


def follow(plot: Plot, path: Iterable[Step]) -> tuple[int, dict[str, int], int]:
    """Follow a path as far as it goes; return the scene, the state, and how many steps were taken."""
    scene, state, taken = 0, dict[str, int](), 0
    for at, choice in path:
        options = plot.scenes[scene]
        if at != scene or not 0 <= choice < len(options) or not is_offered(options[choice], state):
            break
        scene, state, taken = options[choice].to, changed(state, options[choice].changes), taken + 1
    return scene, state, taken


def is_offered(option: Option, state: Mapping[str, int]) -> bool:
    """Return whether a choice is there in a state."""
    return option.when is None or holds(option.when, state)


def prove(plot: Plot, largest: int = LARGEST) -> Proof:
    """Explore every path."""
    graph = _explored(plot, largest)
    if graph is None:
        return Proof(False)
    nodes = range(len(graph.scenes))
    offered = {(graph.scenes[node], edge.option) for node in nodes for edge in graph.edges[node]}
    shown = {
        (graph.scenes[node], index)
        for node in nodes
        for index, test in enumerate(plot.texts.get(graph.scenes[node], ()))
        if holds(test, graph.states[node])
    }
    dead: dict[int, Stuck] = {}
    ends, halts = list[int](), list[int]()
    for node in nodes:
        if not plot.scenes[graph.scenes[node]]:
            ends.append(node)
        elif not graph.edges[node]:
            halts.append(node)
            dead.setdefault(graph.scenes[node], graph.stuck(node))
    leaving = _leading_to([*ends, *halts], graph)
    endless = next((graph.stuck(node) for node in nodes if node not in leaving), None)
    circles = _circles([[edge.to for edge in graph.edges[node]] for node in nodes])
    next_of, worth = _best(graph, ends, circles)
    best: list[Step] = []
    node = 0
    while (option := next_of.get(node)) is not None:
        best.append((graph.scenes[node], option.option))
        node = option.to
    is_round = any(len(circle) > 1 for circle in circles) or any(edge.to == n for n in nodes for edge in graph.edges[n])
    longest, paths = (None, None) if is_round else _counted(graph, circles, set(ends))
    return Proof(
        True,
        reached=frozenset(graph.scenes),
        offered=frozenset(offered),
        shown=frozenset(shown),
        dead=tuple(dead[scene] for scene in sorted(dead)),
        endless=endless,
        best=tuple(best),
        worth=worth,
        shortest=min((len(graph.path(node)) for node in ends), default=0),
        longest=longest,
        paths=paths,
    )


# --- exploring -------------------------------------------------------------------------------------------------------


def _explored(plot: Plot, largest: int) -> _Graph | None:
    """Return all nodes that a path reaches; None when there are more than `largest`."""
    repeated = _repeated(plot)
    bits = {
        step: 1 << n
        for n, step in enumerate(
            (scene, index)
            for scene in sorted(repeated)
            for index, option in enumerate(plot.scenes[scene])
            if option.points
        )
    }
    narrow = _narrowed(plot, repeated)
    graph = _Graph([0], [{}], [], [(0, 0)])
    known: dict[tuple[int, frozenset[tuple[str, int]], int], int] = {(0, frozenset(), 0): 0}
    taken = [0]
    node = 0
    while node < len(graph.scenes):
        scene, state, mask = graph.scenes[node], graph.states[node], taken[node]
        edges = []
        for index, option in enumerate(plot.scenes[scene]):
            if not is_offered(option, state):
                continue
            after = narrow(changed(state, option.changes))
            bit = bits.get((scene, index), 0)
            key = (option.to, frozenset(after.items()), mask | bit)
            target = known.setdefault(key, len(graph.scenes))
            if target == len(graph.scenes):
                if target >= largest:
                    return None
                graph.scenes.append(option.to)
                graph.states.append(after)
                graph.origins.append((node, index))
                taken.append(mask | bit)
            edges.append(_Edge(index, target, 0 if mask & bit else option.points))
        graph.edges.append(tuple(edges))
        node += 1
    return graph


def _repeated(plot: Plot) -> frozenset[int]:
    """Return the scenes to which one can come back."""
    found = set[int]()
    for circle in _circles([[option.to for option in options] for options in plot.scenes]):
        if len(circle) > 1 or any(option.to == circle[0] for option in plot.scenes[circle[0]]):
            found.update(circle)
    return frozenset(found)


def _narrowed(plot: Plot, repeated: frozenset[int]) -> Callable[[Mapping[str, int]], dict[str, int]]:
    """Return what leaves of a state only what conditions can tell apart: names that are read, numbers within bounds.

    Above the greatest number that a name is compared with, all are alike as long as what can still be taken away does
    not lead back; likewise below.
    """
    compared: dict[str, set[int]] = {}
    wide = set[str]()
    tests = [option.when for options in plot.scenes for option in options if option.when is not None]
    for test in (*tests, *(test for texts in plot.texts.values() for test in texts)):
        _compared(test, compared, wide)
    falls, rises = dict.fromkeys(compared, 0), dict.fromkeys(compared, 0)
    for scene, options in enumerate(plot.scenes):
        for option in options:
            for name, how, number in option.changes:
                if how == "+" and name in compared:
                    much = MOST - LEAST if scene in repeated else abs(number)
                    rises[name] += much * (number > 0)
                    falls[name] += much * (number < 0)
    bounds = dict.fromkeys(compared, (LEAST, MOST))
    for name in compared.keys() - wide:
        low, high = min(compared[name]) - rises[name] - 1, max(compared[name]) + falls[name] + 1
        bounds[name] = (max(LEAST, low), min(MOST, high))

    def narrow(state: Mapping[str, int]) -> dict[str, int]:
        cut = {name: min(bounds[name][1], max(bounds[name][0], state[name])) for name in state if name in bounds}
        return {name: value for name, value in cut.items() if value}

    return narrow


def _compared(test: Test, compared: dict[str, set[int]], wide: set[str]) -> None:
    """Note the numbers that each name is compared with, 0 always, and the names that are compared with names."""
    if isinstance(test, str):
        compared.setdefault(test, {0})
    elif isinstance(test, tuple):
        names = [one for one in test[1:] if isinstance(one, str)]
        for one in test[1:]:
            _compared(one, compared, wide)
        if test[0] in ("=", "<", ">"):
            wide.update(names if len(names) > 1 else ())
            for name in names:
                compared[name].update(one for one in test[1:] if isinstance(one, int))


# --- paths -----------------------------------------------------------------------------------------------------------


def _leading_to(goals: Iterable[int], graph: _Graph) -> set[int]:
    """Return the nodes from which one of these can be reached."""
    before: list[list[int]] = [[] for _ in graph.scenes]
    for node, edges in enumerate(graph.edges):
        for edge in edges:
            before[edge.to].append(node)
    found = set(goals)
    waiting = deque(found)
    while waiting:
        for node in before[waiting.popleft()]:
            if node not in found:
                found.add(node)
                waiting.append(node)
    return found


def _circles(nexts: Sequence[Sequence[int]]) -> list[list[int]]:
    """Return the strongly connected components, each before those from which it can be reached (Tarjan)."""
    found: list[list[int]] = []
    order: dict[int, int] = {}
    low: dict[int, int] = {}
    open_, stack = set[int](), list[int]()
    for root in range(len(nexts)):
        work = [] if root in order else [(root, 0)]
        while work:
            node, position = work.pop()
            if not position:
                order[node] = low[node] = len(order)
                stack.append(node)
                open_.add(node)
            else:
                low[node] = min(low[node], low[nexts[node][position - 1]])
            for index in range(position, len(nexts[node])):
                other = nexts[node][index]
                if other not in order:
                    work += [(node, index + 1), (other, 0)]
                    break
                if other in open_:
                    low[node] = min(low[node], order[other])
            else:
                if low[node] == order[node]:
                    circle = [stack.pop()]
                    while circle[-1] != node:
                        circle.append(stack.pop())
                    open_.difference_update(circle)
                    found.append(circle)
    return found


def _best(graph: _Graph, ends: Iterable[int], circles: Iterable[Sequence[int]]) -> tuple[dict[int, _Edge], float]:
    """Return the step to take at each node for the most points by the fewest steps, and the points from the first.

    In a circle nothing is won: a step that adds points changes what was taken, and does not lead back.
    """
    best: dict[int, tuple[float, int]] = dict.fromkeys(ends, (0.0, 0))
    chosen: dict[int, _Edge] = {}
    for circle in circles:
        inside = set(circle)
        back: dict[int, list[tuple[int, _Edge]]] = {}
        heap: list[tuple[float, int, int, int, _Edge]] = []
        for node in circle:
            for edge in graph.edges[node]:
                if edge.to in inside:
                    back.setdefault(edge.to, []).append((node, edge))
                elif edge.to in best:
                    points, steps = best[edge.to]
                    heap.append((-points - edge.gain, steps + 1, node, edge.option, edge))
        heapify(heap)
        while heap:
            points, steps, node, _, edge = heappop(heap)
            if node in best:
                continue
            best[node], chosen[node] = (-points, steps), edge
            for earlier, step in back.get(node, ()):
                if earlier not in best:
                    heappush(heap, (points, steps + 1, earlier, step.option, step))
    return chosen, best.get(0, (0.0, 0))[0]


def _counted(graph: _Graph, circles: Iterable[Sequence[int]], ends: set[int]) -> tuple[int, int]:
    """Return the most steps of a path, and how many paths lead to an end; no path goes round."""
    longest: dict[int, int] = {}
    paths: dict[int, int] = {}
    for (node,) in circles:
        edges = graph.edges[node]
        longest[node] = max((longest[edge.to] + 1 for edge in edges), default=0)
        paths[node] = sum(paths[edge.to] for edge in edges) or int(node in ends)
    return longest[0], paths[0]
