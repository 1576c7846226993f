//! `GET /teleconsultations` and `GET /teleconsultations/:roomId`.

use serde_json::{Value, json};

use crate::support::{Api, booking, booking_of, booking_with, patient};

async fn ids(api: &Api, query: &str) -> Vec<String> {
    let answer = api.at_desk(&format!("/teleconsultations{query}")).await;
    assert_eq!(answer.status, 200, "{}", answer.body);
    let listed = answer.json()["teleconsultations"].clone();
    listed.as_array().unwrap().iter().map(|one| one["roomId"].as_str().unwrap().to_owned()).collect()
}

async fn starting(api: &Api, start: &str) -> String {
    let mut booking = booking_with("end_date", Value::Null);
    booking["start_date"] = json!(start);
    booking["duration_in_seconds"] = json!(1800);
    api.schedule(&booking).await
}

#[tokio::test]
async fn one_is_shown_with_all_its_people_and_their_links_as_it_could_be_sent_back() {
    let api = Api::new();
    let id = api.schedule(&booking()).await;
    let shown = api.at_desk(&format!("/teleconsultations/{id}")).await.json();
    let people = shown["participants"]["data"].clone();
    let links: Vec<_> = people.as_array().unwrap().iter().map(|person| person["accessLinkURL"].clone()).collect();
    let expected = json!({
        "roomId": id,
        "start_date": "2026-01-01T11:00:00.000Z",
        "end_date": "2026-01-01T11:30:00.000Z",
        "participants": {"number": 2, "data": [
            {"userId": "doctor-1", "groups": ["doctor"], "role": "plus", "fullName": "Ada Marino", "language": "it",
             "accessLinkURL": links[0], "presence": null},
            {"userId": "patient-1", "groups": ["patient"], "role": "basic", "fullName": "Luca Conti", "language": null,
             "accessLinkURL": links[1], "presence": null},
        ]},
        "complete": true, "frozen": false, "sequence": 1,
    });
    assert_eq!(shown, expected);
    let answer = api.at_desk("/teleconsultations").await.json();
    assert_eq!(answer, json!({"teleconsultations": [expected], "next": null, "unreadable": 0}));

    // The links are those that the people themselves will see.
    let change = json!({"participants": shown["participants"]});
    assert_eq!(api.call("PATCH", &format!("/teleconsultation/{id}"), &change).await.status, 204);
    api.at("2026-01-01T10:50:00Z");
    let shown = api.at_desk(&format!("/teleconsultations/{id}")).await.json();
    assert_eq!((&shown["frozen"], &shown["sequence"]), (&json!(true), &json!(2)));
    for (index, user) in ["doctor-1", "patient-1"].into_iter().enumerate() {
        assert_eq!(shown["participants"]["data"][index]["accessLinkURL"], api.link_of(user, &id).await);
    }
}

#[tokio::test]
async fn those_of_a_span_are_listed_in_the_order_in_which_they_begin_page_by_page() {
    let api = Api::new();
    let third = starting(&api, "2026-01-02T10:00:00Z").await;
    let first = starting(&api, "2026-01-01T11:00:00Z").await;
    let second = starting(&api, "2026-01-02T09:59:59.999Z").await;
    let fourth = starting(&api, "2026-01-31T09:59:59Z").await;
    let late = starting(&api, "2026-02-01T10:00:00Z").await;
    assert_eq!(ids(&api, "").await, [&first, &second, &third, &fourth].map(Clone::clone));
    assert_eq!(
        ids(&api, "?from=2026-01-02T10:00:00Z&to=2026-01-03T00:00:00%2B01:00").await,
        std::slice::from_ref(&third)
    );
    assert_eq!(ids(&api, "?from=2026-02-01T10:00:00Z").await, std::slice::from_ref(&late));

    let mut query = "?limit=2&to=2027-01-01T00:00:00Z".to_owned();
    let mut pages = Vec::new();
    loop {
        let answer = api.at_desk(&format!("/teleconsultations{query}")).await.json();
        pages.push(ids(&api, &query).await);
        let Some(next) = answer["next"].as_str() else { break };
        query = format!("?limit=2&to=2027-01-01T00:00:00Z&after={next}");
    }
    assert_eq!(pages, [vec![first, second], vec![third, fourth], vec![late]]);
}

