//! Who calls whom, and the deepest way through it.

use std::collections::{BTreeMap, BTreeSet};

use anyhow::{Context, Result};

use super::Function;

/// Where a call through a pointer goes to: no function has this address, which is odd.
const ANYWHERE: u32 = u32::MAX;

/// Functions that call one another around, as one: each of them is on the stack once.
#[derive(Debug, Default)]
struct Ring {
    own: u64,
    members: usize,
    /// Below the deepest of those they call.
    below: u64,
    /// One that calls itself.
    around: bool,
}

/// All calls of an image.
#[derive(Debug)]
pub(super) struct Graph {
    rings: Vec<Ring>,
    ring_of: BTreeMap<u32, usize>,
}

/// The search for rings under way (R. Tarjan, "Depth-first search and linear graph
/// algorithms", 1972).
struct Walk<'a> {
    own: BTreeMap<u32, u64>,
    calls: BTreeMap<u32, BTreeSet<u32>>,
    found: BTreeMap<u32, usize>,
    lowest: BTreeMap<u32, usize>,
    open: Vec<u32>,
    graph: &'a mut Graph,
}

impl Graph {
    /// The calls between `functions`; one through a pointer may go to any of `pointers`.
    pub(super) fn of(functions: &BTreeMap<u32, Function>, pointers: &BTreeSet<u32>) -> Result<Self> {
        // Also into the midst of one, behind what it puts on the stack: then less is needed.
        let callee = |to: &u32| {
            let found = functions.range(..=to).next_back().filter(|(_, function)| *to < function.end);
            found.map(|(begin, _)| *begin).with_context(|| format!("a call to {to:#x}, where no function is"))
        };
        let mut calls = BTreeMap::new();
        for (begin, function) in functions {
            let mut goes_to = function.to.iter().map(callee).collect::<Result<BTreeSet<_>>>()?;
            if function.by_pointer > 0 {
                goes_to.insert(ANYWHERE);
            }
            calls.insert(*begin, goes_to);
        }
        calls.insert(ANYWHERE, pointers.clone());
        let own = functions.iter().map(|(begin, function)| (*begin, function.own)).collect();
        let mut graph = Self { rings: Vec::new(), ring_of: BTreeMap::new() };
        let nodes: Vec<u32> = calls.keys().copied().collect();
        let mut walk = Walk {
            own,
            calls,
            found: BTreeMap::new(),
            lowest: BTreeMap::new(),
            open: Vec::new(),
            graph: &mut graph,
        };
        for node in nodes {
            if !walk.found.contains_key(&node) {
                walk.visit(node);
            }
        }
        Ok(graph)
    }

    /// The most bytes of stack from this function on.
    pub(super) fn depth(&self, function: u32) -> Option<u64> {
        let ring = self.rings.get(*self.ring_of.get(&function)?)?;
        Some(ring.own + ring.below)
    }

    /// How many functions may be on the stack more than once.
    pub(super) fn recursive(&self) -> usize {
        self.rings.iter().filter(|ring| ring.around).map(|ring| ring.members).sum()
    }
}

impl Walk<'_> {
    fn visit(&mut self, node: u32) {
        let number = self.found.len();
        self.found.insert(node, number);
        let mut lowest = number;
        self.open.push(node);
        for callee in self.calls.get(&node).cloned().unwrap_or_default() {
            if !self.found.contains_key(&callee) {
                self.visit(callee);
                lowest = lowest.min(self.lowest[&callee]);
            } else if !self.graph.ring_of.contains_key(&callee) {
                lowest = lowest.min(self.found[&callee]);
            }
        }
        self.lowest.insert(node, lowest);
        if lowest == number {
            self.close(node);
        }
    }

    /// All that were found since `first` call one another around.
    fn close(&mut self, first: u32) {
        let begin = self.open.iter().rposition(|open| *open == first).unwrap_or_default();
        let members = self.open.split_off(begin);
        let number = self.graph.rings.len();
        let mut ring = Ring::default();
        for member in &members {
            self.graph.ring_of.insert(*member, number);
            ring.own += self.own.get(member).copied().unwrap_or_default();
            ring.members += usize::from(*member != ANYWHERE);
        }
        let called = members.iter().filter_map(|member| self.calls.get(member)).flatten();
        for callee in called {
            if self.graph.ring_of[callee] == number {
                ring.around = true;
            } else {
                ring.below = ring.below.max(self.graph.depth(*callee).unwrap_or_default());
            }
        }
        self.graph.rings.push(ring);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Functions of 10 bytes of code, with what they take of the stack and whom they call.
    fn graph(functions: &[(u64, &[u32], usize)], pointers: &[u32]) -> Result<Graph> {
        let function = |(index, (own, to, by_pointer)): (u32, &(u64, &[u32], usize))| {
            let to = to.iter().map(|to| to * 10).collect();
            let function = Function {
                end: index * 10 + 10,
                own: *own,
                to,
                by_pointer: *by_pointer,
                ..Function::default()
            };
            (index * 10, function)
        };
        let functions = (0..).zip(functions).map(function).collect();
        Graph::of(&functions, &pointers.iter().map(|pointer| pointer * 10).collect())
    }

    #[test]
    fn the_deepest_way_counts() -> Result<()> {
        let graph = graph(&[(8, &[1, 2], 0), (100, &[3], 0), (90, &[3], 0), (5, &[], 0)], &[])?;
        assert_eq!([0, 1, 2, 3].map(|it| graph.depth(it * 10)), [113, 105, 95, 5].map(Some));
        assert_eq!((graph.recursive(), graph.depth(7)), (0, None));
        Ok(())
    }

    #[test]
    fn functions_that_call_one_another_around_count_once_each() -> Result<()> {
        // 1 and 2 call each other, 3 itself; what 1 calls besides comes below whichever is entered.
        let graph =
            graph(&[(8, &[2], 0), (100, &[2, 4], 0), (90, &[1, 3], 0), (5, &[3], 0), (50, &[], 0)], &[])?;
        assert_eq!(graph.depth(0), Some(8 + 190 + 50));
        assert_eq!(graph.recursive(), 3);
        Ok(())
    }

    #[test]
    fn a_call_through_a_pointer_may_go_to_any_function_there_is_a_pointer_to() -> Result<()> {
        let functions: &[(u64, &[u32], usize)] = &[(8, &[], 1), (20, &[], 0), (30, &[3], 0), (40, &[], 0)];
        assert_eq!(graph(functions, &[1, 2])?.depth(0), Some(8 + 30 + 40));
        assert_eq!(graph(functions, &[1])?.depth(0), Some(8 + 20));
        Ok(())
    }

    #[test]
    fn a_call_to_where_no_function_is_is_an_error() {
        let function = Function { end: 10, to: [12].into(), ..Function::default() };
        let error = Graph::of(&[(0, function)].into(), &BTreeSet::new()).err();
        assert_eq!(error.map(|it| it.to_string()).as_deref(), Some("a call to 0xc, where no function is"));
    }
}
