//! The program.

fn main() {
    println!("{}", serde_json::to_string_pretty(&teleconsultation_server::http::documentation::document()).unwrap());
}
