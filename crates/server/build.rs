//! Builds the pages into `web/dist`, from where they go into the program, whenever their sources are newer.

use std::{
    env, fs, io,
    path::{Path, PathBuf},
    process::{Command, exit},
    time::SystemTime,
};

/// What the pages are built from, below `web/`.
const SOURCES: [&str; 10] = [
    "src",
    "call",
    "waiting",
    "desk",
    "package.json",
    "package-lock.json",
    "tsconfig.json",
    "vite.config.ts",
    "excalidraw.plugin.ts",
    "segmentation.plugin.ts",
];

fn main() {
    // As it is now: this may have been compiled for another checkout that shares the target folder.
    let Some(here) = env::var_os("CARGO_MANIFEST_DIR") else {
        eprintln!("CARGO_MANIFEST_DIR is not set: this is run by Cargo");
        exit(1);
    };
    let web = Path::new(&here).join("../../web");
    for source in SOURCES {
        println!("cargo::rerun-if-changed={}", web.join(source).display());
    }
    println!("cargo::rerun-if-changed={}", web.join("dist/call/index.html").display());
    if let Err(problem) = build(&web) {
        eprintln!("{problem}");
        exit(1);
    }
}

fn build(web: &Path) -> Result<(), String> {
    let page = web.join("dist/call/index.html");
    let built = modified(&page);
    let changed = SOURCES.iter().filter_map(|source| newest(&web.join(source)).ok()).max();
    if built.is_some() && built >= changed {
        return Ok(());
    }
    let npm = if cfg!(windows) { "npm.cmd" } else { "npm" };
    if Command::new(npm).arg("--version").output().is_err() {
        return Err(format!(
            "The pages in web/ are {} and npm is not on the PATH. Install Node.js 20.19 or later, or copy a built web/dist here.",
            if built.is_some() { "newer than web/dist" } else { "not built" }
        ));
    }
    let installed = modified(&web.join("node_modules/.package-lock.json"));
    if installed.is_none() || installed < modified(&web.join("package-lock.json")) {
        run(web, npm, &["ci", "--no-audit", "--no-fund"])?;
    }
    run(web, npm, &["run", "build"])?;
    modified(&page).map(|_| ()).ok_or_else(|| format!("`npm run build` in web/ did not make {}", page.display()))
}

fn run(web: &Path, npm: &str, arguments: &[&str]) -> Result<(), String> {
    let command = format!("`npm {}` in web/", arguments.join(" "));
    let output = Command::new(npm).args(arguments).current_dir(web).output();
    let output = output.map_err(|error| format!("{command} could not be started: {error}"))?;
    if output.status.success() {
        return Ok(());
    }
    let said = [output.stdout, output.stderr].map(|text| String::from_utf8_lossy(&text).into_owned()).concat();
    Err(format!("{command} failed, so the pages cannot be built:\n{said}"))
}

fn modified(path: &Path) -> Option<SystemTime> {
    fs::metadata(path).and_then(|metadata| metadata.modified()).ok()
}

/// When anything in `path` was last changed.
fn newest(path: &Path) -> io::Result<SystemTime> {
    let metadata = fs::metadata(path)?;
    let mut newest = metadata.modified()?;
    if metadata.is_dir() {
        let entries: Vec<PathBuf> =
            fs::read_dir(path)?.map(|entry| entry.map(|it| it.path())).collect::<Result<_, _>>()?;
        for entry in entries {
            newest = newest.max(self::newest(&entry)?);
        }
    }
    Ok(newest)
}
