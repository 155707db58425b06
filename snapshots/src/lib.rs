//! The committed outcomes of the cases, and how they are loaded and recorded.
