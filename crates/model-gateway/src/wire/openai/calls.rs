//! Calls of tools, whose names and arguments come in pieces.

use ambit_domain::ToolCall;
use serde_json::Value;

use crate::wire::{Fault, Piece, call_id};

/// More calls than any model makes in one answer.
const MOST: usize = 128;
/// The longest arguments that are taken, in bytes.
const LONGEST: usize = 4 << 20;

/// The longest name that is taken, in bytes.
const LONGEST_NAME: usize = 1024;

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
            if begun.call.name.len() > LONGEST_NAME {
                return Err(Fault::Malformed(format!("a tool's name of more than {LONGEST_NAME} bytes")));
            }
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

    /// The call that a piece belongs to. Another id begins another call, whatever the index: some servers give all of them
    /// the same. What has neither goes on with the last.
    fn begun_by(&mut self, index: Option<u64>, id: Option<&str>) -> Result<&mut Begun, Fault> {
        let place = match (index, id) {
            (Some(index), id) => self.begun.iter().rposition(|begun| {
                begun.index == Some(index) && id.is_none_or(|id| begun.call.id.is_empty() || begun.call.id == id)
            }),
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
