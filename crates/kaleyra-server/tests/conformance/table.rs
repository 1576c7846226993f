//! What became of each operation.

use std::{
    collections::{BTreeMap, BTreeSet},
    fmt::{self, Write as _},
};

use kaleyra_video::{Error, Page, Version};

use crate::operations;

/// The outcomes by operation.
pub struct Table {
    version: Version,
    outcomes: BTreeMap<&'static str, String>,
}

impl Table {
    pub fn new(version: Version) -> Self {
        Self { version, outcomes: BTreeMap::new() }
    }

    /// The operation did what it is for.
    pub fn whole<T>(&mut self, operation: &'static str, outcome: Result<T, Error>) -> T {
        let value = outcome.unwrap_or_else(|error| panic!("{operation}: {error:?}"));
        self.outcomes.insert(operation, "whole".to_owned());
        value
    }

    /// The operation answered that there is nothing.
    pub fn empty<T: Nothing>(&mut self, operation: &'static str, outcome: Result<T, Error>) {
        let value = outcome.unwrap_or_else(|error| panic!("{operation}: {error:?}"));
        assert!(value.is_nothing(), "{operation}");
        self.outcomes.insert(operation, "empty".to_owned());
    }

    /// The operation was refused with this code, because the service lacks what it is for.
    pub fn lacking<T: fmt::Debug>(&mut self, operation: &'static str, code: &str, outcome: Result<T, Error>) {
        refused(operation, code, outcome);
        self.outcomes.insert(operation, format!("refused: {code}"));
    }

    /// Prints the table, and checks that no operation of the client is missing from it.
    pub fn covers_everything(&self) {
        let offered = operations::of(self.version);
        let mut text = format!("{}:\n", self.version);
        for (operation, outcome) in &self.outcomes {
            // Writing to a `String` never fails.
            let _ = writeln!(text, "  {operation:<28} {outcome}");
        }
        eprint!("{text}");
        let noted: BTreeSet<_> = self.outcomes.keys().copied().collect();
        assert_eq!(noted, offered);
    }
}

/// Checks that it was refused with this code.
pub fn refused<T: fmt::Debug>(what: &str, code: &str, outcome: Result<T, Error>) {
    match outcome {
        Ok(value) => panic!("{what}: {value:?}"),
        Err(error) => assert_eq!(error.code(), Some(code), "{what}: {error:?}"),
    }
}

/// What can say that it has nothing in it.
pub trait Nothing {
    fn is_nothing(&self) -> bool;
}

impl<T> Nothing for Page<T> {
    fn is_nothing(&self) -> bool {
        self.items.is_empty() && !self.has_more
    }
}

impl<T> Nothing for Vec<T> {
    fn is_nothing(&self) -> bool {
        self.is_empty()
    }
}
