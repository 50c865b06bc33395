//! What a language model is shown of a document, and what is made of what it writes.

mod context;
mod fit;
mod gap;
mod ongoing;
mod shape;

pub use context::{Piece, PieceKind, comment_mark, names_in_sight, pack, similar};
pub use fit::{Fitted, fit};
pub use gap::{Gap, GapLimits, gap};
pub use ongoing::Ongoing;
pub use shape::{Shape, shape};
