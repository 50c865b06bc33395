//! Ports in memory, for tests of this crate and of the surfaces above it.
