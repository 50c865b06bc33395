//! The forms of what kernels compute, in plain numbers: what the configuration of a model says.

/// How a row of queries, keys and values is laid out: three runs of `heads * width` values.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct AttentionShape {
    pub(crate) heads: usize,
    /// Values of one head.
    pub(crate) width: usize,
}

impl AttentionShape {
    pub(crate) fn hidden(self) -> usize {
        self.heads * self.width
    }
}

/// The form of an attention with heads that share keys and values.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) struct HeadShape {
    /// Heads of the queries.
    pub(crate) heads: usize,
    /// Heads of keys and values; divides the former.
    pub(crate) shared: usize,
    /// Values of a head.
    pub(crate) width: usize,
    /// How many tokens a query sees, its own included; all of them when not set.
    pub(crate) window: Option<usize>,
    /// Bound of the scores.
    pub(crate) limit: Option<f32>,
}

/// The form of a layer that remembers by the gated delta rule (Yang et al. 2024, "Gated Delta Networks").
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct DeltaShape {
    /// Heads of queries and keys.
    pub(crate) key_heads: usize,
    /// Heads of values, each with a matrix of its own; a multiple of the former.
    pub(crate) value_heads: usize,
    /// Numbers of a query or key of a head.
    pub(crate) key_width: usize,
    /// Numbers of a value of a head.
    pub(crate) value_width: usize,
    /// Whether heads of values that follow each other have heads of keys that do; otherwise they share one.
    pub(crate) is_in_turns: bool,
}

impl DeltaShape {
    /// Numbers of all queries, or all keys, of a token.
    pub(crate) fn keys(&self) -> usize {
        self.key_heads * self.key_width
    }

    /// Numbers of all values of a token.
    pub(crate) fn values(&self) -> usize {
        self.value_heads * self.value_width
    }

    /// The head of keys that a head of values has.
    pub(crate) fn key_head(&self, head: usize) -> usize {
        if self.is_in_turns { head % self.key_heads } else { head / (self.value_heads / self.key_heads) }
    }

    /// Numbers of a head's matrix.
    pub(crate) fn matrix(&self) -> usize {
        self.key_width * self.value_width
    }
}

/// What values are bent by in a feed-forward network, or at a gate.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Bend {
    /// `x σ(x)`, also called swish.
    Silu,
    /// The GELU in its form with tanh.
    GeluTanh,
    /// `σ(x)`.
    Sigmoid,
}
