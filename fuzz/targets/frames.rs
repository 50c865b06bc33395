#![no_main]

libfuzzer_sys::fuzz_target!(init: ambit_fuzz::let_panics_be_caught(), |input: &[u8]| {
    ambit_fuzz::read(ambit_fuzz::Target::Frames, input);
});
