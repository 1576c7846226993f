//! Which tools somebody has, how they depend on each other, and how they are called on the wire (`kaleyra-video-api.md` §6.3).

use domain::{Tools, WhiteboardTools};

/// What a request says about the whiteboard.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum WhiteboardRequest {
    /// `true` or `false`: all of its parts, or none.
    Whole(bool),
    /// An object: a part that is not listed is off.
    Parts(WhiteboardParts),
}

/// The parts of the whiteboard that a request lists.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct WhiteboardParts {
    /// `wb_add_file`
    pub add_file: Option<bool>,
    /// `wb_cursor`
    pub cursor: Option<bool>,
    /// `wb_text`
    pub text: Option<bool>,
    /// `wb_shape`
    pub shape: Option<bool>,
    /// `wb_pen`
    pub pen: Option<bool>,
    /// `wb_eraser`
    pub eraser: Option<bool>,
}

/// A `tools` object as it was sent.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct ToolsRequest {
    /// `chat`
    pub chat: Option<bool>,
    /// `screen_sharing`
    pub screen_sharing: Option<bool>,
    /// `file_upload`
    pub file_upload: Option<bool>,
    /// `whiteboard`
    pub whiteboard: Option<WhiteboardRequest>,
    /// `snapshot`
    pub snapshot: Option<bool>,
    /// `live_edit`
    pub live_edit: Option<bool>,
    /// `live_pointer`
    pub live_pointer: Option<bool>,
    /// `present_to_everyone`
    pub present_to_everyone: Option<bool>,
}

/// Decides on the tools: without an object every tool is on; with one, each tool that it does not list is off.
pub fn resolve(request: Option<&ToolsRequest>) -> Tools {
    let Some(request) = request else { return Tools::all() };
    let on = |tool: Option<bool>| tool.unwrap_or(false);
    Tools {
        chat: on(request.chat),
        screen_sharing: on(request.screen_sharing),
        file_upload: on(request.file_upload),
        whiteboard: request.whiteboard.and_then(resolve_whiteboard),
        snapshot: on(request.snapshot),
        live_edit: on(request.live_edit),
        live_pointer: on(request.live_pointer),
        present_to_everyone: on(request.present_to_everyone),
    }
}

/// A whiteboard of which every part is off is off itself.
fn resolve_whiteboard(request: WhiteboardRequest) -> Option<WhiteboardTools> {
    let on = |part: Option<bool>| part.unwrap_or(false);
    match request {
        WhiteboardRequest::Whole(whole) => whole.then_some(WhiteboardTools::ALL),
        WhiteboardRequest::Parts(parts) => {
            let board = WhiteboardTools {
                add_file: on(parts.add_file),
                cursor: on(parts.cursor),
                text: on(parts.text),
                shape: on(parts.shape),
                pen: on(parts.pen),
                eraser: on(parts.eraser),
            };
            whiteboard_on_wire(board).iter().any(|(_, on)| *on).then_some(board)
        }
    }
}

/// Whether somebody sees the live editing of others: whoever can open the whiteboard does.
pub const fn receives_live_edit(tools: &Tools) -> bool {
    tools.whiteboard.is_some()
}

/// Whether somebody can take part in live editing: it needs something to edit, a place to do so, and the permission.
pub const fn collaborates(tools: &Tools) -> bool {
    tools.snapshot && tools.live_edit && tools.whiteboard.is_some()
}

/// Whether somebody can take snapshots and see the gallery of them.
pub const fn takes_snapshots(tools: &Tools) -> bool {
    tools.snapshot
}

/// Whether somebody can open the whiteboard.
pub const fn opens_whiteboard(tools: &Tools) -> bool {
    tools.whiteboard.is_some()
}

/// Whether any of the tools sends something to the others that is not sound or picture: all but screen sharing do.
pub const fn sends_data(tools: &Tools) -> bool {
    tools.chat
        || tools.file_upload
        || tools.whiteboard.is_some()
        || tools.snapshot
        || tools.live_edit
        || tools.live_pointer
        || tools.present_to_everyone
}

