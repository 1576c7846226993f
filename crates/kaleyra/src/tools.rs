//! What a participant may use in a room (contract §6.3).

use serde::{Serialize, Serializer, ser::SerializeMap};
use serde_json::Value;

use crate::{
    Malformed,
    answer::{FromAnswer, Object, flag},
};

/// What a participant may use. What is not granted is withheld; sent as the tools that are granted, so none is `{}`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
#[expect(clippy::struct_excessive_bools, reason = "the contract's shape: each tool is granted by itself")]
pub struct Tools {
    /// Text chat.
    pub chat: bool,
    /// Sharing the screen.
    pub screen_sharing: bool,
    /// Sending files.
    pub file_upload: bool,
    /// The whiteboard.
    pub whiteboard: Whiteboard,
    /// Taking snapshots.
    pub snapshot: bool,
    /// Editing snapshots together.
    pub live_edit: bool,
    /// Pointing at something. Seeing others point is always possible.
    pub live_pointer: bool,
    /// Putting one's own video in front of everyone.
    pub present_to_everyone: bool,
    /// Electronic signature.
    pub sign: bool,
}

/// How much of the whiteboard a participant may use.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Whiteboard {
    /// Nothing.
    #[default]
    Off,
    /// Everything.
    Whole,
    /// These of its tools.
    Parts(WhiteboardTools),
}

/// The tools of the whiteboard. One that is not granted is withheld.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
#[expect(clippy::struct_excessive_bools, reason = "the contract's shape: each tool is granted by itself")]
pub struct WhiteboardTools {
    /// Adding files.
    pub add_file: bool,
    /// The cursor.
    pub cursor: bool,
    /// Writing.
    pub text: bool,
    /// Shapes.
    pub shape: bool,
    /// Drawing.
    pub pen: bool,
    /// Erasing.
    pub eraser: bool,
}

impl Tools {
    fn granted(&self) -> [(&'static str, bool); 8] {
        [
            ("chat", self.chat),
            ("screen_sharing", self.screen_sharing),
            ("file_upload", self.file_upload),
            ("snapshot", self.snapshot),
            ("live_edit", self.live_edit),
            ("live_pointer", self.live_pointer),
            ("present_to_everyone", self.present_to_everyone),
            ("sign", self.sign),
        ]
    }
}

impl Serialize for Tools {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut map = serializer.serialize_map(None)?;
        for (name, granted) in self.granted() {
            if granted {
                map.serialize_entry(name, &true)?;
            }
        }
        match &self.whiteboard {
            Whiteboard::Off => {}
            Whiteboard::Whole => map.serialize_entry("whiteboard", &true)?,
            Whiteboard::Parts(parts) => map.serialize_entry("whiteboard", parts)?,
        }
        map.end()
    }
}

impl Serialize for WhiteboardTools {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut map = serializer.serialize_map(None)?;
        for (name, granted) in [
            ("wb_add_file", self.add_file),
            ("wb_cursor", self.cursor),
            ("wb_text", self.text),
            ("wb_shape", self.shape),
            ("wb_pen", self.pen),
            ("wb_eraser", self.eraser),
        ] {
            map.serialize_entry(name, &granted)?;
        }
        map.end()
    }
}

impl FromAnswer for Tools {
    fn from_answer(answer: &Value) -> Result<Self, Malformed> {
        let tools = Object::of(answer, "tools")?;
        let granted = |name| Ok(tools.flag(&[name])?.unwrap_or(false));
        Ok(Tools {
            chat: granted("chat")?,
            screen_sharing: granted("screen_sharing")?,
            file_upload: granted("file_upload")?,
            whiteboard: tools.value(&["whiteboard"])?.unwrap_or_default(),
            snapshot: granted("snapshot")?,
            live_edit: granted("live_edit")?,
            live_pointer: granted("live_pointer")?,
            present_to_everyone: granted("present_to_everyone")?,
            sign: granted("sign")?,
        })
    }
}

impl FromAnswer for Whiteboard {
    fn from_answer(answer: &Value) -> Result<Self, Malformed> {
        match flag(answer) {
            Some(true) => return Ok(Whiteboard::Whole),
            Some(false) => return Ok(Whiteboard::Off),
            None => {}
        }
        let tools = Object::of(answer, "whiteboard")?;
        let granted = |name| Ok(tools.flag(&[name])?.unwrap_or(false));
        Ok(Whiteboard::Parts(WhiteboardTools {
            add_file: granted("wb_add_file")?,
            cursor: granted("wb_cursor")?,
            text: granted("wb_text")?,
            shape: granted("wb_shape")?,
            pen: granted("wb_pen")?,
            eraser: granted("wb_eraser")?,
        }))
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use serde_json::json;

    use super::*;

    #[test]
    fn only_what_is_granted_is_sent() {
        assert_eq!(serde_json::to_string(&Tools::default()).unwrap(), "{}");
        let tools = Tools { chat: true, whiteboard: Whiteboard::Whole, ..Tools::default() };
        assert_eq!(serde_json::to_string(&tools).unwrap(), r#"{"chat":true,"whiteboard":true}"#);
    }

    #[test]
    fn the_full_map_is_understood() {
        let answer = json!({"chat": 1, "whiteboard": {"wb_pen": true}, "snapshot": false, "juggling": true});
        let parts = WhiteboardTools { pen: true, ..WhiteboardTools::default() };
        let expected = Tools { chat: true, whiteboard: Whiteboard::Parts(parts), ..Tools::default() };
        assert_eq!(Tools::from_answer(&answer), Ok(expected));
        assert!(Tools::from_answer(&json!({"chat": "perhaps"})).is_err());
        assert!(Tools::from_answer(&json!([])).is_err());
    }

    proptest! {
        #[test]
        fn what_is_sent_is_read_back(bits: [bool; 14], kind in 0..3) {
            let parts = WhiteboardTools {
                add_file: bits[8], cursor: bits[9], text: bits[10], shape: bits[11], pen: bits[12], eraser: bits[13],
            };
            let whiteboard = [Whiteboard::Off, Whiteboard::Whole, Whiteboard::Parts(parts)][usize::try_from(kind).unwrap()];
            let tools = Tools {
                chat: bits[0], screen_sharing: bits[1], file_upload: bits[2], whiteboard, snapshot: bits[3],
                live_edit: bits[4], live_pointer: bits[5], present_to_everyone: bits[6], sign: bits[7],
            };
            prop_assert_eq!(Tools::from_answer(&serde_json::to_value(tools).unwrap()), Ok(tools));
        }
    }
}
