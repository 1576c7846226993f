//! Who may send what.

use domain::ProviderUserId;
use ports::{
    content::FileKind,
    rooms::{Member, Room},
};

/// A file as somebody wants to send it.
#[derive(Clone, PartialEq, Eq)]
pub struct NewFile {
    /// What it is called; see [`super::NAME_MAX`].
    pub name: String,
    /// What it is.
    pub kind: FileKind,
    /// How many bytes it has; one at least.
    pub size: u64,
    /// The request that a snapshot answers.
    pub request: Option<String>,
    /// Whose picture a snapshot shows.
    pub of: Option<ProviderUserId>,
}

/// Why somebody may not.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum Denied {
    /// They have not been let in.
    #[error("not let in yet")]
    WrongStage,
    /// They have not the tool, or not the role.
    #[error("{0}")]
    NotAllowed(&'static str),
    /// A snapshot is of somebody who is not in the room.
    #[error("of must be somebody in the room")]
    UnknownSubject,
}

/// Whether the member may send it, and whose picture it shows. `asked`: they were asked for a snapshot of themselves by its request.
pub fn check(room: &Room, member: &Member, new: &NewFile, asked: bool) -> Result<Option<ProviderUserId>, Denied> {
    let tools = &member.tools;
    match new.kind {
        FileKind::File if tools.file_upload => Ok(None),
        FileKind::File => Err(Denied::NotAllowed("the file_upload tool is needed")),
        FileKind::BoardImage if tools.whiteboard.is_some_and(|whiteboard| whiteboard.add_file) => Ok(None),
        FileKind::BoardImage => Err(Denied::NotAllowed("the whiteboard's wb_add_file is needed")),
        FileKind::Snapshot if asked => Ok(Some(member.user.clone())),
        FileKind::Snapshot if new.request.is_some() => Err(Denied::NotAllowed("there is no such open request")),
        FileKind::Snapshot if !tools.snapshot => Err(Denied::NotAllowed("the snapshot tool or a request is needed")),
        FileKind::Snapshot => match &new.of {
            Some(of) if room.member(of).is_none() => Err(Denied::UnknownSubject),
            of => Ok(of.clone()),
        },
    }
}

#[cfg(test)]
mod tests {
    use domain::{Tools, WhiteboardTools};

    use super::*;
    use crate::testing::{id, member, room};

    fn new(kind: FileKind) -> NewFile {
        NewFile { name: "a".to_owned(), kind, size: 1, request: None, of: None }
    }

    #[test]
    fn each_kind_needs_its_tool() {
        let (_, room) = room("room", &["anna", "bert"]);
        let none = Member { tools: Tools::none(), ..member("anna") };
        let with = |change: fn(&mut Tools)| {
            let mut member = none.clone();
            change(&mut member.tools);
            member
        };
        let add_file = |tools: &mut Tools| tools.whiteboard = Some(WhiteboardTools { add_file: true, ..no_parts() });
        let changes: [fn(&mut Tools); 3] = [|tools| tools.file_upload = true, |tools| tools.snapshot = true, add_file];
        for (kind, change) in FileKind::ALL.into_iter().zip(changes) {
            assert!(matches!(check(&room, &none, &new(kind), false), Err(Denied::NotAllowed(_))), "{kind:?}");
            for other in FileKind::ALL {
                assert_eq!(
                    check(&room, &with(change), &new(other), false).is_ok(),
                    other == kind,
                    "{kind:?} {other:?}"
                );
            }
        }
        let board = with(|tools| tools.whiteboard = Some(no_parts()));
        assert!(check(&room, &board, &new(FileKind::BoardImage), false).is_err());
    }

    #[test]
    fn who_was_asked_may_answer_with_their_own_picture_only() {
        let (_, room) = room("room", &["anna", "bert"]);
        let none = Member { tools: Tools::none(), ..member("anna") };
        let request = |kind| NewFile { request: Some("snap_1".to_owned()), of: Some(id("bert")), ..new(kind) };
        assert_eq!(check(&room, &none, &request(FileKind::Snapshot), true), Ok(Some(id("anna"))));
        assert!(check(&room, &none, &request(FileKind::Snapshot), false).is_err());
        assert!(check(&room, &none, &request(FileKind::File), true).is_err());
        let with = member("anna");
        assert!(
            check(&room, &with, &request(FileKind::Snapshot), false).is_err(),
            "a request that is over is not open"
        );
    }

    #[test]
    fn a_still_is_of_somebody_in_the_room() {
        let (_, room) = room("room", &["anna", "bert"]);
        let of = |name| NewFile { of: Some(id(name)), ..new(FileKind::Snapshot) };
        assert_eq!(check(&room, &member("anna"), &of("bert"), false), Ok(Some(id("bert"))));
        assert_eq!(check(&room, &member("anna"), &of("carl"), false), Err(Denied::UnknownSubject));
        assert_eq!(check(&room, &member("anna"), &new(FileKind::Snapshot), false), Ok(None));
    }

    fn no_parts() -> WhiteboardTools {
        WhiteboardTools { add_file: false, cursor: false, text: false, shape: false, pen: false, eraser: false }
    }
}
