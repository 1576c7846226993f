//! What is drawn: elements of Excalidraw, of which little is read and the rest is kept as it is.

use ports::content::{ElementId, FileId};

use super::{Refusal, members::Members};
use crate::limits::{ELEMENT_BYTES_MAX, ELEMENT_ID_CHARS_MAX, ID_CHARS_MAX, INTEGER_MAX};

/// What an element is, by what it needs.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ElementKind {
    /// `freedraw`
    Pen,
    /// `rectangle`, `diamond`, `ellipse`, `arrow`, `line`, `frame`
    Shape,
    /// `text`
    Text,
    /// `image`
    Image,
}

impl ElementKind {
    fn parse(name: &str) -> Option<Self> {
        match name {
            "freedraw" => Some(Self::Pen),
            "rectangle" | "diamond" | "ellipse" | "arrow" | "line" | "frame" => Some(Self::Shape),
            "text" => Some(Self::Text),
            "image" => Some(Self::Image),
            _ => None,
        }
    }
}

/// An element as somebody has drawn it.
#[derive(Debug, Clone, PartialEq)]
pub struct Drawn {
    /// Its name.
    pub id: ElementId,
    /// What it is; an error if nobody may draw it.
    pub content: Result<Content, Refusal>,
}

/// What the server reads of an element.
#[derive(Debug, Clone, PartialEq)]
pub struct Content {
    /// What it is.
    pub kind: ElementKind,
    /// Grows with every change.
    pub version: u64,
    /// Of two changes with one version, that with the lower nonce holds.
    pub nonce: u64,
    /// Whether it is gone.
    pub deleted: bool,
    /// The file that an image shows.
    pub file: Option<FileId>,
    /// All of it.
    pub body: String,
}

impl Drawn {
    /// Reads the element at this place of a command. Without a usable id it cannot be answered for itself, and the command is refused.
    pub fn parse(place: usize, json: &str) -> Result<Self, Refusal> {
        let at = |field: &str| format!("elements/{place}/{field}");
        let members =
            Members::parse(json).ok_or_else(|| Refusal::invalid(format!("elements/{place}"), "must be an object"))?;
        let id = members.text("id", 1, ELEMENT_ID_CHARS_MAX).map_err(|refusal| refusal.at(at("id")))?;
        let content = Content::parse(&members, json).map_err(|refusal| match refusal.field.clone() {
            Some(field) => refusal.at(at(&field)),
            None => refusal,
        });
        Ok(Self { id: ElementId(id), content })
    }
}

impl Content {
    /// Reads an element that is kept.
    pub(crate) fn read(json: &str) -> Result<Self, Refusal> {
        let members = Members::parse(json).ok_or_else(|| Refusal::invalid("elements", "must be an object"))?;
        Self::parse(&members, json)
    }

    fn parse(members: &Members, json: &str) -> Result<Self, Refusal> {
        if json.len() > ELEMENT_BYTES_MAX {
            return Err(Refusal::invalid("", format!("must have at most {ELEMENT_BYTES_MAX} bytes")));
        }
        let name = members.text("type", 1, ID_CHARS_MAX)?;
        let kind = ElementKind::parse(&name).ok_or_else(|| Refusal::invalid("type", "nobody may draw this"))?;
        let integer = |name, min| {
            let must = "must be a whole number below 2^53";
            let number: u64 = members.required(name, must)?;
            if (min..=INTEGER_MAX).contains(&number) { Ok(number) } else { Err(Refusal::invalid(name, must)) }
        };
        let (version, nonce) = (integer("version", 1)?, integer("versionNonce", 0)?);
        let deleted = members.optional("isDeleted", "must be true or false")?.unwrap_or(false);
        // A link could lead anywhere, and what others put into their elements is nothing that ours have.
        for name in ["link", "customData", "__proto__"] {
            if members.raw(name).is_some() {
                return Err(Refusal::invalid(name, "must be null"));
            }
        }
        let file = members.optional_text("fileId", 1, ID_CHARS_MAX)?.map(FileId);
        if kind == ElementKind::Image && file.is_none() {
            return Err(Refusal::invalid("fileId", "must be the id of a file"));
        }
        Ok(Self { kind, version, nonce, deleted, file, body: json.to_owned() })
    }

