//! Reading the members of a JSON object one by one, so that the one that is wrong can be named. Members that nobody asks for are
//! ignored.

use std::collections::BTreeMap;

use serde::de::DeserializeOwned;
use serde_json::value::RawValue;

use super::Refusal;
use crate::limits::ID_CHARS_MAX;

/// An object, its values unread.
pub struct Members(BTreeMap<String, Box<RawValue>>);

/// They are equal if each has the other's values as they stand there.
impl PartialEq for Members {
    fn eq(&self, other: &Self) -> bool {
        let texts = |members: &Self| -> Vec<(String, String)> {
            members.0.iter().map(|(name, raw)| (name.clone(), raw.get().to_owned())).collect()
        };
        texts(self) == texts(other)
    }
}

impl Members {
    /// Reads an object; `None` if it is none.
    pub fn parse(json: &str) -> Option<Self> {
        serde_json::from_str(json).ok().map(Self)
    }

    /// The value as it stands there; `null` is none.
    pub fn raw(&self, name: &str) -> Option<&RawValue> {
        self.0.get(name).map(Box::as_ref).filter(|raw| raw.get() != "null")
    }

    /// Puts a value in place of another.
    pub fn set(&mut self, name: &str, json: &str) {
        if let Ok(raw) = RawValue::from_string(json.to_owned()) {
            self.0.insert(name.to_owned(), raw);
        }
    }

    /// Leaves a value out.
    pub fn remove(&mut self, name: &str) {
        self.0.remove(name);
    }

    /// The object as text.
    pub fn into_json(self) -> String {
        let mut json = String::from("{");
        for (name, raw) in self.0 {
            if json.len() > 1 {
                json.push(',');
            }
            // A text can always be written as JSON.
            json.push_str(&serde_json::Value::String(name).to_string());
            json.push(':');
            json.push_str(raw.get());
        }
        json.push('}');
        json
    }

    /// A value that may be missing.
    pub fn optional<T: DeserializeOwned>(&self, name: &'static str, must: &'static str) -> Result<Option<T>, Refusal> {
        let Some(raw) = self.raw(name) else { return Ok(None) };
        serde_json::from_str(raw.get()).map(Some).map_err(|_| Refusal::invalid(name, must))
    }

    /// A value.
    pub fn required<T: DeserializeOwned>(&self, name: &'static str, must: &'static str) -> Result<T, Refusal> {
        self.optional(name, must)?.ok_or_else(|| Refusal::invalid(name, must))
    }

    /// A text that may be missing, of so many characters.
    pub fn optional_text(&self, name: &'static str, min: usize, max: usize) -> Result<Option<String>, Refusal> {
        let Some(text) = self.optional::<String>(name, "must be a text")? else { return Ok(None) };
        // A NUL can be kept in no database that has texts.
        if text.contains('\0') {
            return Err(Refusal::invalid(name, "must not contain the character NUL"));
        }
        let chars = text.chars().count();
        if (min..=max).contains(&chars) {
            Ok(Some(text))
        } else {
            Err(Refusal::invalid(name, format!("must have {min} to {max} characters")))
        }
    }

    /// A text of so many characters.
    pub fn text(&self, name: &'static str, min: usize, max: usize) -> Result<String, Refusal> {
        self.optional_text(name, min, max)?.ok_or_else(|| Refusal::invalid(name, "must be a text"))
    }

    /// The name of something.
    pub fn id(&self, name: &'static str) -> Result<String, Refusal> {
        self.text(name, 1, ID_CHARS_MAX)
    }

    /// One of some words, if there is one.
    pub fn optional_choice<T: Copy>(
        &self,
        name: &'static str,
        choices: &[(&'static str, T)],
    ) -> Result<Option<T>, Refusal> {
        let of_words = || {
            let words: Vec<_> = choices.iter().map(|(word, _)| *word).collect();
            Refusal::invalid(name, format!("must be one of {}", words.join(", ")))
        };
        let Some(raw) = self.raw(name) else { return Ok(None) };
        let word: String = serde_json::from_str(raw.get()).map_err(|_| of_words())?;
        let choice = choices.iter().find(|(known, _)| *known == word);
        choice.map(|(_, choice)| Some(*choice)).ok_or_else(of_words)
    }

    /// One of some words.
    pub fn choice<T: Copy>(&self, name: &'static str, choices: &[(&'static str, T)]) -> Result<T, Refusal> {
        self.optional_choice(name, choices)?.ok_or_else(|| {
            let words: Vec<_> = choices.iter().map(|(word, _)| *word).collect();
            Refusal::invalid(name, format!("must be one of {}", words.join(", ")))
        })
    }

    /// A number that may be missing, between two.
    pub fn optional_number(&self, name: &'static str, min: f64, max: f64) -> Result<Option<f64>, Refusal> {
        let must = || Refusal::invalid(name, format!("must be a number from {min} to {max}"));
        let Some(raw) = self.raw(name) else { return Ok(None) };
        let number: f64 = serde_json::from_str(raw.get()).map_err(|_| must())?;
        if (min..=max).contains(&number) { Ok(Some(number)) } else { Err(must()) }
    }

    /// A whole number that may be missing, between two; a fraction is rounded.
    pub fn optional_whole(&self, name: &'static str, max: u32) -> Result<Option<u32>, Refusal> {
        let number = self.optional_number(name, 0.0, f64::from(max))?;
        #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "it is between 0 and `max`")]
        let whole = number.map(|number| number.round() as u32);
        Ok(whole)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_member_that_is_wrong_is_named() {
        let members = Members::parse(r#"{"a":"","b":7,"c":null,"d":"x\u0000y","e":"blue"}"#).unwrap();
        let field = |refusal: Refusal| refusal.field.unwrap();
        assert_eq!(field(members.text("a", 1, 3).unwrap_err()), "a");
        assert_eq!(field(members.text("b", 1, 3).unwrap_err()), "b");
        assert_eq!(members.optional_text("c", 1, 3).unwrap(), None);
        assert_eq!(field(members.text("d", 1, 9).unwrap_err()), "d");
        let refusal = members.choice("e", &[("red", 1), ("green", 2)]).unwrap_err();
        assert_eq!(refusal.message, "must be one of red, green");
        assert_eq!(members.optional_number("b", 0.0, 6.0).unwrap_err().message, "must be a number from 0 to 6");
        assert!(Members::parse("[]").is_none() && Members::parse("7").is_none());
    }

    #[test]
    fn an_object_is_written_as_it_was_read() {
        let mut members = Members::parse(r#"{"b\"": [1, 2.50] ,"a":{"x":1e3}}"#).unwrap();
        members.set("c", "true");
        assert_eq!(members.into_json(), r#"{"a":{"x":1e3},"b\"":[1, 2.50],"c":true}"#);
    }
}
