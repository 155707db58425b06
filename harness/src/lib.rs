//! Sends, observes, judges and shrinks.
