use ambit_domain::Embedding;

/// How the vectors of a text's tokens become one.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Pooling {
    /// That of the first token, `[CLS]`.
    First,
    /// Their mean.
    Mean,
    /// The largest value at each place.
    Largest,
}

impl Pooling {
    /// The mode that sentence-transformers calls so. The mean by the root of the length points where the mean does, and
    /// vectors get unit length here.
    pub(super) fn named(name: &str) -> Option<Self> {
        match name {
            "cls" => Some(Self::First),
            "mean" | "mean_sqrt_len_tokens" => Some(Self::Mean),
            "max" => Some(Self::Largest),
            _ => None,
        }
    }

    /// The vector of a text, of unit length, from the rows of its tokens.
    pub(super) fn pool(self, rows: &[f32], width: usize) -> Embedding {
        let mut pooled = rows.get(..width).map_or_else(|| vec![0.0; width], <[f32]>::to_vec);
        if self == Self::First {
            return unit(pooled);
        }
        for row in rows.chunks_exact(width).skip(1) {
            for (pooled, value) in pooled.iter_mut().zip(row) {
                // The mean is the sum by the number of rows, which takes nothing from its direction.
                *pooled = if self == Self::Mean { *pooled + value } else { pooled.max(*value) };
            }
        }
        unit(pooled)
    }
}

/// A vector of the same direction and of unit length.
pub(super) fn unit(mut vector: Embedding) -> Embedding {
    let length = vector.iter().map(|value| value * value).sum::<f32>().sqrt().max(1e-12);
    vector.iter_mut().for_each(|value| *value /= length);
    vector
}
