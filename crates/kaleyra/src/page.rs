//! Lists in pages (contract §3.3).

use serde_json::Value;

use crate::{
    Version,
    answer::{FromAnswer, Malformed, Object},
};

/// The most items that a page can have (contract §3.3).
pub const PAGE_ITEMS_MAX: u32 = 100;

/// Which part of a list to fetch.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct PageRequest {
    offset: u64,
    limit: u32,
}

impl PageRequest {
    /// The first page, as long as pages can be.
    pub const FIRST: PageRequest = PageRequest { offset: 0, limit: PAGE_ITEMS_MAX };

    /// Asks for `limit` items after the first `offset`; `limit` is brought within 1 to [`PAGE_ITEMS_MAX`].
    pub fn new(offset: u64, limit: u32) -> PageRequest {
        PageRequest { offset, limit: limit.clamp(1, PAGE_ITEMS_MAX) }
    }

    /// Returns the parameters: what v2 calls `offset` is `skip` in v1.
    pub(crate) fn parameters(self, version: Version) -> [(&'static str, String); 2] {
        let offset = match version {
            Version::V1 => "skip",
            Version::V2 => "offset",
        };
        [(offset, self.offset.to_string()), ("limit", self.limit.to_string())]
    }
}

impl Default for PageRequest {
    fn default() -> Self {
        PageRequest::FIRST
    }
}

/// A part of a list.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Page<T> {
    /// The items, the newest first.
    pub items: Vec<T>,
    /// How many items of the list come before these.
    pub offset: u64,
    /// Whether more items follow. Where the service does not say, it is assumed of a page that is not empty.
    pub has_more: bool,
}

impl<T> Page<T> {
    /// Returns what to ask for to go on, or `None` at the end: when the service says so or the page is empty.
    pub fn next(&self, request: PageRequest) -> Option<PageRequest> {
        let received = u64::try_from(self.items.len()).unwrap_or(u64::MAX);
        let offset = request.offset.checked_add(received)?;
        (self.has_more && received > 0).then_some(PageRequest { offset, limit: request.limit })
    }

    /// A list that is not paginated.
    pub(crate) fn whole(items: Vec<T>) -> Page<T> {
        Page { items, offset: 0, has_more: false }
    }

    /// Reads a page whose items are under one of `names`.
    pub(crate) fn read(answer: &Value, names: &[&'static str]) -> Result<Page<T>, Malformed>
    where
        T: FromAnswer,
    {
        let object = Object::of(answer, "page")?;
        let items: Vec<T> = object.required_list(names)?;
        Ok(Page {
            offset: object.number(&["offset", "skip"])?.unwrap_or(0),
            has_more: object.flag(&["has_more"])?.unwrap_or(!items.is_empty()),
            items,
        })
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn the_next_page_begins_where_this_one_ends() {
        let request = PageRequest::new(20, 2);
        let page = Page { items: vec!["a", "b"], offset: 20, has_more: true };
        assert_eq!(page.next(request), Some(PageRequest::new(22, 2)));
    }

    #[test]
    fn an_empty_page_is_the_last_whatever_it_says() {
        let page: Page<Value> = Page::read(&json!({"users": [], "has_more": true}), &["users"]).unwrap();
        assert_eq!(page.next(PageRequest::FIRST), None);
    }

    #[test]
    fn a_page_that_does_not_say_has_more_until_one_is_empty() {
        let page: Page<Value> = Page::read(&json!({"users": [1]}), &["users"]).unwrap();
        assert_eq!(page.next(PageRequest::FIRST), Some(PageRequest::new(1, 100)));
    }

    #[test]
    fn limits_are_brought_within_the_bounds() {
        assert_eq!(PageRequest::new(0, 0), PageRequest::new(0, 1));
        assert_eq!(PageRequest::new(0, 1000), PageRequest::FIRST);
        assert_eq!(Page { items: vec![1], offset: 0, has_more: true }.next(PageRequest::new(u64::MAX, 1)), None);
    }
}
