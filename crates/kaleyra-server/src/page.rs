//! Lists in pages (`kaleyra-video-api.md` §3.3).

use ports::register::Part;
use serde_json::{Value, json};

use crate::{Version, input::Input, refusal::Refusal};

/// How many items a page has if nobody says.
const LIMIT_DEFAULT: u32 = 20;

/// How many items a page has at most.
pub const LIMIT_MAX: u32 = 100;

/// How far into a list a page can begin: the store counts all that come before. Dates narrow a longer list down.
const OFFSET_MAX: u32 = 1_000_000;

/// Which part of a list is asked for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct PageRequest {
    offset: u32,
    limit: u32,
}

impl PageRequest {
    /// Reads `offset` (in v1 `skip`) and `limit`; a limit beyond the greatest is the greatest.
    pub fn read(input: &Input) -> Result<Self, Refusal> {
        let offset = match input.number("offset")? {
            Some(offset) => offset,
            None => input.number("skip")?.unwrap_or(0),
        };
        let offset = u32::try_from(offset).ok().filter(|offset| *offset <= OFFSET_MAX);
        let too_far = || Refusal::invalid("invalid_param", format!("A page begins at most at {OFFSET_MAX}."));
        let limit = input.number("limit")?.filter(|limit| *limit > 0).unwrap_or(LIMIT_DEFAULT.into());
        let limit = u32::try_from(limit).unwrap_or(LIMIT_MAX).min(LIMIT_MAX);
        Ok(Self { offset: offset.ok_or_else(too_far)?, limit })
    }

    /// The part to be read: one more than the page has, to learn whether there are more.
    pub const fn part(self) -> Part {
        Part { offset: self.offset, limit: self.limit + 1 }
    }

    /// The page of a list that is there as a whole.
    pub fn cut<T>(self, items: Vec<T>) -> Vec<T> {
        items.into_iter().skip(self.offset as usize).take(self.limit as usize + 1).collect()
    }

    /// The page, of what was read as [`Self::part`] says.
    pub fn answer(self, version: Version, name: &str, mut items: Vec<Value>) -> Value {
        let has_more = items.len() > self.limit as usize;
        items.truncate(self.limit as usize);
        let offset = match version {
            Version::V1 => "skip",
            Version::V2 => "offset",
        };
        json!({ offset: self.offset, "limit": self.limit, "count": items.len(), "has_more": has_more, name: items })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn request(said: Value) -> Result<PageRequest, Refusal> {
        let Value::Object(said) = said else { panic!("no object") };
        PageRequest::read(&Input::of(said))
    }

    #[test]
    fn a_page_has_twenty_items_and_at_most_a_hundred() {
        assert_eq!(request(json!({})), Ok(PageRequest { offset: 0, limit: 20 }));
        assert_eq!(request(json!({"skip": "40", "limit": 1_000})), Ok(PageRequest { offset: 40, limit: 100 }));
        assert_eq!(request(json!({"offset": 1, "skip": 2, "limit": "0"})), Ok(PageRequest { offset: 1, limit: 20 }));
        assert!(request(json!({"offset": 1_000_001})).is_err());
        assert!(request(json!({"offset": -1})).is_err());
    }

    #[test]
    fn a_page_says_whether_there_is_more() {
        let page = PageRequest { offset: 4, limit: 2 };
        let more = page.answer(Version::V2, "users", vec![json!(1), json!(2), json!(3)]);
        assert_eq!(more, json!({"offset": 4, "limit": 2, "count": 2, "has_more": true, "users": [1, 2]}));
        let last = page.answer(Version::V1, "rooms", vec![json!(1), json!(2)]);
        assert_eq!(last, json!({"skip": 4, "limit": 2, "count": 2, "has_more": false, "rooms": [1, 2]}));
        assert_eq!(page.cut((0..10).collect()), [4, 5, 6]);
    }
}
