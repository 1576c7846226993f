//! Whether a room is recorded (contract §4): one value in v2, a flag and a type in v1.

use crate::{Malformed, answer::Object, open_enum::open_enum};

open_enum!(
    /// Whether and how a room's sessions are recorded. The hosted sandbox never records (contract §4).
    Recording {
        /// Not.
        None = "none",
        /// From the first moment.
        Automatic = "automatic",
        /// When an administrator starts it.
        Manual = "manual",
    }
);

impl Recording {
    /// Reads v2's word or v1's flag, which `recording_type` explains. `None` if neither is there.
    pub(crate) fn read(object: Object<'_>) -> Result<Option<Recording>, Malformed> {
        const NAMES: &[&str] = &["recording", "record"];
        let Some(value) = object.find(NAMES) else {
            return Ok(None);
        };
        Ok(Some(match crate::answer::flag(value) {
            Some(false) => Recording::None,
            Some(true) => object.text(&["recording_type", "recordingType"])?.unwrap_or(Recording::Automatic),
            None => object.id(NAMES)?,
        }))
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn both_generations_are_understood() {
        for (answer, expected) in [
            (json!({"recording": "manual"}), Some(Recording::Manual)),
            (json!({"recording": "none"}), Some(Recording::None)),
            (json!({"recording": null}), None),
            (json!({"record": 0}), Some(Recording::None)),
            (json!({"record": true, "recording_type": "manual"}), Some(Recording::Manual)),
            (json!({"record": "1"}), Some(Recording::Automatic)),
            (json!({"recording": "sometimes"}), Some(Recording::Other("sometimes".to_owned()))),
        ] {
            assert_eq!(Recording::read(Object::of(&answer, "room").unwrap()), Ok(expected), "{answer}");
        }
    }
}
