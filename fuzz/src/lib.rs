//! The readers of models' files, without the engines: the same modules as in `crates/inference`, in a crate that compiles
//! in a minute. What a target does with an input is in `crates/inference/src/untrusted.rs`, where the tests do it too.
#![allow(dead_code, reason = "what only the engines use of these modules")]
#![allow(unused_imports, reason = "what only the engines use of these modules")]

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
}

/// Reads an input as a target does.
pub fn read(target: Target, input: &[u8]) {
    match target {
        Target::Gguf => untrusted::gguf(input),
        Target::Safetensors => untrusted::safetensors(input),
        Target::Configuration => untrusted::configuration(input),
        Target::Vocabulary => untrusted::vocabulary(input),
    }
}

/// Lets panics be caught, as those of tokenizers are; libFuzzer would end the process at the first. One that nobody catches
/// still ends it.
pub fn let_panics_be_caught() {
    std::panic::set_hook(Box::new(|_| {}));
}
