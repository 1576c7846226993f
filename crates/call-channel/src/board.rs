//! One board: what is on it, and which changes hold.

use std::{borrow::Cow, cmp::Ordering, collections::BTreeMap};

use domain::{ProviderUserId, WhiteboardTools};
use ports::content::{Element, ElementId, FileId};
use serde_json::value::RawValue;

use crate::{
    limits::{BOARD_BYTES_MAX, BOARD_ELEMENTS_MAX, VERSION_STEP_MAX},
    wire::{Code, Content, Drawn, ElementKind, RefusedElement},
};

/// What is on a board, deleted elements too.
#[derive(Default)]
pub struct Board {
    elements: BTreeMap<ElementId, Element>,
    bytes: usize,
}

/// Who draws, and with what.
pub struct Drawer<'a> {
    /// Who.
    pub user: &'a ProviderUserId,
    /// What they may do on boards.
    pub tools: WhiteboardTools,
    /// Whether the room has this whole file.
    pub has_file: &'a dyn Fn(&FileId) -> bool,
}

/// What becomes of what somebody has drawn.
#[derive(Default)]
pub struct Decision {
    /// Those that hold.
    pub kept: Vec<ElementId>,
    /// Those that may not be.
    pub refused: Vec<RefusedElement>,
    /// Those that are otherwise than the drawer has them.
    pub differing: Vec<ElementId>,
    /// What is to be kept.
    pub save: Vec<Element>,
}

impl Board {
    /// What was kept.
    pub fn new(elements: Vec<Element>) -> Self {
        let mut board = Self::default();
        board.apply(elements);
        board
    }

    /// All of it, as it is told.
    pub fn bodies(&self) -> Vec<Box<RawValue>> {
        self.elements.values().filter_map(body).collect()
    }

    /// These elements, as they are told.
    pub fn bodies_of(&self, ids: &[ElementId]) -> Vec<Box<RawValue>> {
        ids.iter().filter_map(|id| self.elements.get(id)).filter_map(body).collect()
    }

    /// Decides, and changes nothing.
    pub fn decide(&self, drawn: Vec<Drawn>, drawer: &Drawer<'_>) -> Decision {
        let mut decision = Decision::default();
        let mut changed: BTreeMap<ElementId, Element> = BTreeMap::new();
        let (mut count, mut bytes) = (self.elements.len(), self.bytes);
        for Drawn { id, content } in drawn {
            let existing = changed.get(&id).or_else(|| self.elements.get(&id));
            let verdict = match content {
                Err(refusal) => Verdict::Refused(refusal.code, refusal.field.map(Cow::into_owned)),
                Ok(content) => judge(&id, content, existing, drawer),
            };
            let verdict = match verdict {
                Verdict::Holds { element, as_drawn } => {
                    let size_before = existing.map_or(0, |existing| existing.body.len());
                    let new_count = count + usize::from(existing.is_none());
                    let new_bytes = bytes - size_before + element.body.len();
                    // What makes a full board smaller is welcome.
                    if new_count > BOARD_ELEMENTS_MAX || (new_bytes > BOARD_BYTES_MAX && new_bytes > bytes) {
                        Verdict::Refused(Code::TooMany, None)
                    } else {
                        (count, bytes) = (new_count, new_bytes);
                        Verdict::Holds { element, as_drawn }
                    }
                }
                other @ (Verdict::Same | Verdict::Outdated | Verdict::Refused(..)) => other,
            };
            match verdict {
                Verdict::Same => decision.kept.push(id),
                Verdict::Outdated => decision.differing.push(id),
                Verdict::Refused(code, field) => {
                    decision.refused.push(RefusedElement { id: id.0.clone(), code, field });
                    decision.differing.push(id);
                }
                Verdict::Holds { element, as_drawn } => {
                    decision.kept.push(id.clone());
                    if !as_drawn {
                        decision.differing.push(id.clone());
                    }
                    changed.insert(id, element);
                }
            }
        }
        decision.save = changed.into_values().collect();
        decision
    }

    /// Takes over what is kept.
    pub fn apply(&mut self, elements: Vec<Element>) {
        for element in elements {
            self.bytes += element.body.len();
            if let Some(before) = self.elements.insert(element.id.clone(), element) {
                self.bytes -= before.body.len();
            }
        }
    }
}

impl Drawer<'_> {
    const fn may(&self, kind: ElementKind) -> bool {
        match kind {
            ElementKind::Pen => self.tools.pen,
            ElementKind::Shape => self.tools.shape,
            ElementKind::Text => self.tools.text,
            ElementKind::Image => self.tools.add_file,
        }
    }
}

/// What becomes of one element.
enum Verdict {
    /// It is there already.
    Same,
    /// There is a newer one.
    Outdated,
    /// It may not be.
    Refused(Code, Option<String>),
    /// It holds; or some of it, if it is not as it was drawn.
    Holds { element: Element, as_drawn: bool },
}

fn judge(id: &ElementId, content: Content, existing: Option<&Element>, drawer: &Drawer<'_>) -> Verdict {
    match existing.map(|existing| newer((content.version, content.nonce), existing)) {
        Some(Ordering::Equal) => return Verdict::Same,
        Some(Ordering::Less) => return Verdict::Outdated,
        Some(Ordering::Greater) | None => {}
    }
    let version_before = existing.map_or(0, |existing| existing.version);
    if content.version > version_before.saturating_add(VERSION_STEP_MAX) {
        return Verdict::Refused(Code::Invalid, Some("version".to_owned()));
    }
    let before = existing.and_then(|existing| Content::read(&existing.body).ok());
    let author = existing.map_or(drawer.user, |existing| &existing.author).clone();
    let may_draw = drawer.may(content.kind) && before.as_ref().is_none_or(|before| drawer.may(before.kind));
    // There are too many ways to make something disappear without erasing it: no opacity, no points, a place far away.
    let is_others = author != *drawer.user && !drawer.tools.eraser;
    if is_others && before.as_ref().is_some_and(|before| content.differs_from(before)) {
        return Verdict::Refused(Code::NotAllowed, None);
    }
    let erased = before.filter(|before| content.deleted && !before.deleted);
    let mut as_drawn = true;
    let content = match erased {
        // Who may erase may not change what is erased, also where that cannot be seen any more.
        Some(before) if !may_draw => {
            as_drawn = false;
            content.only_deleting(&before)
        }
        None if !may_draw => return Verdict::Refused(Code::NotAllowed, None),
        Some(_) | None => content,
    };
    let shows_file = content.kind == ElementKind::Image && !content.deleted;
    if shows_file && !content.file.as_ref().is_some_and(|file| (drawer.has_file)(file)) {
        return Verdict::Refused(Code::Unknown, Some("fileId".to_owned()));
    }
    let Content { version, nonce, body, .. } = content;
    Verdict::Holds { element: Element { id: id.clone(), author, version, nonce, body }, as_drawn }
}

/// How a change compares with what is there: the higher version is newer, of equals the lower nonce (Excalidraw's own rule).
fn newer((version, nonce): (u64, u64), existing: &Element) -> Ordering {
    version.cmp(&existing.version).then(existing.nonce.cmp(&nonce))
}

/// An element as it is told, from what is kept.
pub fn body(element: &Element) -> Option<Box<RawValue>> {
    // Only what was read as JSON is kept.
    RawValue::from_string(element.body.clone()).ok()
}

#[cfg(test)]
mod tests;