/// One tool as it is answered.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum WireTool {
    /// On or off.
    Switch(bool),
    /// The whiteboard when it is on: each part on or off. When it is off it is `Switch(false)`.
    Parts([(&'static str, bool); 6]),
}

/// Every tool by its name on the wire, in the provider's order.
pub fn on_wire(tools: &Tools) -> [(&'static str, WireTool); 8] {
    let whiteboard = match tools.whiteboard {
        Some(board) => WireTool::Parts(whiteboard_on_wire(board)),
        None => WireTool::Switch(false),
    };
    [
        ("chat", WireTool::Switch(tools.chat)),
        ("screen_sharing", WireTool::Switch(tools.screen_sharing)),
        ("file_upload", WireTool::Switch(tools.file_upload)),
        ("whiteboard", whiteboard),
        ("snapshot", WireTool::Switch(tools.snapshot)),
        ("live_edit", WireTool::Switch(tools.live_edit)),
        ("live_pointer", WireTool::Switch(tools.live_pointer)),
        ("present_to_everyone", WireTool::Switch(tools.present_to_everyone)),
    ]
}

fn whiteboard_on_wire(board: WhiteboardTools) -> [(&'static str, bool); 6] {
    [
        ("wb_add_file", board.add_file),
        ("wb_cursor", board.cursor),
        ("wb_text", board.text),
        ("wb_shape", board.shape),
        ("wb_pen", board.pen),
        ("wb_eraser", board.eraser),
    ]
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn without_an_object_every_tool_is_on() {
        assert_eq!(resolve(None), Tools::all());
    }

    #[test]
    fn with_an_object_what_it_does_not_list_is_off() {
        assert_eq!(resolve(Some(&ToolsRequest::default())), Tools::none());
        let request = ToolsRequest { chat: Some(true), snapshot: Some(false), ..ToolsRequest::default() };
        assert_eq!(resolve(Some(&request)), Tools { chat: true, ..Tools::none() });
    }

    #[test]
    fn each_tool_is_read_from_its_own_field() {
        let only = |request: ToolsRequest| resolve(Some(&request));
        let (on, request, none) = (Some(true), ToolsRequest::default(), Tools::none());
        assert_eq!(only(ToolsRequest { screen_sharing: on, ..request }), Tools { screen_sharing: true, ..none });
        assert_eq!(only(ToolsRequest { file_upload: on, ..request }), Tools { file_upload: true, ..none });
        assert_eq!(only(ToolsRequest { snapshot: on, ..request }), Tools { snapshot: true, ..none });
        assert_eq!(only(ToolsRequest { live_edit: on, ..request }), Tools { live_edit: true, ..none });
        assert_eq!(only(ToolsRequest { live_pointer: on, ..request }), Tools { live_pointer: true, ..none });
        assert_eq!(
            only(ToolsRequest { present_to_everyone: on, ..request }),
            Tools { present_to_everyone: true, ..none }
        );
    }

    #[test]
    fn a_whiteboard_is_whole_in_parts_or_off() {
        let board =
            |board| resolve(Some(&ToolsRequest { whiteboard: Some(board), ..ToolsRequest::default() })).whiteboard;
        assert_eq!(board(WhiteboardRequest::Whole(true)), Some(WhiteboardTools::ALL));
        assert_eq!(board(WhiteboardRequest::Whole(false)), None);
        assert_eq!(board(WhiteboardRequest::Parts(WhiteboardParts::default())), None);
        let pen = board(WhiteboardRequest::Parts(WhiteboardParts { pen: Some(true), ..WhiteboardParts::default() }));
        let pen = pen.expect("a board with a pen is on");
        assert!(pen.pen);
        assert!(!pen.eraser && !pen.text && !pen.shape && !pen.cursor && !pen.add_file);
    }

    #[test]
    fn tools_depend_on_each_other_as_the_providers_table_says() {
        let granted = |snapshot, live_edit, whiteboard: bool| {
            let whiteboard = whiteboard.then_some(WhiteboardTools::ALL);
            let tools = Tools { snapshot, live_edit, whiteboard, ..Tools::none() };
            (receives_live_edit(&tools), collaborates(&tools), takes_snapshots(&tools), opens_whiteboard(&tools))
        };
        assert_eq!(granted(true, true, true), (true, true, true, true));
        assert_eq!(granted(true, false, false), (false, false, true, false));
        assert_eq!(granted(true, false, true), (true, false, true, true));
        assert_eq!(granted(false, false, true), (true, false, false, true));
        assert_eq!(granted(false, false, false), (false, false, false, false));
    }

    #[test]
    fn every_tool_but_screen_sharing_sends_data() {
        assert!(!sends_data(&Tools::none()));
        assert!(!sends_data(&Tools { screen_sharing: true, ..Tools::none() }));
        for tools in [
            Tools { chat: true, ..Tools::none() },
            Tools { file_upload: true, ..Tools::none() },
            Tools { whiteboard: Some(WhiteboardTools::ALL), ..Tools::none() },
            Tools { snapshot: true, ..Tools::none() },
            Tools { live_edit: true, ..Tools::none() },
            Tools { live_pointer: true, ..Tools::none() },
            Tools { present_to_everyone: true, ..Tools::none() },
        ] {
            assert!(sends_data(&tools), "{tools:?}");
        }
    }

    #[test]
    fn on_the_wire_every_tool_is_listed_and_a_whiteboard_that_is_off_is_false() {
        let names: Vec<_> = on_wire(&Tools::all()).into_iter().map(|(name, _)| name).collect();
        let expected = [
            "chat",
            "screen_sharing",
            "file_upload",
            "whiteboard",
            "snapshot",
            "live_edit",
            "live_pointer",
            "present_to_everyone",
        ];
        assert_eq!(names, expected);
        assert!(on_wire(&Tools::none()).into_iter().all(|(_, tool)| tool == WireTool::Switch(false)));
        assert!(matches!(on_wire(&Tools::all())[3].1, WireTool::Parts(parts) if parts.iter().all(|(_, on)| *on)));
    }
}
