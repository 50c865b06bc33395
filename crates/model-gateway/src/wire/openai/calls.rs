//! Calls of tools, whose names and arguments come in pieces.

use ambit_domain::ToolCall;
use serde_json::Value;

use crate::wire::{Fault, Piece, call_id};

/// More calls than any model makes in one answer.
const MOST: usize = 128;
/// The longest arguments that are taken, in bytes.
const LONGEST: usize = 4 << 20;

/// The calls of an answer, as far as they have come.
#[derive(Default)]
pub(super) struct Calls {
    begun: Vec<Begun>,
}

struct Begun {
    /// By which the pieces of a call name it, if they do.
    index: Option<u64>,
    call: ToolCall,
}

impl Calls {
    /// Takes a list of pieces of calls, or of whole ones.
    pub(super) fn add(&mut self, pieces: &Value) -> Result<(), Fault> {
        for piece in pieces.as_array().into_iter().flatten() {
            let (index, id) = (piece["index"].as_u64(), piece["id"].as_str().filter(|id| !id.is_empty()));
            let function = &piece["function"];
            let begun = self.begun_by(index, id)?;
            if let Some(id) = id {
                id.clone_into(&mut begun.call.id);
            }
            begun.call.name.push_str(function["name"].as_str().unwrap_or_default());
            match &function["arguments"] {
                Value::String(text) => begun.call.arguments.push_str(text),
                // Some servers write them as the object that they are.
                Value::Object(_) => begun.call.arguments.push_str(&function["arguments"].to_string()),
                _ => {}
            }
            if begun.call.arguments.len() > LONGEST {
                return Err(Fault::Malformed("a call of a tool of more than 4 megabytes".to_owned()));
            }
        }
        Ok(())
    }

    /// The calls that have come, each whole.
    pub(super) fn take(&mut self) -> Vec<Piece> {
        let calls = std::mem::take(&mut self.begun).into_iter().map(|begun| begun.call);
        let named = calls.filter(|call| !call.name.is_empty());
        named.map(|call| Piece::Called(with_id(call))).collect()
    }

    /// The call that a piece belongs to. Without an index, an id begins another one, and what has none goes on with the last.
    fn begun_by(&mut self, index: Option<u64>, id: Option<&str>) -> Result<&mut Begun, Fault> {
        let place = match (index, id) {
            (Some(index), _) => self.begun.iter().position(|begun| begun.index == Some(index)),
            (None, Some(id)) => self.begun.iter().position(|begun| begun.call.id == id),
            (None, None) => self.begun.len().checked_sub(1),
        };
        let place = place.unwrap_or(self.begun.len());
        if place == MOST {
            return Err(Fault::Malformed(format!("more than {MOST} calls of tools")));
        }
        if place == self.begun.len() {
            let call = ToolCall { id: String::new(), name: String::new(), arguments: String::new() };
            self.begun.push(Begun { index, call });
        }
        Ok(&mut self.begun[place])
    }
}

fn with_id(call: ToolCall) -> ToolCall {
    if call.id.is_empty() { ToolCall { id: call_id(), ..call } } else { call }
}