    /// Whether it is otherwise than `before` in what can be seen of it, or gone. What pages put into others' elements by themselves makes
    /// no difference: what is bound to an element, which group it is in, and its place above or below others.
    pub(crate) fn differs_from(&self, before: &Self) -> bool {
        let (Some(mut members), Some(mut others)) = (Members::parse(&self.body), Members::parse(&before.body)) else {
            return true;
        };
        for name in ["version", "versionNonce", "updated", "boundElements", "groupIds", "index", "isDeleted"] {
            members.remove(name);
            others.remove(name);
        }
        self.deleted != before.deleted || members != others
    }

    /// `existing` gone by this change, and otherwise as it was: what somebody may make of it who may erase but not draw.
    pub(crate) fn only_deleting(&self, existing: &Self) -> Self {
        let Some(mut members) = Members::parse(&existing.body) else { return existing.clone() };
        members.set("isDeleted", "true");
        members.set("version", &self.version.to_string());
        members.set("versionNonce", &self.nonce.to_string());
        let (version, nonce) = (self.version, self.nonce);
        Self { version, nonce, deleted: true, body: members.into_json(), ..existing.clone() }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const GOOD: &str = r#"{"id":"a","type":"image","version":3,"versionNonce":7,"isDeleted":false,"fileId":"file_1","link":null,"x":1.50}"#;

    #[test]
    fn an_element_is_kept_as_it_came() {
        let content = Drawn::parse(0, GOOD).unwrap().content.unwrap();
        assert_eq!((content.kind, content.version, content.nonce), (ElementKind::Image, 3, 7));
        assert_eq!(content.file, Some(FileId("file_1".to_owned())));
        assert_eq!(content.body, GOOD);
    }

    #[test]
    fn what_nobody_may_draw_is_refused_by_field() {
        let fields = [
            (r#""version":3"#, r#""version":0"#, "version"),
            (r#""version":3"#, r#""version":9007199254740992"#, "version"),
            (r#""versionNonce":7"#, r#""versionNonce":-1"#, "versionNonce"),
            (r#""link":null"#, r#""link":"javascript:alert(1)""#, "link"),
            (r#""link":null"#, r#""customData":{}"#, "customData"),
            (r#""link":null"#, r#""__proto__":{}"#, "__proto__"),
            (r#""type":"image""#, r#""type":"embeddable""#, "type"),
            (r#""type":"image""#, r#""type":"iframe""#, "type"),
            (r#""fileId":"file_1""#, r#""fileId":null"#, "fileId"),
            (r#""isDeleted":false"#, r#""isDeleted":"no""#, "isDeleted"),
        ];
        for (good, bad, field) in fields {
            let refusal = Drawn::parse(4, &GOOD.replace(good, bad)).unwrap().content.unwrap_err();
            assert_eq!(refusal.field.as_deref(), Some(format!("elements/4/{field}").as_str()));
        }
        for bad in [r#"{"type":"text"}"#, r#"{"id":""}"#, "7", &format!(r#"{{"id":"{}"}}"#, "x".repeat(65))] {
            assert!(Drawn::parse(0, bad).is_err(), "{bad}");
        }
    }

    #[test]
    fn erasing_changes_nothing_else() {
        let existing = Content::read(GOOD).unwrap();
        let change = Content::read(&GOOD.replace("1.50", "9").replace(":3", ":4").replace("false", "true")).unwrap();
        let gone = change.only_deleting(&existing);
        assert!(gone.deleted && gone.version == 4);
        assert!(gone.body.contains(r#""x":1.50"#) && gone.body.contains(r#""isDeleted":true"#));
        assert_eq!(Content::read(&gone.body).unwrap(), gone);
    }
}
