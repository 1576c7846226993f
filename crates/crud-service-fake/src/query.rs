//! The parameters of a request (`mia-platform.md` §9.2).

use serde_json::Value;
use url::form_urlencoded;

use crate::{Collection, State, filter::Filter, refusal::Refusal};

/// The most documents of one page (`CRUD_MAX_LIMIT`).
const LIMIT_MAX: usize = 200;

/// The documents of a page that does not say.
const LIMIT_DEFAULT: usize = 25;

/// What a request asks for.
pub(crate) struct Query {
    pub(crate) filter: Filter,
    pub(crate) states: Vec<State>,
    pub(crate) limit: usize,
    pub(crate) skip: usize,
    /// Columns and whether they are sorted downwards.
    pub(crate) sort: Vec<(String, bool)>,
    /// The columns to give; all of them if there are none.
    pub(crate) projection: Vec<String>,
}

impl Query {
    pub(crate) fn parse(collection: &Collection, query: &str) -> Result<Self, Refusal> {
        let mut parsed = Self {
            filter: Filter::everything(),
            states: vec![State::Public],
            limit: LIMIT_DEFAULT,
            skip: 0,
            sort: Vec::new(),
            projection: Vec::new(),
        };
        for (name, value) in form_urlencoded::parse(query.as_bytes()) {
            match &*name {
                "_q" => {
                    let filter: Value = serde_json::from_str(&value)
                        .map_err(|error| Refusal::internal(format!("Unexpected token in JSON: {error}")))?;
                    parsed.filter = parsed.filter.and(Filter::parse(collection, &filter)?);
                }
                "_st" => {
                    let states: Option<_> = value.split(',').map(State::parse).collect();
                    parsed.states = states.ok_or_else(|| Refusal::invalid("querystring/_st must match pattern"))?;
                }
                "_l" => parsed.limit = limit(&value)?,
                "_sk" => parsed.skip = number("_sk", &value)?,
                "_s" => parsed.sort.extend(value.split(',').map(sorting)),
                "_p" => parsed.projection.extend(value.split(',').map(ToOwned::to_owned)),
                "_rawp" | "_useEstimate" | "_exportOpts" => return Err(Refusal::not_faked(&name)),
                _ => parsed.filter = parsed.filter.and(Filter::equal(collection, &name, &value)?),
            }
        }
        Ok(parsed)
    }
}

fn limit(text: &str) -> Result<usize, Refusal> {
    match number("_l", text)? {
        0 => Err(Refusal::invalid("querystring/_l must be >= 1")),
        limit if limit > LIMIT_MAX => Err(Refusal::invalid(format!("querystring/_l must be <= {LIMIT_MAX}"))),
        limit => Ok(limit),
    }
}

fn number(name: &str, text: &str) -> Result<usize, Refusal> {
    text.parse().map_err(|_| Refusal::invalid(format!("querystring/{name} must be integer")))
}

fn sorting(text: &str) -> (String, bool) {
    match text.strip_prefix('-') {
        Some(name) => (name.to_owned(), true),
        None => (text.to_owned(), false),
    }
}
