//! The readers of models' files, without the engines, and of what browsers write: the same modules as in `crates/inference` and
//! `browser-extension/native-host`, in a crate that compiles in a minute. What a target does with an input is in the file
//! `untrusted.rs` of each, where the tests do it too.
#![allow(dead_code, reason = "what only the rest of their crates uses of these modules")]
#![allow(unused_imports, reason = "what only the rest of their crates uses of these modules")]

#[path = "../../crates/inference/src"]
mod inference {
    pub(crate) mod catalogue;
    pub(crate) mod error;
    pub(crate) mod gguf;
    pub(crate) mod mapped_file;
    pub(crate) mod tensor_view;
    pub(crate) mod tokenizer;
    pub(crate) mod untrusted;
    pub(crate) mod vocabulary;
    pub(crate) mod weight_format;
    pub(crate) mod weights_folder;

    pub(crate) mod decoder {
        mod configuration;

        pub(crate) use configuration::Configuration;
    }

    pub(crate) mod encoder {
        mod checkpoint;
        mod configuration;
        mod description;
        mod pooling;

        pub(crate) use checkpoint::Checkpoint;
        pub(crate) use configuration::Configuration;
        pub(crate) use description::{Description, Prompts};
    }

    pub(crate) mod kernels {
        mod shapes;

        pub(crate) use shapes::{AttentionShape, Bend, DeltaShape, HeadShape};
    }
}

#[path = "../../browser-extension/native-host/src"]
mod native_host {
    pub(crate) mod frames;
    pub(crate) mod untrusted;
}

// By the names that the modules call each other.
use inference::encoder::Prompts;
use inference::error::{Error, Result};
use inference::{
    catalogue, decoder, encoder, gguf, kernels, mapped_file, tensor_view, tokenizer, untrusted, vocabulary,
    weight_format, weights_folder,
};

/// What is read.
#[derive(Debug, Clone, Copy)]
pub enum Target {
    /// Models in GGUF.
    Gguf,
    /// Weights in safetensors.
    Safetensors,
    /// `config.json`.
    Configuration,
    /// `tokenizer.json`.
    Vocabulary,
    /// Frames of native messaging.
    Frames,
}

/// Reads an input as a target does.
pub fn read(target: Target, input: &[u8]) {
    match target {
        Target::Gguf => untrusted::gguf(input),
        Target::Safetensors => untrusted::safetensors(input),
        Target::Configuration => untrusted::configuration(input),
        Target::Vocabulary => untrusted::vocabulary(input),
        Target::Frames => native_host::untrusted::frames(input),
    }
}

/// Lets panics be caught, as those of tokenizers are; libFuzzer would end the process at the first. One that nobody catches
/// still ends it.
pub fn let_panics_be_caught() {
    std::panic::set_hook(Box::new(|_| {}));
}
