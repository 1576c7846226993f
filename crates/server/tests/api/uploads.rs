//! `DELETE /teleconsultation/:roomId/uploads` (contract §6.6).

use app::Policy;
use domain::RoomRef;
use ports::fake::ProviderFailure;
use teleconsultation_server::http::identity::{IdentityPath, Step};

use crate::support::{Api, booking, booking_of, patient, policy};

fn deleting() -> Api {
    Api::with(Policy { delete_uploads: true, ..policy() }, IdentityPath::header("miauserid"))
}

/// The only room there is.
fn room(api: &Api) -> RoomRef {
    api.provider.rooms().into_values().next().unwrap().opened.room
}

#[tokio::test]
async fn where_files_are_not_deleted_nothing_is_and_nobody_is_asked() {
    let api = Api::new();
    let id = api.schedule(&booking()).await;
    api.provider.share(&room(&api), 2, 0);
    for prefix in ["", "/api/v1/telecons-be"] {
        api.call_bare("DELETE", &format!("{prefix}/teleconsultation/{id}/uploads")).await.is(204, "");
    }
    api.call_as("stranger", "DELETE", &format!("/teleconsultation/{id}/uploads")).await.is(204, "");
    api.call_bare("DELETE", "/teleconsultation/nonsense/uploads").await.is(204, "");
    let shared = ports::provider::VideoProvider::delete_uploads(&*api.provider, &room(&api)).await.unwrap();
    assert_eq!(shared.total, 2);
}

#[tokio::test]
async fn files_are_counted_and_those_that_stayed_are_deleted_the_next_time() {
    let api = deleting();
    let id = api.schedule(&booking()).await;
    api.provider.share(&room(&api), 3, 1);
    let path = format!("/api/v1/telecons-be/teleconsultation/{id}/uploads");
    api.call_bare("DELETE", &path).await.is(200, r#"{"total":3,"deleted":2}"#);
    api.call_as("patient-1", "DELETE", &path).await.is(200, r#"{"total":1,"deleted":1}"#);
    api.call_as("doctor-1", "DELETE", &path).await.is(200, r#"{"total":0,"deleted":0}"#);
}

#[tokio::test]
async fn without_a_room_there_are_no_files() {
    let api = deleting();
    let id = api.schedule(&booking_of(2, &[patient()])).await;
    let answer = api.call_bare("DELETE", &format!("/teleconsultation/{id}/uploads")).await;
    answer.is(200, r#"{"total":0,"deleted":0}"#);
}

#[tokio::test]
async fn whoever_is_named_must_be_one_of_the_people_and_the_room_must_be_known() {
    let step = |name: &str| Step::Object(name.to_owned());
    let path = vec![step("headers"), step("miauserid"), Step::Json("customUserId".to_owned())];
    let in_json = Api::with(Policy { delete_uploads: true, ..policy() }, IdentityPath::new(path).unwrap());
    let unauthorized = r#"{"error":"Unauthorized user"}"#;
    let id = in_json.schedule(&booking()).await;
    let unreadable = in_json.call_as("{}", "DELETE", &format!("/teleconsultation/{id}/uploads")).await;
    unreadable.is(401, unauthorized);

    let api = deleting();
    let id = api.schedule(&booking()).await;
    api.call_as("stranger", "DELETE", &format!("/teleconsultation/{id}/uploads")).await.is(401, unauthorized);
    for unknown in ["65f0c0ffee0123456789abcd", "nonsense"] {
        let answer = api.call_bare("DELETE", &format!("/teleconsultation/{unknown}/uploads")).await;
        let text = format!(
            "{{\"statusCode\":404,\"error\":\"Not Found\",\"message\":\"Room with id {unknown} not found on CRUD\"}}"
        );
        answer.is(404, &text);
    }
    api.call_bare("DELETE", &format!("/teleconsultation/{id}")).await.is(204, "");
    assert_eq!(api.call_bare("DELETE", &format!("/teleconsultation/{id}/uploads")).await.status, 404);
}

#[tokio::test]
async fn a_provider_that_is_out_is_said_so() {
    let api = deleting();
    let id = api.schedule(&booking()).await;
    api.provider.fail_next(ProviderFailure::UnavailableBefore);
    let answer = api.call_bare("DELETE", &format!("/teleconsultation/{id}/uploads")).await;
    answer.is(
        503,
        r#"{"statusCode":503,"error":"Service Unavailable","message":"The video provider is unavailable: try again later"}"#,
    );
    assert_eq!(answer.headers["retry-after"], "2");
}
