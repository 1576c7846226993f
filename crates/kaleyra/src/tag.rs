//! Tags (contract §6.8, §7.10).

use jiff::Timestamp;
use serde::Serialize;
use serde_json::Value;

use crate::{
    Client, Error, Malformed, Page, PageRequest, Tag, Version,
    answer::{FromAnswer, Object},
    operation as op,
};

/// A tag that exists.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TagRecord {
    /// The tag.
    pub tag: Tag,
    /// When it was added.
    pub creation_date: Option<Timestamp>,
}

impl FromAnswer for TagRecord {
    fn from_answer(answer: &Value) -> Result<Self, Malformed> {
        let record = Object::of(answer, "tags")?;
        Ok(TagRecord { tag: record.id(&["tag", "name"])?, creation_date: record.moment(&["creation_date"])? })
    }
}

#[derive(Serialize)]
struct Tags<'a> {
    tags: &'a [Tag],
}

impl Client {
    /// Lists tags (contract §6.8, §7.10). v1 gives all of them at once.
    pub async fn tags(&self, page: PageRequest) -> Result<Page<TagRecord>, Error> {
        let call = self.call(op::LIST_TAGS, &[])?;
        match self.version() {
            Version::V1 => {
                call.read(|answer| Object::of(answer, "answer")?.required_list(&["tags"]).map(Page::whole)).await
            }
            Version::V2 => call.page(page).read(|answer| Page::read(answer, &["tags"])).await,
        }
    }

    /// Adds tags (contract §6.8, §7.10).
    pub async fn add_tags(&self, tags: &[Tag]) -> Result<(), Error> {
        self.call(op::ADD_TAGS, &[])?.json(&Tags { tags })?.done().await
    }

    /// Removes a tag (contract §6.8, §7.10).
    pub async fn remove_tag(&self, tag: &Tag) -> Result<(), Error> {
        match self.version() {
            Version::V1 => {
                let tags = std::slice::from_ref(tag);
                self.call(op::REMOVE_TAG, &[])?.json(&Tags { tags })?.done().await
            }
            Version::V2 => self.call(op::REMOVE_TAG, &[tag.as_str()])?.done().await,
        }
    }
}