#[tokio::test]
async fn one_that_is_not_complete_has_no_links_and_one_that_was_cancelled_is_not_there() {
    let api = Api::new();
    let id = api.schedule(&booking_of(2, &[patient()])).await;
    let shown = api.at_desk(&format!("/teleconsultations/{id}")).await.json();
    assert_eq!((&shown["complete"], &shown["participants"]["number"]), (&json!(false), &json!(2)));
    assert_eq!(shown["participants"]["data"][0]["accessLinkURL"], Value::Null);
    api.call_bare("DELETE", &format!("/teleconsultation/{id}")).await.is(204, "");
    let gone =
        format!("{{\"statusCode\":404,\"error\":\"Not Found\",\"message\":\"Room with id {id} not found on CRUD\"}}");
    api.at_desk(&format!("/teleconsultations/{id}")).await.is(404, &gone);
    assert_eq!(ids(&api, "").await, Vec::<String>::new());
    assert_eq!(api.at_desk("/teleconsultations/nonsense").await.status, 404);
}

#[tokio::test]
async fn a_damaged_record_is_counted_and_hides_no_other() {
    let api = Api::new();
    let damaged = starting(&api, "2026-01-01T11:00:00Z").await;
    let whole = starting(&api, "2026-01-01T12:00:00Z").await;
    api.store.damage(&domain::TeleconsultationId::parse(&damaged).unwrap());
    let answer = api.at_desk("/teleconsultations").await.json();
    assert_eq!(answer["unreadable"], 1);
    assert_eq!(ids(&api, "").await, [whole]);
}

#[tokio::test]
async fn a_query_that_is_wrong_is_named() {
    let api = Api::new();
    for (query, problem) in [
        ("from=tomorrow", "querystring.from must match format \"date-time\""),
        ("to=2026-01-01", "querystring.to must match format \"date-time\""),
        ("from=2026-01-02T00:00:00Z&to=2026-01-02T00:00:00Z", "querystring must have a 'to' that is after 'from'"),
        ("limit=0", "querystring.limit must be >= 1"),
        ("limit=201", "querystring.limit must be <= 200"),
        ("limit=many", "querystring.limit must be integer"),
        ("limit=99999999999999999999", "querystring.limit must be <= 200"),
        ("after=x", "querystring.after must be the 'next' of another page"),
        ("after=1-65F0c0ffee0123456789abcd", "querystring.after must be the 'next' of another page"),
        ("after=9999999999999999999-65f0c0ffee0123456789abcd", "querystring.after must be the 'next' of another page"),
        ("from=2026-01-01T00:00:00Z&from=2026-01-01T00:00:00Z", "querystring.from must be string"),
    ] {
        let answer = api.at_desk(&format!("/teleconsultations?{query}")).await;
        assert_eq!((answer.status.as_u16(), answer.json()["message"].as_str()), (400, Some(problem)), "{query}");
    }
    // The ends of time are moments too.
    for query in
        ["from=9999-12-30T00:00:00Z", "from=0001-01-01T00:00:00Z", "after=-62135596800000-65f0c0ffee0123456789abcd"]
    {
        assert_eq!(api.at_desk(&format!("/teleconsultations?{query}")).await.status, 200, "{query}");
    }
}

#[tokio::test]
async fn the_rules_for_bookings_are_told() {
    let rules = Api::new().at_desk("/teleconsultations/rules").await.json();
    let expected = json!({
        "plusGroups": ["doctor"], "basicGroups": ["patient"], "peopleAreLookedUp": false,
        "immutablePeriodMs": 600_000, "durationMinInSeconds": 300, "durationMaxInSeconds": null,
        "presenceIsKnown": false, "qualityIsKnown": false,
    });
    assert_eq!(rules, expected);
}
