//! The operations that the client offers, read from its own table.

use std::collections::BTreeSet;

use kaleyra_video::Version;

const SOURCE: &str = include_str!("../../../kaleyra/src/operation.rs");

/// The names of all operations of a generation.
pub fn of(version: Version) -> BTreeSet<&'static str> {
    let names: BTreeSet<_> = SOURCE.lines().filter_map(|line| operation(line, version)).collect();
    assert!(names.len() > 50, "the table was read");
    names
}

/// Reads `GET_COMPANY "get company" v1 get("/company"), v2 get("/company");`.
fn operation(line: &'static str, version: Version) -> Option<&'static str> {
    let (_, rest) = line.trim().split_once(" \"")?;
    let (name, rest) = rest.split_once("\" v1 ")?;
    let (v1, v2) = rest.strip_suffix(';')?.split_once(", v2 ")?;
    let offered = match version {
        Version::V1 => v1,
        Version::V2 => v2,
    };
    (offered != "NONE").then_some(name)
}
