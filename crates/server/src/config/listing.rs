//! The settings as a document.

use std::fmt::Write as _;

use super::settings::{Effect, GROUPS, Setting};

/// `docs/configuration.md`.
pub fn markdown() -> String {
    let mut text = String::from(
        "# Configuration\n\n\
         <!-- Written by `teleconsultation print-settings`; do not edit. -->\n\n\
         Settings come from defaults, then from the JSON file that `TELECONSULTATION_SETTINGS_PATH` names, then from the environment.\n\
         They are read once, at the start; `teleconsultation check-config` reads them and does nothing else. A wrong value, an unknown\n\
         name in the file and an impossible combination stop the start with a sentence that names the setting. An empty value counts as\n\
         none.\n",
    );
    for group in GROUPS {
        // Writing to a `String` never fails.
        let _ =
            write!(text, "\n## {}\n\n| setting | takes | default | example | |\n|---|---|---|---|---|\n", group.title);
        for setting in group.settings {
            let _ = writeln!(
                text,
                "| {} | {} | {} | `{}` | {}{} |",
                names(setting),
                setting.takes,
                setting.default,
                setting.example,
                setting.doc,
                effect(setting.effect)
            );
        }
    }
    text
}

fn names(setting: &Setting) -> String {
    let Setting { name, alias, effect, .. } = setting;
    let alias = alias.map(|alias| format!(", also `{alias}`")).unwrap_or_default();
    let file = if *effect == Effect::Secret { format!(", or a file with it: `{name}_FILE`") } else { String::new() };
    format!("`{name}`{alias}{file}")
}

fn effect(effect: Effect) -> &'static str {
    match effect {
        Effect::Works | Effect::Secret => "",
        Effect::Accepted => " Accepted without effect.",
    }
}

#[cfg(test)]
mod tests {
    #[test]
    fn the_committed_document_is_what_the_code_says() {
        let committed = concat!(env!("CARGO_MANIFEST_DIR"), "/../../docs/configuration.md");
        let committed = std::fs::read_to_string(committed).unwrap_or_default();
        assert!(committed == super::markdown(), "`cargo run -- print-settings > docs/configuration.md`");
    }
}
