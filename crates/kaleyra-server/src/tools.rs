//! Tools as they are asked for and as they are answered (`kaleyra-video-api.md` §6.3).

use domain::Tools;
use serde_json::{Map, Value};
use video::tools::{ToolsRequest, WhiteboardParts, WhiteboardRequest, WireTool, on_wire, resolve};

use crate::{
    input::{Input, flag},
    refusal::Refusal,
};

/// Reads `tools`; without it every tool is on. Tools that the service does not know are left out.
pub fn read(value: Option<&Value>) -> Result<Tools, Refusal> {
    let Some(value) = value.filter(|value| !value.is_null()) else { return Ok(resolve(None)) };
    let tools = Input::of(value.as_object().ok_or_else(wrong)?.clone());
    let tool = |name| tools.flag(name).map_err(|_| wrong());
    let request = ToolsRequest {
        chat: tool("chat")?,
        screen_sharing: tool("screen_sharing")?,
        file_upload: tool("file_upload")?,
        whiteboard: tools.field("whiteboard").map(whiteboard).transpose()?,
        snapshot: tool("snapshot")?,
        live_edit: tool("live_edit")?,
        live_pointer: tool("live_pointer")?,
        present_to_everyone: tool("present_to_everyone")?,
    };
    Ok(resolve(Some(&request)))
}

fn whiteboard(value: &Value) -> Result<WhiteboardRequest, Refusal> {
    if let Some(whole) = flag(value) {
        return Ok(WhiteboardRequest::Whole(whole));
    }
    let parts = Input::of(value.as_object().ok_or_else(wrong)?.clone());
    let part = |name| parts.flag(name).map_err(|_| wrong());
    Ok(WhiteboardRequest::Parts(WhiteboardParts {
        add_file: part("wb_add_file")?,
        cursor: part("wb_cursor")?,
        text: part("wb_text")?,
        shape: part("wb_shape")?,
        pen: part("wb_pen")?,
        eraser: part("wb_eraser")?,
    }))
}

fn wrong() -> Refusal {
    Refusal::invalid("invalid_tools", "tools must be an object of tools, each true or false.")
}

/// Every tool, on or off. Signing is always off: the service cannot.
pub fn view(tools: &Tools) -> Value {
    let mut view = Map::new();
    for (name, tool) in on_wire(tools) {
        let value = match tool {
            WireTool::Switch(on) => Value::Bool(on),
            WireTool::Parts(parts) => {
                Value::Object(parts.into_iter().map(|(name, on)| (name.to_owned(), Value::Bool(on))).collect())
            }
        };
        view.insert(name.to_owned(), value);
    }
    view.insert("sign".to_owned(), Value::Bool(false));
    Value::Object(view)
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn without_tools_all_are_on_and_with_an_empty_object_none() {
        assert_eq!(read(None).unwrap(), Tools::all());
        assert_eq!(read(Some(&Value::Null)).unwrap(), Tools::all());
        assert_eq!(read(Some(&json!({}))).unwrap(), Tools::none());
        assert!(read(Some(&json!([]))).is_err());
        assert!(read(Some(&json!({"chat": "maybe"}))).is_err());
    }

    #[test]
    fn parts_of_the_whiteboard_are_expanded() {
        let tools = read(Some(&json!({"chat": 1, "whiteboard": {"wb_pen": true}, "juggling": true}))).unwrap();
        let view = view(&tools);
        assert_eq!((&view["chat"], &view["snapshot"], &view["sign"]), (&json!(true), &json!(false), &json!(false)));
        assert_eq!((&view["whiteboard"]["wb_pen"], &view["whiteboard"]["wb_text"]), (&json!(true), &json!(false)));
        assert_eq!(super::view(&Tools::none())["whiteboard"], json!(false));
    }
}
