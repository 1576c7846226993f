use super::*;

fn user(name: &str) -> ProviderUserId {
    ProviderUserId::parse(name).unwrap()
}

const NO_TOOLS: WhiteboardTools =
    WhiteboardTools { add_file: false, cursor: false, text: false, shape: false, pen: false, eraser: false };

fn element(id: &str, kind: &str, version: u64, nonce: u64, more: &str) -> Drawn {
    let json = format!(r#"{{"id":"{id}","type":"{kind}","version":{version},"versionNonce":{nonce}{more}}}"#);
    Drawn::parse(0, &json).unwrap()
}

fn draw(board: &mut Board, who: &str, tools: WhiteboardTools, drawn: Vec<Drawn>) -> (Vec<String>, Vec<(String, Code)>) {
    let user = user(who);
    let has_file = |file: &FileId| file.0 == "file_1";
    let decision = board.decide(drawn, &Drawer { user: &user, tools, has_file: &has_file });
    board.apply(decision.save);
    let kept = decision.kept.into_iter().map(|id| id.0).collect();
    (kept, decision.refused.into_iter().map(|refused| (refused.id, refused.code)).collect())
}

fn version(board: &Board, id: &str) -> (u64, u64) {
    let element = &board.elements[&ElementId(id.to_owned())];
    (element.version, element.nonce)
}

#[test]
fn each_type_needs_its_own_permission_to_be_drawn_and_to_be_changed() {
    let cases = [
        ("freedraw", WhiteboardTools { pen: true, ..NO_TOOLS }),
        ("rectangle", WhiteboardTools { shape: true, ..NO_TOOLS }),
        ("arrow", WhiteboardTools { shape: true, ..NO_TOOLS }),
        ("text", WhiteboardTools { text: true, ..NO_TOOLS }),
        ("image", WhiteboardTools { add_file: true, ..NO_TOOLS }),
    ];
    for (kind, tools) in cases {
        let mut board = Board::default();
        let drawn = |version| vec![element("a", kind, version, 1, r#","fileId":"file_1""#)];
        let all_others = WhiteboardTools {
            add_file: !tools.add_file,
            text: !tools.text,
            shape: !tools.shape,
            pen: !tools.pen,
            ..WhiteboardTools::ALL
        };
        let refused = vec![("a".to_owned(), Code::NotAllowed)];
        assert_eq!(draw(&mut board, "anna", all_others, drawn(1)), (vec![], refused.clone()), "{kind}");
        assert_eq!(draw(&mut board, "anna", tools, drawn(1)).0, ["a"], "{kind}");
        assert_eq!(draw(&mut board, "bert", all_others, drawn(2)), (vec![], refused), "{kind}");
        assert_eq!(version(&board, "a"), (1, 1));
    }
}

#[test]
fn an_element_does_not_become_of_another_type_by_who_may_not_draw_both() {
    let mut board = Board::default();
    draw(&mut board, "anna", WhiteboardTools::ALL, vec![element("a", "text", 1, 1, "")]);
    let pen = WhiteboardTools { pen: true, ..NO_TOOLS };
    let refused = draw(&mut board, "bert", pen, vec![element("a", "freedraw", 2, 1, "")]).1;
    assert_eq!(refused, [("a".to_owned(), Code::NotAllowed)]);
}

#[test]
fn erasing_needs_the_eraser_unless_it_is_ones_own() {
    let mut board = Board::default();
    let gone = |id, version| vec![element(id, "text", version, 1, r#","isDeleted":true,"text":"changed""#)];
    let there = |id| vec![element(id, "text", 1, 1, r#","text":"was""#)];
    let (text, eraser) = (WhiteboardTools { text: true, ..NO_TOOLS }, WhiteboardTools { eraser: true, ..NO_TOOLS });
    draw(&mut board, "anna", text, [there("a"), there("b")].concat());
    assert_eq!(draw(&mut board, "bert", text, gone("a", 2)).1, [("a".to_owned(), Code::NotAllowed)]);
    assert_eq!(draw(&mut board, "bert", eraser, gone("a", 2)).0, ["a"]);
    let body = &board.elements[&ElementId("a".to_owned())].body;
    assert!(body.contains(r#""isDeleted":true"#) && body.contains(r#""text":"was""#), "{body}");
    assert_eq!(draw(&mut board, "anna", text, gone("b", 2)).0, ["b"]);
    let back = vec![element("a", "text", 3, 1, "")];
    assert_eq!(draw(&mut board, "bert", eraser, back).1, [("a".to_owned(), Code::NotAllowed)]);
}

#[test]
fn who_may_not_erase_makes_nothing_of_others_disappear() {
    let mut board = Board::default();
    let stroke = |version, more: &str| vec![element("a", "freedraw", version, 1, more)];
    let pen = WhiteboardTools { pen: true, ..NO_TOOLS };
    draw(&mut board, "anna", pen, stroke(1, r#","x":1,"opacity":100,"points":[[0,0],[5,5]],"boundElements":null"#));
    let refused = [("a".to_owned(), Code::NotAllowed)];
    for gone in [
        r#","x":1,"opacity":0,"points":[[0,0],[5,5]]"#,
        r#","x":1,"opacity":100,"points":[]"#,
        r#","x":1e9,"opacity":100,"points":[[0,0],[5,5]]"#,
    ] {
        assert_eq!(draw(&mut board, "bert", pen, stroke(2, gone)).1, refused, "{gone}");
    }
    let bound =
        r#","x":1,"opacity":100,"points":[[0,0],[5,5]],"boundElements":[{"id":"b","type":"arrow"}],"index":"a1""#;
    assert_eq!(draw(&mut board, "bert", pen, stroke(2, bound)).0, ["a"], "it looks the same");
    assert_eq!(draw(&mut board, "anna", pen, stroke(3, r#","opacity":0"#)).0, ["a"], "her own");
    let erases = WhiteboardTools { eraser: true, ..pen };
    assert_eq!(draw(&mut board, "bert", erases, stroke(4, r#","opacity":50"#)).0, ["a"]);
    assert_eq!(draw(&mut board, "anna", pen, stroke(5, r#","isDeleted":true"#)).0, ["a"]);
    assert_eq!(draw(&mut board, "bert", pen, stroke(6, "")).1, refused, "nor does it come back");
}

#[test]
fn nobody_puts_an_element_out_of_others_reach_by_its_version() {
    let mut board = Board::default();
    let text = |version| vec![element("a", "text", version, 0, "")];
    let refused = [("a".to_owned(), Code::Invalid)];
    let all = WhiteboardTools::ALL;
    for version in [crate::limits::INTEGER_MAX, VERSION_STEP_MAX + 1] {
        assert_eq!(draw(&mut board, "anna", all, text(version)).1, refused);
    }
    assert_eq!(draw(&mut board, "anna", all, text(VERSION_STEP_MAX)).0, ["a"]);
    assert_eq!(draw(&mut board, "bert", all, text(2 * VERSION_STEP_MAX + 1)).1, refused);
    assert_eq!(draw(&mut board, "bert", all, text(2 * VERSION_STEP_MAX)).0, ["a"]);
}

#[test]
fn a_picture_shows_a_file_of_the_room() {
    let mut board = Board::default();
    let image = |file: &str| vec![element("a", "image", 1, 1, &format!(r#","fileId":"{file}""#))];
    let refused = draw(&mut board, "anna", WhiteboardTools::ALL, image("file_2")).1;
    assert_eq!(refused, [("a".to_owned(), Code::Unknown)]);
    assert_eq!(draw(&mut board, "anna", WhiteboardTools::ALL, image("file_1")).0, ["a"]);
}

#[test]
fn what_is_outdated_is_neither_kept_nor_refused_and_the_drawer_learns_what_holds() {
    let mut board = Board::default();
    let (anna, all) = (user("anna"), WhiteboardTools::ALL);
    draw(&mut board, "anna", all, vec![element("a", "text", 5, 10, "")]);
    let has_file = |_: &FileId| false;
    let drawer = Drawer { user: &anna, tools: all, has_file: &has_file };
    for (version, nonce, kept) in [(5, 10, true), (4, 1, false), (5, 11, false), (5, 9, true), (6, 99, true)] {
        let decision = board.decide(vec![element("a", "text", version, nonce, "")], &drawer);
        assert_eq!((decision.kept.len(), decision.refused.len()), (usize::from(kept), 0), "{version} {nonce}");
        assert_eq!(decision.differing.len(), usize::from(!kept), "{version} {nonce}");
    }
}

#[test]
fn a_board_ends_up_the_same_in_whichever_order_and_however_often_changes_come() {
    let mut random = fastrand::Rng::with_seed(7);
    for _ in 0..200 {
        let mut changes: Vec<_> = (0..40)
            .map(|_| {
                let (id, version, nonce) = (random.u8(0..5).to_string(), random.u64(1..6), random.u64(0..3));
                // Of one element, version and nonce there is one content.
                let deleted = (version + nonce) % 3 == 0;
                element(&id, "text", version, nonce, &format!(r#","isDeleted":{deleted}"#))
            })
            .collect();
        let mut ends = Vec::new();
        for _ in 0..4 {
            random.shuffle(&mut changes);
            let mut board = Board::default();
            let mut rest = changes.as_slice();
            while !rest.is_empty() {
                let (now, later) = rest.split_at(random.usize(1..=rest.len().min(7)));
                draw(&mut board, "anna", WhiteboardTools::ALL, now.to_vec());
                if random.bool() {
                    draw(&mut board, "bert", WhiteboardTools::ALL, now.to_vec());
                }
                rest = later;
            }
            let end: Vec<_> =
                board.elements.values().map(|element| (element.id.clone(), element.body.clone())).collect();
            assert_eq!(board.bytes, end.iter().map(|(_, body)| body.len()).sum::<usize>());
            ends.push(end);
        }
        assert!(ends.windows(2).all(|two| two[0] == two[1]));
    }
}

#[test]
fn a_full_board_takes_only_what_makes_it_smaller() {
    let mut board = Board::default();
    let big = "x".repeat(200_000);
    let large = |id: usize, version| element(&id.to_string(), "text", version, 1, &format!(r#","text":"{big}""#));
    let kept =
        (0..100).map(|id| draw(&mut board, "anna", WhiteboardTools::ALL, vec![large(id, 1)]).0.len()).sum::<usize>();
    assert_eq!(kept, BOARD_BYTES_MAX / (200_000 + 67));
    let refused = draw(&mut board, "anna", WhiteboardTools::ALL, vec![large(99, 1)]).1;
    assert_eq!(refused, [("99".to_owned(), Code::TooMany)]);
    assert_eq!(draw(&mut board, "anna", WhiteboardTools::ALL, vec![element("1", "text", 2, 1, "")]).0, ["1"]);

    let mut board = Board::default();
    let small = |id: usize| element(&id.to_string(), "text", 1, 1, "");
    let kept: usize = (0..6000).map(|id| draw(&mut board, "anna", WhiteboardTools::ALL, vec![small(id)]).0.len()).sum();
    assert_eq!(kept, BOARD_ELEMENTS_MAX);
}
