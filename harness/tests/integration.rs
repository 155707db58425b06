//! Every test of the harness that needs no program of its own. One program of them all is linked once, and
//! those that wait let others run.

mod any_model;
mod cli;
mod compare;
mod corpora;
mod cost;
mod coverage;
mod credentials;
mod excuses;
mod input;
mod invariants;
mod known_failures;
mod levels;
mod library_mount;
mod minimal;
mod mock_hyper;
mod mock_sdk;
mod mock_wiremock;
mod needed;
mod network;
mod poll_interval;
mod provision;
mod resume;
mod secrets;
mod shards;
mod signatures;
mod snapshots;
mod support;
mod terminal;
mod transport_failures;
mod unknown_content;
mod verifier;
