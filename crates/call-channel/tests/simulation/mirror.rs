//! A page: what it knows by what it was told.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::Value;

#[derive(Default)]
pub struct Mirror {
    pub welcomed: bool,
    pub stage: String,
    pub people: BTreeMap<String, Value>,
    /// Messages by number.
    pub messages: BTreeMap<u64, Value>,
    pub presented: Value,
    pub files: BTreeSet<String>,
    /// What is on each board that it has opened: version and nonce by id.
    pub boards: BTreeMap<String, BTreeMap<String, (u64, u64)>>,
}

fn text(value: &Value) -> String {
    value.as_str().unwrap_or_default().to_owned()
}

impl Mirror {
    pub fn told(&mut self, event: &Value) {
        match event["event"].as_str().unwrap() {
            "welcome" => {
                *self = Self {
                    welcomed: true,
                    stage: text(&event["stage"]),
                    presented: event["presented"].clone(),
                    ..Self::default()
                };
                let people = event["people"].as_array().unwrap().iter();
                self.people = people.map(|person| (text(&person["user_id"]), person.clone())).collect();
                for message in event["chat"]["messages"].as_array().unwrap() {
                    self.messages.insert(message["number"].as_u64().unwrap(), message.clone());
                }
                self.files = event["files"].as_array().unwrap().iter().map(|file| text(&file["file_id"])).collect();
            }
            "stage" => self.stage = text(&event["stage"]),
            "person" => {
                self.people.insert(text(&event["person"]["user_id"]), event["person"].clone());
            }
            "people.gone" => {
                self.people.remove(event["user_id"].as_str().unwrap());
            }
            "chat.message" => {
                let message = event["message"].clone();
                self.messages.insert(message["number"].as_u64().unwrap(), message);
            }
            "presented" if event["user_id"].is_null() => self.presented = Value::Null,
            "presented" => {
                self.presented = serde_json::json!({"user_id": event["user_id"], "source": event["source"]});
            }
            "file" => {
                self.files.insert(text(&event["file"]["file_id"]));
            }
            "file.deleted" => {
                self.files.remove(event["file_id"].as_str().unwrap());
            }
            "board.drawn" => {
                if let Some(board) = self.boards.get_mut(event["board"].as_str().unwrap()) {
                    draw(board, &event["elements"]);
                }
            }
            "board.cleared" => {
                if let Some(board) = self.boards.get_mut(event["board"].as_str().unwrap()) {
                    board.clear();
                }
            }
            _ => {}
        }
    }

    /// A board was opened.
    pub fn opened(&mut self, board: &str, elements: &Value) {
        let mut all = BTreeMap::new();
        draw(&mut all, elements);
        self.boards.insert(board.to_owned(), all);
    }

    /// What it drew itself was answered.
    pub fn drew(&mut self, board: &str, drawn: &Value, answer: &Value) {
        let Some(board) = self.boards.get_mut(board) else { return };
        let kept: BTreeSet<_> = answer["kept"].as_array().unwrap().iter().map(text).collect();
        for element in drawn.as_array().unwrap().iter().filter(|element| kept.contains(&text(&element["id"]))) {
            draw(board, &Value::Array(vec![element.clone()]));
        }
        draw(board, &answer["elements"]);
    }
}

/// Takes elements over if they are newer, by Excalidraw's rule.
fn draw(board: &mut BTreeMap<String, (u64, u64)>, elements: &Value) {
    for element in elements.as_array().unwrap() {
        let new = (element["version"].as_u64().unwrap(), element["versionNonce"].as_u64().unwrap());
        let entry = board.entry(text(&element["id"])).or_insert(new);
        if new.0 > entry.0 || (new.0 == entry.0 && new.1 < entry.1) {
            *entry = new;
        }
    }
}
